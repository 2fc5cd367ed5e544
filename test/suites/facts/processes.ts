/** Processes: exit statuses, orphans and zombies, signals, process groups. wait(2), signal(7), proc(5). */
import type { Fact } from './fact.ts';

/** PID 1 of the host reaps at once; a parent that does not wait leaves a zombie. */
const neglectful = "sh -c 'true & exec sleep 2' & sleep 1";

export const processFacts: readonly Fact[] = [
  { fact: 'An exit status is cut to eight bits', lines: ["sh -c 'exit 257'; echo $?"], shows: '1' },
  {
    fact: 'A process that a signal ends has 128 and the number of the signal as status in the shell',
    lines: ['for s in HUP INT KILL USR1 PIPE TERM; do sh -c "kill -$s \\$\\$" 2>/dev/null; echo $?; done | xargs'],
    shows: '129 130 137 138 141 143',
  },
  {
    fact: 'What is not found is 127, what cannot be executed 126',
    lines: ['nowhere 2>/dev/null; echo $?; /etc 2>/dev/null; echo $?'],
    shows: '127\n126',
  },
  {
    fact: 'CHLD, URG, WINCH and CONT are ignored by default',
    lines: ["sh -c 'for s in CHLD URG WINCH CONT; do kill -$s $$; done; echo alive'"],
    shows: 'alive',
  },
  {
    fact: 'KILL and STOP cannot be caught or ignored',
    lines: ['sh -c \'trap "" KILL TERM; kill -TERM $$; echo deaf; kill -KILL $$; echo never\' 2>/dev/null; echo $?'],
    shows: 'deaf\n137',
  },
  {
    fact: 'What is ignored stays ignored over execve, a handler does not',
    lines: [
      'sh -c \'trap "" USR1; exec sh -c "kill -USR1 \\$\\$; echo alive"\'; sh -c \'trap : USR1; exec sh -c "kill -USR1 \\$\\$; echo alive"\' 2>/dev/null; echo $?',
    ],
    shows: 'alive\n138',
  },
  {
    fact: 'A stopped process is in state T until CONT comes',
    lines: [
      'sleep 5 & kill -STOP $!; sleep 0.5; grep State /proc/$!/status; kill -CONT $!; sleep 0.5; grep State /proc/$!/status; kill -9 $!',
    ],
    shows: 'State:\tT (stopped)\nState:\tS (sleeping)',
  },
  {
    fact: 'A stopped process takes SIGKILL, and holds back SIGTERM',
    lines: [
      'sleep 5 & p=$!; kill -STOP $p; sleep 0.5; kill -TERM $p; sleep 0.5; cut -d" " -f3 /proc/$p/stat; kill -KILL $p; wait $p 2>/dev/null; echo $?',
    ],
    shows: 'T\n137',
  },
  {
    fact: 'A child that nobody waits for is a zombie',
    lines: [`${neglectful}; grep -l '^State:.Z' /proc/[0-9]*/status | wc -l; wait`],
    shows: '1',
  },
  {
    fact: 'A zombie has no command line and no memory map, and kill finds it',
    lines: [
      `${neglectful}; z=$(grep -l '^State:.Z' /proc/[0-9]*/status | cut -d/ -f3); wc -c </proc/$z/cmdline; grep -c Vm /proc/$z/status; kill -9 $z && echo found; wait`,
    ],
    shows: '0\n0\nfound',
  },
  {
    fact: 'ps puts the name of a zombie into brackets',
    lines: [`${neglectful}; ps -o stat,comm,args | grep '^Z'; wait`],
    shows: 'Z    sh               [sh]',
  },
  {
    fact: 'An orphan becomes a child of PID 1',
    lines: [
      "sh -c 'sleep 2 & echo $!' >/tmp/orphan; grep PPid /proc/$(cat /tmp/orphan)/status; sleep 4; ls -d /proc/$(cat /tmp/orphan) 2>/dev/null | wc -l",
    ],
    shows: 'PPid:\t1\n0',
  },
  {
    fact: 'A signal to a negative number goes to the process group',
    lines: [
      'setsid sh -c \'echo $$ >/tmp/group; sleep 5 & sleep 5 & wait\' & until [ $(ps -o args | grep -c "^sleep 5") = 2 ]; do sleep 0.1; done; kill -TERM -$(cat /tmp/group); wait $! 2>/dev/null; echo $?; ps -o args | grep -c "^sleep 5"',
    ],
    shows: '143\n0\nexit 1',
  },
  {
    fact: 'setsid makes a session and a process group of its own',
    lines: ['true; setsid sh -c \'cut -d" " -f5,6 /proc/$$/stat | sed "s/$$/own/g"\'; true'],
    shows: 'own own',
  },
  {
    fact: 'kill with signal 0 only asks whether the process is there',
    lines: ['sleep 1 & kill -0 $! && echo there; kill -9 $!; wait $! 2>/dev/null; kill -0 $! 2>&1 | sed "s/.*: //"'],
    shows: 'there\nNo such process',
  },
  {
    fact: 'A writer whose reader is gone is ended by SIGPIPE',
    lines: ['{ sh -c "yes; echo never"; echo $? >&2; } 2>/tmp/status | head -n 1; cat /tmp/status'],
    shows: 'y\n141',
  },
  {
    fact: 'Real-time signals have numbers and no names',
    lines: ['sleep 100 & kill -40 $!; wait $!; echo $?; kill -l 40', 'sh -c \'trap "echo got" 40; kill -40 $$; trap\''],
    shows: "got\ntrap -- 'echo got' 40",
  },
  {
    fact: 'What a real-time signal ends says so by its number',
    lines: ['sleep 100 & kill -34 $!; wait $!; echo $?; kill -l 34'],
    shows: '162\n34\nReal-time signal 0',
  },
  {
    fact: 'A nice value lies between -20 and 19, and is seen as priority',
    lines: [
      "sleep 100 & p=$!; renice 5 $p; cut -d' ' -f18,19 /proc/$p/stat; renice -n 100 $p; cut -d' ' -f18,19 /proc/$p/stat; kill -9 $p; renice 1 4999999",
    ],
    shows: '25 5\n39 19\nrenice: setpriority: No such process\nexit 1',
  },
  {
    fact: 'Whoever may write a file may touch it, and its owner alone may choose the time',
    lines: [
      "docker run --name touched busybox sh -c 'touch /free; chmod 666 /free'",
      'docker commit touched touchable',
      "docker run --rm -u 1 touchable sh -c 'touch /etc/passwd; echo $?; touch /free; echo $?; touch -d @5 /free; echo $?'",
    ],
    shows: '1\n0\n1\ntouch: /etc/passwd: Permission denied\ntouch: /free: Operation not permitted',
  },
];
