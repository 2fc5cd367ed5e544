/** Processes: exit statuses, orphans and zombies, process groups, and PID 1 of a PID namespace. wait(2), pid_namespaces(7). */
import type { Fact } from './fact.ts';

export const processFacts: readonly Fact[] = [
  { fact: 'An exit status is cut to eight bits', lines: ["sh -c 'exit 257'; echo $?"], shows: '1' },
  {
    fact: 'A process that a signal ends has 128 and the number of the signal as status in the shell',
    lines: ['for s in HUP INT KILL USR1 PIPE TERM; do sh -c "kill -$s \\$\\$" 2>/dev/null; echo $?; done | xargs'],
    shows: '129 130 137 138 141 143',
  },
];
