/**
 * A lesson in the terminal: shows its text, asks its questions, runs its commands on Enter, lets the learner solve its
 * challenge. Where the learner stands is known by the lesson's machine (core/lesson/machine.ts) and by nothing here.
 *
 * Kept true: what was done is written down as it is done, and done again when the lesson is taken up again; Ctrl-C ends what
 * runs, and leaves only when it is pressed twice at the prompt; whatever a learner types that is no `:command` is run, at every prompt; when the input ends, what can go on
 * without a person does; without a person nothing is asked.
 */
import { type ActorRefFrom, createActor } from 'xstate';
import {
  type Block,
  blockAt,
  type ChallengeBlock,
  type CommandOutcome,
  commandsBefore,
  findingsOf,
  goalText,
  hintFor,
  judge,
  type Lesson,
  type LessonContext,
  lessonMachine,
  matchAnswer,
  nextCommand,
  type Observation,
  type QuestionBlock,
  type Said,
  scoreText,
  stillMissing,
  type Target,
} from '../../core/index.ts';
import type { Env } from './env.ts';
import { type Deed, type Given, type LessonProgress, wayTo } from './progress.ts';
import { bold, cyan, dim, mismatchText, showAnswer, showPicture, showPictureAfter, showSteps } from './show.ts';
import { Typed } from './typed.ts';
import { prose } from './words.ts';

/** Lines longer than this are tiring to read. */
const proseWidth = 100;

const help = [
  [':goal', 'what is still missing'],
  [':hint', 'a hint for where you are'],
  [':solution', 'show a solution; what comes of it does not count as solved'],
  [':again', 'begin the challenge again, in the state that the lesson led to'],
  [':restart', 'begin the whole lesson again'],
  [':quit', 'leave (also Ctrl-D, or Ctrl-C twice); your place is kept'],
  ['anything else', 'is run'],
] as const;

export interface PlayerOptions {
  /** Show the notes for the instructor. */
  readonly notes?: boolean;
  /** Where the learner was before. */
  readonly from?: LessonProgress;
  /** Called after everything that was done. */
  readonly keep?: (now: LessonProgress) => Promise<void>;
}

export class LessonPlayer {
  readonly #actor: ActorRefFrom<typeof lessonMachine>;
  readonly #typed: Typed | undefined;
  #now: Observation | undefined;
  #wrong = 0;
  #left = false;
  /** Ctrl-C was pressed at the prompt, and nothing typed since. */
  #warned = false;
  /** What runs or waits can be interrupted. */
  #busy: 'runs' | 'waits' | undefined;
  #prompt = '';
  #deeds: Deed[] = [];
  #solved: boolean;

  constructor(
    private readonly lesson: Lesson,
    private target: Target,
    private readonly newWorld: () => Promise<Target>,
    private readonly env: Env,
    private readonly options: PlayerOptions = {},
  ) {
    this.#actor = createActor(lessonMachine, { input: { lesson } });
    this.#solved = options.from?.solved === true;
    this.#typed = env.interactive
      ? new Typed(
          () => env.lines(),
          () => this.#interrupt(),
          () => false,
        )
      : undefined;
  }

