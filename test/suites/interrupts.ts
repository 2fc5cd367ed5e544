/**
 * What Ctrl-C does to a client that waits, as tried with Docker's own: SIGINT is passed on by 20.10.24 and 28.2.2 alike; that
 * the third ends the client, with those words and exit status 1, is 28.2.2's.
 */
export interface InterruptCase {
  readonly name: string;
  readonly before?: readonly string[];
  /** It waits until it is interrupted so often. */
  readonly line: string;
  readonly interrupts: number;
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
  /** What `docker ps --format {{.Names}}` says afterwards. */
  readonly left: string;
}

const forever = 'while :; do sleep 1000; done';
const leaves = { exitCode: 1, stdout: '', stderr: '\ngot 3 SIGTERM/SIGINTs, forcefully exiting\n' } as const;
const dies = { interrupts: 1, exitCode: 130, stdout: '', stderr: '' } as const;
const running = [`docker run -d --name web busybox sh -c "${forever}"`];
const trapping = `docker run --name web busybox sh -c "trap 'echo got; exit 5' INT; while :; do sleep 1; done"`;

export const interruptCases: readonly InterruptCase[] = [
  {
    name: 'run: PID 1 has no handler, the third leaves',
    line: `docker run --name web busybox sh -c "${forever}"`,
    ...leaves,
    interrupts: 3,
    left: 'web\n',
  },
  {
    name: 'run: PID 1 has a handler',
    line: trapping,
    interrupts: 1,
    exitCode: 5,
    stdout: 'got\n',
    stderr: '',
    left: '',
  },
  {
    name: 'run --init: PID 1 hands it on',
    line: 'docker run --init -i --name web busybox cat',
    interrupts: 1,
    exitCode: 130,
    stdout: '',
    stderr: '',
    left: '',
  },
  {
    name: 'attach: the third leaves',
    before: running,
    line: 'docker attach web',
    ...leaves,
    interrupts: 3,
    left: 'web\n',
  },
  {
    name: 'run --sig-proxy=false: it is the client that ends',
    line: `docker run --sig-proxy=false --name web busybox sh -c "${forever}"`,
    ...dies,
    left: 'web\n',
  },
  { name: 'wait: it is the client that ends', before: running, line: 'docker wait web', ...dies, left: 'web\n' },
  {
    name: 'exec: it is the client that ends',
    before: running,
    line: `docker exec web sh -c "${forever}"`,
    ...dies,
    left: 'web\n',
  },
];
