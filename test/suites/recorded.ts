/**
 * Recordings: sequences of lines with what the real Docker 20.10.24 answered to them (test/fixtures/docker/*.json), played on
 * any target and compared. Each begins in a fresh world that holds `busybox:latest`.
 *
 * Kept true: one numbering of ids, names and PIDs runs through a whole recording, so that an id in line 5 must be the one of
 * line 2; a line that a target skips is listed as skipped, never counted as equal.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { compareOutcomes, createNormaliser, type Target } from '../../core/index.ts';

export interface RecordedLine {
  readonly line: string;
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Recording {
  /** `Docker 20.10.24+dfsg1, Linux 6.1, cgroup v1` */
  readonly recordedOn: string;
  readonly lines: readonly RecordedLine[];
}

export interface PlayedLine {
  readonly line: string;
  readonly differences: readonly string[];
  readonly skipped?: string;
}

/** A recorded line that does not hold yet on targets of ours, and why. */
export interface Gap {
  readonly recording: string;
  readonly line: string;
  /** Which line of the recording it is, from 1 on: the same line may come again. */
  readonly at: number;
  readonly why: string;
}

/** Holds for simulation and linux alike: one command line and one engine serve both. */
export const gaps: readonly Gap[] = [];

/** Of the network namespace that libnetwork makes for a container, targets of ours say nothing yet; all else counts. */
const withoutSandbox = (recorded: RecordedLine): RecordedLine => ({
  ...recorded,
  stdout: recorded.stdout.replace(/"(SandboxID|SandboxKey)": "[^"]+"/g, '"$1": ""'),
});

/**
 * What is wrong after a recording was played: differences that are in no gap, and gaps that have closed and are to be taken
 * off the list.
 */
export function judge(name: string, played: readonly PlayedLine[]): string[] {
  const fails = (one: PlayedLine): boolean => one.differences.length > 0 || one.skipped !== undefined;
  const known = gaps.filter((gap) => gap.recording === name);
  const isIn = (gap: Gap, one: PlayedLine | undefined, at: number): boolean => gap.line === one?.line && gap.at === at;
  const unknown = played.filter((one, index) => fails(one) && !known.some((gap) => isIn(gap, one, index + 1)));
  const closed = known.filter((gap) => {
    const one = played[gap.at - 1];
    return one === undefined || !isIn(gap, one, gap.at) || !fails(one);
  });
  return [
    ...unknown.map((one) => `${one.line}: ${one.skipped ?? one.differences.join('; ')}`),
    ...closed.map((gap) => `${gap.line} holds now: take it off the list of gaps`),
  ];
}

const folder = new URL('../fixtures/docker/', import.meta.url);

/** Names of all recordings. */
export function recordings(): string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .map((name) => name.slice(0, -'.json'.length))
    .sort();
}

export function recordingFile(name: string): URL {
  return new URL(`${name}.json`, folder);
}

export function readRecording(name: string): Recording {
  return JSON.parse(readFileSync(recordingFile(name), 'utf8')) as Recording;
}

export async function playRecording(recording: Recording, target: Target): Promise<PlayedLine[]> {
  const normalisers = [createNormaliser(), createNormaliser()] as const;
  const names = ['the recording', target.name] as const;
  const played: PlayedLine[] = [];
  for (const line of recording.lines) {
    const recorded = target.name === 'docker' ? line : withoutSandbox(line);
    const outcome = await target.run(recorded.line);
    const differences = compareOutcomes(recorded, outcome, recorded.line, { names, normalisers });
    const done = { line: recorded.line, differences: differences.map((difference) => difference.text) };
    played.push(outcome.skipped === undefined ? done : { ...done, skipped: outcome.skipped });
  }
  return played;
}