  /** Plays to the end, or until the learner leaves. 1: a command did not answer as the lesson says. 130: left by Ctrl-C. */
  async play(): Promise<number> {
    await this.#begin();
    this.#actor.start();
    this.#actor.send({ type: 'LOOKED', found: findingsOf(this.lesson, this.#now!) });
    await this.#takeUp(this.options.from?.deeds ?? []);
    while (!this.#left && !this.#is('finished')) await this.#turn();
    this.#typed?.close();
    if (this.#is('finished') && this.#typed !== undefined) await this.options.keep?.({ deeds: [], solved: true });
    if (this.#left && this.#warned) return 130;
    return this.#wrong === 0 ? 0 : 1;
  }

  async #begin(): Promise<void> {
    for (const { command } of this.lesson.setup) await this.target.run(command);
    this.#now = await this.target.observe();
  }

  /** Does again what was done before, unseen. */
  async #takeUp(deeds: readonly Deed[]): Promise<void> {
    if (deeds.length === 0) return;
    const commands = deeds.filter((deed) => 'line' in deed).length;
    this.env.out(
      `${dim(this.env, `going on where you were, after ${commands} of your commands; :restart begins again`)}\n`,
    );
    for (const deed of deeds) {
      while (this.#is('reading')) this.#actor.send({ type: 'NEXT' });
      this.#deeds.push(deed);
      if ('said' in deed) this.#hear(deed.said);
      else {
        await this.target.run(deed.line);
        for (const one of deed.given ?? []) await this.#give(one);
        await this.#ran(deed.line);
      }
    }
    const said = this.lesson.blocks.slice(0, this.#context.at).findLast(({ kind }) => kind === 'prose');
    if (said?.kind === 'prose') this.#read(said);
  }

  #hear(said: Said): void {
    if (said.kind === 'answer') this.#actor.send({ type: 'ANSWER', choice: said.choice });
    else this.#actor.send({ type: said.kind === 'hint' ? 'HINT' : said.kind === 'solution' ? 'SOLUTION' : 'NEXT' });
  }

  async #tell(said: Said): Promise<void> {
    this.#hear(said);
    await this.#did({ said });
  }

  async #did(deed: Deed): Promise<void> {
    this.#deeds.push(deed);
    if (this.#typed !== undefined) await this.options.keep?.({ deeds: this.#deeds, solved: this.#solved });
  }

  /** Ctrl-C: for what runs; at the prompt it drops what is typed, and the second one leaves. */
  #interrupt(): void {
    const { env } = this;
    if (this.#busy === 'runs') void this.target.interrupt?.();
    else if (this.#busy === 'waits') this.#typed?.take(':interrupt');
    else if (this.#warned) {
      this.#left = true;
      env.out('\n');
      this.#typed?.close();
    } else {
      this.#warned = true;
      this.#typed?.clear();
      env.out(`\n${dim(env, 'Ctrl-C again leaves; your place is kept')}\n`);
      this.#typed?.promptAgain(this.#prompt);
    }
  }

  /** The next line that is typed. */
  async #next(prompt: string): Promise<string | undefined> {
    this.#prompt = prompt;
    const line = await this.#typed?.next(prompt);
    if (line !== undefined) this.#warned = false;
    return this.#left ? undefined : line;
  }

  get #context(): LessonContext {
    return this.#actor.getSnapshot().context;
  }

