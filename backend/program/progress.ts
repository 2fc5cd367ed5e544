/**
 * How far learners came in lessons, kept between runs: one JSON file in the user's state directory
 * ($XDG_STATE_HOME/cutaway/lessons.json, XDG Base Directory Specification). What is kept is what was done, in order; the state
 * is made again from it.
 *
 * Kept true: a file that cannot be read is reported and put aside, never overwritten; a file is replaced as a whole, so that
 * a program that is killed leaves the old one or the new one; a state directory that cannot be written is said once and
 * stops nobody.
 */
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import * as v from 'valibot';
import { type Lesson, type LessonContext, saidSchema } from '../../core/index.ts';
import type { Env } from './env.ts';

const given = v.variant('kind', [
  v.strictObject({ kind: v.literal('input'), text: v.string(), end: v.boolean() }),
  v.strictObject({ kind: v.literal('resume') }),
  v.strictObject({ kind: v.literal('interrupt') }),
]);
/** What a line that waited was given. */
export type Given = v.InferOutput<typeof given>;

const deed = v.union([
  v.strictObject({ line: v.string(), given: v.exactOptional(v.array(given)) }),
  v.strictObject({ said: saidSchema }),
]);
/** Something that a learner did: a command, or what was said to the lesson. */
export type Deed = v.InferOutput<typeof deed>;

const lessonProgress = v.strictObject({ deeds: v.array(deed), solved: v.boolean() });
export type LessonProgress = v.InferOutput<typeof lessonProgress>;

const fileSchema = v.strictObject({
  version: v.literal(1),
  lessons: v.record(v.pipe(v.string(), v.regex(/^[a-z0-9-]+$/)), lessonProgress),
});
type Kept = v.InferOutput<typeof fileSchema>;

/** What leads to a block: the lesson's own commands, and the answers that were given. */
export function wayTo(lesson: Lesson, answers: LessonContext['answers'], at: number): Deed[] {
  return lesson.blocks.slice(0, at).flatMap((block, question): Deed[] => {
    if (block.kind === 'console') return block.commands.map(({ command }) => ({ line: command }));
    if (block.kind !== 'question') return [];
    const choice = answers[question]?.choice;
    return [{ said: choice === undefined ? { kind: 'pass', question } : { kind: 'answer', question, choice } }];
  });
}

const nothing: LessonProgress = { deeds: [], solved: false };

export class Progress {
  #kept: Kept = { version: 1, lessons: {} };
  #unwritable = false;

  private constructor(
    private readonly file: string,
    private readonly env: Env,
  ) {}

  static async open(env: Env): Promise<Progress> {
    const progress = new Progress(progressFile(env), env);
    await progress.#read();
    return progress;
  }

  of(id: string): LessonProgress {
    return Object.hasOwn(this.#kept.lessons, id) ? this.#kept.lessons[id]! : nothing;
  }

  /** Writes down how far one came in a lesson. Another program may have written meanwhile: only this lesson is replaced. */
  async keep(id: string, now: LessonProgress): Promise<void> {
    await this.#read();
    this.#kept = { version: 1, lessons: { ...this.#kept.lessons, [id]: now } };
    try {
      await mkdir(dirname(this.file), { recursive: true });
      await writeFile(`${this.file}.new`, `${JSON.stringify(this.#kept)}\n`);
      await rename(`${this.file}.new`, this.file);
    } catch (error) {
      if (!this.#unwritable) this.env.err(`your place in the lesson is not kept: ${messageOf(error)}\n`);
      this.#unwritable = true;
    }
  }

  async #read(): Promise<void> {
    let text: string;
    try {
      text = await readFile(this.file, 'utf8');
    } catch {
      return;
    }
    try {
      this.#kept = v.parse(fileSchema, JSON.parse(text));
    } catch (error) {
      await this.#putAside(messageOf(error));
    }
  }

  async #putAside(reason: string): Promise<void> {
    const aside = `${this.file}.broken`;
    await rename(this.file, aside).catch(() => undefined);
    this.env.err(
      `${this.file}: this is no record of lessons (${reason}); it is now ${aside}, and a new one is begun\n`,
    );
  }
}

function progressFile({ vars }: Env): string {
  const stated = vars.XDG_STATE_HOME;
  const state = stated === undefined || stated === '' ? join(vars.HOME ?? homedir(), '.local', 'state') : stated;
  return join(state, 'cutaway', 'lessons.json');
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error)).split('\n')[0]!;
