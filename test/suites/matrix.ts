/**
 * The lifecycle matrix: nine states of a container by 31 commands, recorded on Docker 20.10.24
 * (test/fixtures/lifecycle-matrix.json), played on any target. For each cell a fresh container is brought into the state, the
 * command is run, and exit code, output, error output and the resulting state are compared with the recording.
 *
 * Kept true: no cell is passed over; the state before the command is proven as well; the
 * suite is proven on the real engine.
 */
import { readFileSync } from 'node:fs';
import { compareOutcomes, type Target } from '../../core/index.ts';

/** The seven fields of `State` that the recording has. */
export interface RecordedState {
  readonly Status: string;
  readonly Running: boolean;
  readonly Paused: boolean;
  readonly Restarting: boolean;
  readonly Dead: boolean;
  readonly ExitCode: number;
  readonly OOMKilled: boolean;
}

export interface MatrixCell {
  readonly state: string;
  readonly cmd: string;
  readonly argv: readonly string[];
  readonly rc: number;
  readonly out: string;
  readonly err: string;
  readonly before: RecordedState | null;
  readonly after: RecordedState | null;
}

export interface CellResult {
  readonly cell: MatrixCell;
  /** One sentence each: what was expected, what came. */
  readonly differences: readonly string[];
  readonly ms: number;
}

const file = new URL('../fixtures/lifecycle-matrix.json', import.meta.url);
export const matrixCells = JSON.parse(readFileSync(file, 'utf8')) as readonly MatrixCell[];

const sleeper = '--init --name cx-subj busybox sleep 300';
const running = `docker run -d ${sleeper}`;

/** How the container comes into each state. */
const recipes: Readonly<Record<string, readonly string[]>> = {
  absent: [],
  created: [`docker create ${sleeper}`],
  running: [running],
  paused: [running, 'docker pause cx-subj'],
  exited: [running, 'docker stop -t 1 cx-subj'],
  killed: [running, 'docker kill cx-subj'],
  exited0: ['docker run --name cx-subj busybox true'],
  failed: ["docker run --name cx-subj busybox sh -c 'exit 3'"],
  startfail: ['docker create --name cx-subj busybox nosuchprog', 'docker start cx-subj'],
};

/** A second tag of the image: without it `rmi` would remove the image and not only untag it. */
const prepare = 'docker tag busybox:latest cx-keep:latest';
/** What a command leaves beside the container. */
const cleanups: Readonly<Record<string, string>> = {
  rename: 'docker rm -f cx-subj2',
  commit: 'docker rmi -f cx-img',
  'rmi-img': 'docker tag cx-keep:latest busybox:latest',
};

const fields = ['Status', 'Running', 'Paused', 'Restarting', 'Dead', 'ExitCode', 'OOMKilled'] as const;
const inspect = `docker inspect -f '${fields.map((field) => `{{.State.${field}}}`).join(' ')}' cx-subj`;

/** The recording cut output at this length. */
const recordedLength = 1000;

/** Plays cells on a target that holds `busybox:latest`, and yields each result as it comes. */
export async function* playMatrix(
  target: Target,
  cells: readonly MatrixCell[] = matrixCells,
): AsyncGenerator<CellResult, void, void> {
  await target.run(prepare);
  for (const cell of cells) {
    const begun = performance.now();
    const differences = await playCell(target, cell);
    yield { cell, differences, ms: performance.now() - begun };
  }
  await target.run('docker rm -f cx-subj');
  await target.run('docker rmi cx-keep:latest');
}

/** One cell as it went on a target: also what a new recording is made of. */
export async function observeCell(target: Target, cell: MatrixCell): Promise<MatrixCell> {
  await target.run('docker rm -f cx-subj');
  for (const line of recipes[cell.state] ?? []) await target.run(line);
  const before = await readState(target, cell.before);
  const { exitCode, stdout, stderr } = await target.run(commandLine(cell));
  const after = await readState(target, cell.after);
  const cleanup = cleanups[cell.cmd];
  if (cleanup !== undefined) await target.run(cleanup);
  const cut = (text: string): string => text.trimEnd().slice(0, recordedLength);
  return { ...cell, rc: exitCode, out: cut(stdout), err: cut(stderr), before, after };
}

async function playCell(target: Target, cell: MatrixCell): Promise<string[]> {
  const got = await observeCell(target, cell);
  const line = commandLine(cell);
  const [expected, answered] = [cell, got].map(({ rc, out, err }) => ({ exitCode: rc, stdout: out, stderr: err }));
  const names = ['the recording', target.name] as const;
  return [
    ...compareStates('before', cell.before, got.before, target.name),
    ...compareOutcomes(expected!, answered!, line, { names }).map((difference) => difference.text),
    ...compareStates('after', cell.after, got.after, target.name),
  ];
}

function compareStates(
  when: string,
  expected: RecordedState | null,
  got: RecordedState | null,
  name: string,
): string[] {
  const [want, have] = [stateText(expected), stateText(got)];
  return want === have ? [] : [`state ${when}: ${want} in the recording but ${have} on ${name}`];
}

function stateText(state: RecordedState | null): string {
  return state === null ? 'no container' : fields.map((field) => `${field}=${state[field]}`).join(' ');
}

/** Words as a shell reads them back. */
export function commandLine(cell: MatrixCell): string {
  return ['docker', ...cell.argv.map((word) => (/^[\w:./-]+$/.test(word) ? word : `'${word}'`))].join(' ');
}

/** How long a state may take to come about: a process that ends is noticed later by the engine. */
const settleMs = 30_000;

/** Looks until the state is the one expected or the time is over; the last look is the answer. */
async function readState(target: Target, expected: RecordedState | null): Promise<RecordedState | null> {
  const until = performance.now() + settleMs;
  for (;;) {
    const state = parseState((await target.run(inspect)).stdout);
    if (stateText(state) === stateText(expected) || target.name === 'sim' || performance.now() > until) return state;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

function parseState(line: string): RecordedState | null {
  const [Status, Running, Paused, Restarting, Dead, ExitCode, OOMKilled] = line.trim().split(' ');
  if (Status === undefined || Status === '') return null;
  return {
    Status,
    Running: Running === 'true',
    Paused: Paused === 'true',
    Restarting: Restarting === 'true',
    Dead: Dead === 'true',
    ExitCode: Number(ExitCode),
    OOMKilled: OOMKilled === 'true',
  };
}

/** Plays the cells on several targets of the same kind at once, each its share, and gives the results in the order of the cells. */
export async function playMatrixOn(
  open: () => Promise<Target>,
  jobs: number,
  onResult: (result: CellResult) => void = () => undefined,
): Promise<CellResult[]> {
  const results: CellResult[] = [];
  const share = async (job: number): Promise<void> => {
    const target = await open();
    try {
      const mine = matrixCells.filter((_, i) => i % jobs === job);
      for await (const result of playMatrix(target, mine)) {
        results.push(result);
        onResult(result);
      }
    } finally {
      await target.close();
    }
  };
  await Promise.all(Array.from({ length: jobs }, (_, job) => share(job)));
  return results.sort((a, b) => matrixCells.indexOf(a.cell) - matrixCells.indexOf(b.cell));
}
