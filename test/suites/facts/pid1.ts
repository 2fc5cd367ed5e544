/** PID 1 of a PID namespace, and a process that has several PIDs. pid_namespaces(7). */
import type { Fact } from './fact.ts';

/** Runs a container in the background and gives its name; `seen` looks at it a moment later. */
const detached = (name: string, script: string): string => `docker run -d --name ${name} busybox sh -c '${script}'`;
const loop = 'while :; do sleep 0.1; done';
const pid = (name: string): string => `$(docker inspect -f "{{.State.Pid}}" ${name})`;
const gone = (name: string): string => `docker rm -f ${name}`;
const state = (name: string): string => `docker inspect -f "{{.State.Status}} {{.State.ExitCode}}" ${name}`;

export const pidFacts: readonly Fact[] = [
  {
    fact: 'The first process of a PID namespace has PID 1',
    lines: ["docker run --rm busybox sh -c 'echo $$'"],
    shows: '1',
  },
  {
    fact: 'PID 1 does not see a parent',
    lines: ['docker run --rm busybox grep PPid /proc/1/status'],
    shows: 'PPid:\t0',
  },
  {
    fact: 'From inside PID 1 is immune even to SIGKILL',
    lines: ["docker run --rm busybox sh -c 'kill -KILL 1; kill -TERM 1; kill -STOP 1; echo alive'"],
    shows: 'alive',
  },
  {
    fact: 'From inside PID 1 gets what it has a handler for',
    lines: ['docker run --rm busybox sh -c \'trap "echo caught" TERM; kill -TERM 1; echo alive\''],
    shows: 'caught\nalive',
  },
  {
    fact: 'From outside SIGTERM does nothing to a PID 1 without a handler',
    lines: [detached('deaf', loop), `kill -TERM ${pid('deaf')}; sleep 1; ${state('deaf')}`],
    shows: 'running 0',
  },
  {
    fact: 'From outside SIGKILL ends it',
    lines: [`kill -KILL ${pid('deaf')}; sleep 2; ${state('deaf')}`],
    shows: 'exited 137',
  },
  { fact: '… and it leaves nothing', lines: [gone('deaf')], shows: 'deaf' },
  {
    fact: 'From outside SIGTERM reaches a handler of PID 1',
    lines: [
      detached('polite', `trap "exit 7" TERM; ${loop}`),
      'sleep 1',
      `kill -TERM ${pid('polite')}; sleep 2; ${state('polite')}; ${gone('polite')} >/dev/null`,
    ],
    shows: 'exited 7',
  },
  {
    fact: 'One process has a PID in each PID namespace it is in',
    lines: [
      detached('two', loop),
      `grep NSpid /proc/${pid('two')}/status | wc -w; grep NSpid /proc/${pid('two')}/status | cut -f3`,
    ],
    shows: '3\n1',
  },
  {
    fact: 'Inside only the own PID is shown',
    lines: ['docker exec two grep NSpid /proc/1/status'],
    shows: 'NSpid:\t1',
  },
  {
    fact: 'What comes in by exec counts on from there and has no parent inside',
    lines: ["docker exec two sh -c 'grep PPid /proc/$$/status; [ $$ -gt 1 ] && echo more than 1'"],
    shows: 'PPid:\t0\nmore than 1',
  },
  {
    fact: 'When PID 1 dies all others of the namespace are killed',
    lines: [
      'docker exec -d two sleep 4242',
      `sleep 1; ps -o args | grep -c "^sleep 4242"; kill -KILL ${pid('two')}; sleep 2; ps -o args | grep -c "^sleep 4242"; ${gone('two')} >/dev/null`,
    ],
    shows: '1\n0',
  },
  {
    fact: 'An orphan inside becomes a child of PID 1 inside',
    lines: ['docker run --rm busybox sh -c \'sh -c "sleep 1 & echo \\$!" >/p; grep PPid /proc/$(cat /p)/status\''],
    shows: 'PPid:\t1',
  },
  {
    fact: 'PID 1 that never waits collects zombies',
    lines: [
      'docker run --rm busybox sh -c \'sh -c "sh -c true & sleep 0.1 &" ; exec sh -c "trap : USR1; sleep 0.4; grep -l ^State:.Z /proc/[0-9]*/status | wc -l" \'',
    ],
    shows: '0',
  },
];