  #is(state: 'reading' | 'asking' | 'running' | 'solving' | 'solved' | 'finished'): boolean {
    return this.#actor.getSnapshot().matches(state);
  }

  async #turn(): Promise<void> {
    const block = blockAt(this.#context);
    if (this.#context.command === 0 && !this.#is('solved')) this.#showNotes();
    if (this.#is('solved')) this.#celebrate(block);
    else if (block?.kind === 'question') await this.#ask(block);
    else if (block?.kind === 'console') await this.#runNext();
    else if (block?.kind === 'challenge') await this.#challenge(block);
    else {
      this.#read(block);
      this.#actor.send({ type: 'NEXT' });
    }
  }

  #say(markdown: string): void {
    const { env } = this;
    const strong = (text: string): string => bold(env, text);
    const looks = { heading: strong, strong, code: (text: string) => cyan(env, text) };
    env.out(`${prose(markdown, Math.min(env.columns, proseWidth), looks)}\n`);
  }

  #showNotes(): void {
    if (this.options.notes !== true) return;
    for (const { before, text } of this.lesson.notes) {
      if (before === this.#context.at) this.env.out(`\n${dim(this.env, `For the instructor: ${text.markdown}`)}\n`);
    }
  }

  #read(block: Block | undefined): void {
    if (block?.kind === 'prose') {
      this.env.out('\n');
      this.#say(block.markdown);
      this.env.out('\n');
    } else if (block?.kind === 'picture' && this.#now !== undefined) {
      showPicture(this.env, this.#now, undefined, block.picture);
    }
  }

  async #ask({ prompt, choices }: QuestionBlock): Promise<void> {
    const { env } = this;
    this.#say(`**What do you think?** ${prompt.markdown}`);
    for (const [i, { text }] of choices.entries()) this.#say(`${i + 1}. ${text.markdown}`);
    const asks = dim(env, `[1-${choices.length}, or Enter to go on]`);
    for (;;) {
      const line = (await this.#next(`${asks} `))?.trim();
      if (this.#left || line === ':quit') return this.#leave();
      if (line === ':restart') return this.#restart();
      const question = this.#context.at;
      if (line === undefined || line === '') return this.#tell({ kind: 'pass', question });
      const choice = Number(line) - 1;
      if (choices[choice] !== undefined) return this.#tell({ kind: 'answer', question, choice });
      env.out(`${dim(env, `a number from 1 to ${choices.length}`)}\n`);
    }
  }

  /** The lesson's next command, on Enter; anything else that is typed is run first. */
  async #runNext(): Promise<void> {
    const { env } = this;
    const command = nextCommand(this.#context)!;
    env.out(`${bold(env, `$ ${command}`)}\n`);
    for (;;) {
      const typed = (await this.#next(`  ${dim(env, '[Enter]')} `))?.trim() ?? '';
      if (this.#left || typed === ':quit') return this.#leave();
      if (typed === ':restart') return this.#restart();
      // The prompt goes when it was answered: what stays on the screen is the lesson.
      if (typed === '' && env.colour && this.#typed !== undefined) env.out('\x1b[1A\x1b[2K');
      if (typed === '' || typed === command) break;
      await this.#carryOut(typed);
      env.out(`${bold(env, `$ ${command}`)}\n`);
    }
    const { at } = this.#context;
    const outcome = await this.#carryOut(command);
    this.#compare(at, command, outcome);
    this.#verdict(at - 1);
  }

  /** Says where the answer is not the one that the lesson shows. */
  #compare(at: number, command: string, outcome: CommandOutcome): void {
    const block = this.lesson.blocks[at];
    const expected = block?.kind === 'console' ? block.commands.find((one) => one.command === command) : undefined;
    if (expected === undefined || outcome.skipped !== undefined) return;
    for (const mismatch of matchAnswer(expected, outcome)) {
      this.env.err(mismatchText(this.lesson.file, mismatch, command));
      this.#wrong += 1;
    }
  }

  #verdict(at: number): void {
    const question = this.lesson.blocks[at];
    const answer = this.#context.answers[at];
    if (question?.kind !== 'question' || answer?.right === undefined || this.#context.at !== at + 2) return;
    const right = question.choices[answer.right]!.text.markdown;
    const words =
      answer.choice === undefined
        ? 'So it is:'
        : answer.choice === answer.right
          ? '**Right:**'
          : '**Not so.** In fact:';
    this.#say(`${words} ${right}`);
    if (question.because !== undefined) this.#say(`Because: ${question.because.markdown}`);
  }

  async #carryOut(command: string): Promise<CommandOutcome> {
    const { env } = this;
    this.#busy = 'runs';
    let outcome = await this.target.run(command);
    this.#busy = undefined;
    showAnswer(env, outcome);
    const given: Given[] = [];
    while (outcome.suspended !== undefined) {
      const what = await this.#asked(outcome.suspended);
      given.push(what);
      const next = await this.#give(what);
      if (next === undefined) break;
      outcome = next;
      showAnswer(env, outcome);
    }
    showSteps(env, outcome.steps);
    const before = this.#now;
    await this.#ran(command);
    showPictureAfter(env, this.#now!, before);
    await this.#did({ line: command, ...(given.length === 0 ? {} : { given }) });
    return outcome;
  }

  async #ran(command: string): Promise<void> {
    const before = this.#now;
    this.#now = await this.target.observe();
    this.#actor.send({ type: 'RAN', command, found: findingsOf(this.lesson, this.#now, before) });
  }

  /** A command that has not ended: a person gives it input or time, or ends it; without a person it is ended. */
  async #asked(waitsFor: 'input' | 'time'): Promise<Given> {
    const { env } = this;
    const asks = waitsFor === 'input' ? 'what you type goes to it, :eof ends it' : 'Enter gives it more time';
    this.#busy = 'waits';
    const line = await this.#next(`${dim(env, `(${asks}; Ctrl-C or :interrupt stops it)`)} `);
    this.#busy = undefined;
    if (line === undefined || line.trim() === ':interrupt') return { kind: 'interrupt' };
    if (waitsFor === 'time') return { kind: 'resume' };
    const end = line.trim() === ':eof';
    return { kind: 'input', text: end ? '' : `${line}\n`, end };
  }

  async #give(given: Given): Promise<CommandOutcome | undefined> {
    const { target } = this;
    if (given.kind === 'input') return (await target.input?.(given.text, given.end)) ?? undefined;
    return (await (given.kind === 'resume' ? target.resume?.() : target.interrupt?.())) ?? undefined;
  }

  async #challenge(challenge: ChallengeBlock): Promise<void> {
    const { env } = this;
    this.#say(`\n**Your turn.** ${challenge.prompt.markdown}`);
    this.#showGoals(challenge);
    if (this.#typed === undefined) return this.#leave();
    env.out(
      `${dim(env, `par is ${challenge.par}; only commands that change something count. :help lists what else there is`)}\n`,
    );
    while (this.#is('solving')) {
      const line = (await this.#next('$ '))?.trim();
      if (line === undefined || line === ':quit') return this.#leave();
      if (line.startsWith(':')) await this.#colon(line, challenge);
      else if (line !== '') {
        await this.#carryOut(line);
        this.#showMissing(challenge);
      }
    }
  }

  #showGoals({ goals }: ChallengeBlock): void {
    for (const goal of goals) {
      const met = this.#now !== undefined && judge(goal, this.#now).met;
      this.env.out(`  [${met ? 'x' : ' '}] ${goalText(goal)}\n`);
    }
  }

  #showMissing(challenge: ChallengeBlock): void {
    const missing = this.#now === undefined ? [] : stillMissing(challenge, this.#now);
    if (missing.length > 0) this.env.out(`${['Still missing:', ...missing].join('\n  ')}\n`);
  }

  async #colon(line: string, challenge: ChallengeBlock): Promise<void> {
    const { env } = this;
    if (line === ':restart') return this.#restart();
    if (line === ':goal') {
      this.#showGoals(challenge);
      this.#showMissing(challenge);
    } else if (line === ':hint') await this.#hint(challenge);
    else if (line === ':solution') await this.#solution(challenge);
    else if (line === ':again') await this.#again(challenge);
    else if (line === ':help') for (const [what, does] of help) env.out(`${what.padEnd(15)}${does}\n`);
    else env.out(`${dim(env, `no such command: ${line}; :help lists them`)}\n`);
  }

  async #hint(challenge: ChallengeBlock): Promise<void> {
    const hint = this.#now === undefined ? undefined : hintFor(challenge, this.#now, this.#context.attempt.hinted);
    this.#say(hint?.markdown ?? 'There is no hint for this state; `:goal` says what is missing.');
    if (hint !== undefined) await this.#tell({ kind: 'hint' });
  }

  async #solution({ solution }: ChallengeBlock): Promise<void> {
    for (const { command } of solution) this.env.out(`  ${command}\n`);
    await this.#tell({ kind: 'solution' });
  }

  /** A new world, brought to where the challenge begins. */
  async #again(challenge: ChallengeBlock): Promise<void> {
    const { at } = this.#context;
    this.target = await this.newWorld();
    for (const { command } of commandsBefore(this.lesson, at)) await this.target.run(command);
    this.#now = await this.target.observe();
    this.#actor.send({ type: 'GO', at, found: findingsOf(this.lesson, this.#now) });
    this.#deeds = wayTo(this.lesson, this.#context.answers, at);
    this.#showGoals(challenge);
  }

  async #restart(): Promise<void> {
    this.target = await this.newWorld();
    await this.#begin();
    this.#deeds = [];
    await this.options.keep?.({ deeds: [], solved: this.#solved });
    this.#actor.send({ type: 'GO', at: 0, found: findingsOf(this.lesson, this.#now!) });
  }

  #celebrate(block: Block | undefined): void {
    if (block?.kind === 'challenge') this.#say(`\n**${scoreText(this.#context.attempt, block.par)}**`);
    this.#actor.send({ type: 'NEXT' });
  }

  #leave(): void {
    this.#left = true;
  }
}
