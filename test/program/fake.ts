/**
 * An outside for the terminal program that lives in memory: what it prints is kept, files are given, targets play a hand-made
 * story in which every command line has one answer and one state after it.
 */
import { createInterface } from 'node:readline/promises';
import { Readable } from 'node:stream';
import type { Env, OpenOptions } from '../../backend/program/env.ts';
import { runProgram } from '../../backend/program/program.ts';
import type { CommandOutcome, Observation, Target, TargetName } from '../../core/index.ts';
import { UsageError } from '../../core/index.ts';
import { story } from '../core/diagram/fixture.ts';

const [empty, created, done] = story() as [Observation, Observation, Observation];
const id = 'ab'.repeat(32);

interface Answer {
  readonly outcome: CommandOutcome;
  readonly after?: Observation;
}

const outcome = (stdout: string, exitCode = 0, stderr = ''): CommandOutcome => ({
  exitCode,
  stdout,
  stderr,
  steps: [],
});
const step = (title: string, shell: string) => ({ title, shell, ok: true });

/** What every target of the story answers. */
const answers: Readonly<Record<string, Answer>> = {
  'docker create --name cradle busybox touch /happiness.txt': {
    outcome: { ...outcome(`${id}\n`), steps: [step('make the read-write layer', 'mkdir /layers/cradle')] },
    after: created,
  },
  'docker start -a cradle': { outcome: outcome(''), after: done },
  'docker diff cradle': { outcome: outcome('A /happiness.txt\n') },
  'docker run -i busybox cat': { outcome: { ...outcome(''), suspended: 'input' } },
  'docker rm nope': { outcome: outcome('', 1, 'Error: No such container: nope\n') },
};

/** Ways in which a target may be wrong. */
export interface Wrong {
  readonly answers?: Readonly<Record<string, CommandOutcome>>;
  readonly after?: Readonly<Record<string, Observation>>;
}

export function fakeTarget(name: TargetName, wrong: Wrong = {}, closed: string[] = []): Target {
  let now = empty;
  const heard: string[] = [];
  return {
    name,
    async run(line) {
      const answer = answers[line];
      now = wrong.after?.[line] ?? answer?.after ?? now;
      if (name === 'docker' && line === 'mount') return { ...outcome(''), skipped: 'a host command' };
      return wrong.answers?.[line] ?? answer?.outcome ?? outcome('', 127, `${line.split(' ')[0]}: not found\n`);
    },
    observe: async () => now,
    async input(text, end) {
      heard.push(text);
      return end === true ? outcome(`${heard.join('')}bye\n`) : { ...outcome(''), suspended: 'input' };
    },
    async interrupt() {
      return outcome('', 130);
    },
    async close() {
      closed.push(name);
    },
  };
}

export interface Session {
  readonly code: number;
  readonly out: string;
  readonly err: string;
  readonly closed: readonly string[];
  /** How targets were opened, in order. */
  readonly options: readonly OpenOptions[];
}

export interface World {
  readonly files?: Readonly<Record<string, string>>;
  readonly wrong?: Partial<Record<TargetName, Wrong>>;
  /** What is typed. */
  readonly typed?: string;
  readonly vars?: Readonly<Record<string, string>>;
}

/** Runs the program once. */
export async function cutaway(argv: readonly string[], world: World = {}): Promise<Session> {
  const [out, err, closed]: [string[], string[], string[]] = [[], [], []];
  const opened: OpenOptions[] = [];
  const env: Env = {
    out: (text) => void out.push(text),
    err: (text) => void err.push(text),
    readText: async (file) => {
      const text = world.files?.[file];
      if (text === undefined) throw new UsageError('no such file', { file });
      return text;
    },
    openTarget: async (name, options) => {
      opened.push(options);
      const fault: Wrong = options.fault === undefined ? {} : { after: { 'docker start -a cradle': created } };
      return fakeTarget(name, { ...world.wrong?.[name], ...fault }, closed);
    },
    lines: () => createInterface({ input: Readable.from([world.typed ?? '']) }),
    interactive: false,
    columns: 100,
    colour: false,
    ascii: false,
    vars: world.vars ?? {},
  };
  const code = await runProgram(argv, env);
  return { code, out: out.join(''), err: err.join(''), closed, options: opened };
}

export const lesson = `# A lesson

\`\`\`console
$ docker create --name cradle busybox touch /happiness.txt
[..]
$ docker start -a cradle
$ docker diff cradle
A /happiness.txt
$ docker rm nope
? 1
Error: No such container: nope
\`\`\`
`;
