/**
 * `cutaway` on its own: a prompt for docker and host commands; after each one its output, its steps and the picture.
 */
import {
  asSeen,
  type CommandOutcome,
  FREE_MS,
  give,
  type Observation,
  type PictureKind,
  pictureKinds,
  span,
  type Target,
  type Typed as TypedTo,
  usualWindow,
} from '../../core/index.ts';
import { askedWhere, withoutEcho } from './echo.ts';
import type { Env, Keys, Run } from './env.ts';
import { dim, showAnswer, showPicture, showPictureAfter, showSteps } from './show.ts';
import { withTarget } from './targets.ts';
import { END, Typed } from './typed.ts';
import { wrap } from './words.ts';

export const run: Run = (call, env) => {
  const talk = async (target: Target): Promise<number> => {
    if (env.interactive) env.out(`Cutaway on ${target.name}. Type docker commands, or :help.\n`);
    await converse(target, env);
    return 0;
  };
  return withTarget(call, env, talk, whereTyped(env));
};

/** How a target is opened for this: where a person looks on, simulated time does not fly past what goes on. */
export const whereTyped = ({ interactive }: Pick<Env, 'interactive'>): { interactive: true; freeMs?: number } => ({
  interactive: true,
  ...(interactive ? { freeMs: FREE_MS } : {}),
});

/** Called after each command that came to its end, and at the end for one that did not; `typed`: what was typed to it. */
export type Listener = (command: string, outcome: CommandOutcome, typed: readonly TypedTo[]) => Promise<void>;

interface Session {
  readonly target: Target;
  readonly env: Env;
  readonly typed: Typed;
  readonly listener?: Listener;
  now: Observation;
  before?: Observation;
  steps: boolean;
  picture: PictureKind | 'off';
  last?: CommandOutcome;
  /** Output of the line under way that was shown as it came. */
  printed: { stdout: string; stderr: string };
  /** A last line of output without an end: the prompt of a shell in a container. */
  tail: string;
  /** A line is being carried out. */
  busy: boolean;
  /** A line that is not finished: what is typed goes to it, key by key if it has a terminal. */
  waiting?: { readonly line: string; readonly for: 'input' | 'time'; readonly tty?: CommandOutcome['tty'] };
  /** What was typed last, as far as its echo has not come yet. */
  echo: string;
  /** What was typed to the line under way. */
  given: TypedTo[];
  /** Keys on their way to the program. */
  pressing: number;
  /** Lines that wait until the one under way, which takes its time, has ended. */
  readonly held: string[];
}

/** Keys that are for a program with a terminal. */
const keysOf = (current: () => Session): Keys => ({
  wanted: () => current().waiting?.tty !== undefined,
  hidden: () => current().waiting?.tty?.silent === true,
  press: (key) => void pressed(current(), { kind: 'input', text: key }),
  isEmpty: () => current().typed.unsent === '',
  tab: () => {
    const { typed } = current();
    const text = `${typed.unsent}\t`;
    typed.clear();
    void pressed(current(), { kind: 'input', text });
  },
  resized: (rows, columns) => void pressed(current(), { kind: 'resize', rows, columns }),
});

/** Something that is no line, for the program that has the terminal. */
async function pressed(session: Session, item: TypedTo): Promise<void> {
  if (session.waiting?.tty === undefined) return;
  session.pressing++;
  await giveTo(session, item);
  session.pressing--;
  // Keys may come in one piece, as those that detach do: the prompt comes once, after the last.
  if (session.env.interactive && session.pressing === 0) session.typed.promptAgain(promptOf(session));
}

/** Reads lines until the end or `:quit`. */
export async function converse(target: Target, env: Env, listener?: Listener): Promise<void> {
  const now = await target.observe();
  const session: Session = {
    target,
    env,
    typed: new Typed(
      () => env.lines(keysOf(() => session)),
      () => void interrupt(session),
      () => env.interactive && (session.busy || session.waiting !== undefined),
    ),
    ...(listener === undefined ? {} : { listener }),
    now,
    steps: true,
    picture: 'stack',
    printed: { stdout: '', stderr: '' },
    tail: '',
    echo: '',
    busy: false,
    given: [],
    pressing: 0,
    held: [],
  };
  if (env.interactive) showPicture(env, now, undefined, 'stack');
  for (;;) {
    const line = await nextLine(session);
    if (line === undefined || line.trim() === ':quit') break;
    if (session.waiting !== undefined) await whileWaiting(session, line);
    else if (line.trim() === 'exit') break;
    else if (asked(line) !== undefined) await explain(session, asked(line) ?? '');
    else if (line.trim().startsWith(':')) colon(session, line.trim());
    else if (line.trim() !== '' && !line.trim().startsWith('#')) await carryOut(session, line.trim());
  }
  if (session.waiting !== undefined && session.last !== undefined)
    await listener?.(session.waiting.line, session.last, session.given);
  session.typed.close();
}

async function nextLine(session: Session): Promise<string | undefined> {
  const { env, held, typed, waiting } = session;
  const line = waiting === undefined ? held.shift() : undefined;
  if (line === undefined) return typed.next(env.interactive ? promptOf(session) : undefined);
  env.out(`$ ${line}\n`);
  return line;
}

/** `:explain SUBJECT`, or as in a script `cutaway explain SUBJECT`. */
const asked = (line: string): string | undefined =>
  /^\s*(?::|cutaway\s+)explain(?:\s+(.*))?$/.exec(line)?.slice(1).join('');

/** It changes nothing: no steps and no picture after it. */
async function explain({ target, env }: Session, subject: string): Promise<void> {
  showAnswer(env, await target.run(`cutaway explain ${subject}`));
}

/** The prompt of what waits for input is its own. */
function promptOf({ waiting, tail }: Session): string {
  return waiting === undefined ? '$ ' : asSeen(tail) || '> ';
}

/** A person may still look around; from a pipe everything goes to the process. */
async function whileWaiting(session: Session, line: string): Promise<void> {
  const { env, held, waiting } = session;
  const also = /^:also\s+(\S.*)$/.exec(line.trim())?.[1];
  if (env.interactive && /^:(picture|steps|help)\b/.test(line.trim())) colon(session, line.trim());
  else if (also !== undefined && session.target.meanwhile !== undefined)
    await giveTo(session, { kind: 'meanwhile', line: also });
  else if (waiting?.tty !== undefined && waiting.for === 'time' && line.trim() !== '' && !line.startsWith(':'))
    await giveTo(session, inputOf(line));
  else if (env.interactive && waiting?.for === 'time' && !/^(:interrupt|:eof)?$/.test(line.trim())) {
    held.push(line);
    env.out(`${dim(env, '(this line waits until the one before it has ended)')}\n`);
  } else await continueWith(session, line);
}

/** Ctrl-C goes to what is in the foreground; at the prompt it does nothing. */
async function interrupt(session: Session): Promise<void> {
  if (session.waiting === undefined) {
    await session.target.interrupt?.();
    return;
  }
  session.typed.clear();
  await continueWith(session, ':interrupt');
  if (session.env.interactive) session.typed.promptAgain(promptOf(session));
}

async function carryOut(session: Session, line: string): Promise<void> {
  const { env, target, typed } = session;
  if (!env.interactive) env.out(`$ ${line}\n`);
  // A real target answers only when the line is done; what is typed meanwhile is for its foreground process.
  session.given = [];
  if (env.interactive)
    typed.divert((text) => {
      const item = text === END ? ({ kind: 'input', text: '', end: true } as const) : inputOf(text);
      session.given.push(item);
      void target.input?.(item.text, item.end);
    });
  session.printed = { stdout: '', stderr: '' };
  session.busy = true;
  const window = env.window?.() ?? usualWindow;
  await target.resize?.(window.rows, window.columns);
  const outcome = await target.run(line, { onOutput: (stream, text) => showOutput(session, stream, text) });
  session.busy = false;
  typed.divert(undefined);
  // Who plays a recording of it has a window of the usual size.
  const isUsual = window.rows === usualWindow.rows && window.columns === usualWindow.columns;
  if (outcome.tty !== undefined && !isUsual) session.given.unshift({ kind: 'resize', ...window });
  await showOutcome(session, line, outcome);
  if (env.interactive && /^cd(\s|$)/.test(line) && outcome.exitCode === 0) env.out(`${dim(env, cdIsOver)}\n\n`);
}

const cdIsOver = '(each line is a shell of its own: cd lasts to the end of its line, as in cd /tmp && ls)';

/** Shows output as it comes. An unfinished line is held back for a moment: it may be the prompt of what waits for input. */
function showOutput(session: Session, stream: 'stdout' | 'stderr', text: string): void {
  const { env } = session;
  session.printed[stream] += text;
  if (!env.interactive) {
    env.out(text);
    return;
  }
  const all = session.tail + shownOf(session, text);
  const end = all.lastIndexOf('\n') + 1;
  env.out(all.slice(0, end));
  session.tail = all.slice(end);
  if (session.tail !== '') setImmediate(() => session.busy && flushTail(session));
}

/** Of a terminal's output what is not there already: the line that was typed is seen where it was typed. */
function shownOf(session: Session, text: string): string {
  const { echo, rest } = withoutEcho(session.echo, text);
  session.echo = echo;
  return rest.replaceAll(askedWhere, '').replaceAll('\r\n', '\n');
}

function flushTail(session: Session): void {
  session.env.out(session.tail);
  session.tail = '';
}

async function showOutcome(session: Session, line: string, outcome: CommandOutcome): Promise<void> {
  const { env, target } = session;
  const { suspended } = outcome;
  if (suspended !== 'input' && session.tail !== '') {
    session.tail += '\n';
    flushTail(session);
  }
  // A line that goes on counts its steps from its beginning.
  const shown = session.waiting === undefined ? 0 : (session.last?.steps.length ?? 0);
  session.last = outcome;
  showAnswer(env, shownAnswer(session, notPrinted(outcome, session.printed)));
  if (suspended === 'time' && env.interactive) env.out(`${dim(env, goesOn(outcome))}\n`);
  else if (suspended !== undefined && session.waiting?.for !== suspended) {
    env.out(`${dim(env, suspended === 'input' ? waitsForInput(env, outcome.tty !== undefined) : waitsForTime)}\n`);
  }
  if (outcome.meanwhile !== undefined) showMeanwhile(session, outcome.meanwhile);
  if (suspended === undefined) delete session.waiting;
  else session.waiting = { line, for: suspended, ...(outcome.tty === undefined ? {} : { tty: outcome.tty }) };
  if (session.steps) showSteps(env, outcome.steps, { from: shown });
  session.before = session.now;
  session.now = await target.observe();
  // Between the lines typed into a shell, "nothing changed" would only be noise.
  const quiet = suspended !== undefined && JSON.stringify(session.now) === JSON.stringify(session.before);
  if (session.picture !== 'off' && !quiet) showPictureAfter(env, session.now, session.before, session.picture);
  if (suspended === undefined) await session.listener?.(line, outcome, session.given);
}

/** The answer without what was shown as it came. */
function notPrinted(outcome: CommandOutcome, printed: Session['printed']): CommandOutcome {
  const rest = (all: string, shown: string): string => (all.startsWith(shown) ? all.slice(shown.length) : all);
  const { suspended: _told, ...answer } = outcome;
  return { ...answer, stdout: rest(outcome.stdout, printed.stdout), stderr: rest(outcome.stderr, printed.stderr) };
}

/** What is left of an answer, without what the terminal has shown where it was typed. */
function shownAnswer(session: Session, outcome: CommandOutcome): CommandOutcome {
  if (!session.env.interactive || session.waiting?.tty === undefined) return outcome;
  return { ...outcome, stdout: shownOf(session, outcome.stdout) };
}

/** What was done in another terminal. */
function showMeanwhile({ env }: Session, outcome: CommandOutcome): void {
  env.out(`${dim(env, '(in the other terminal)')}\n`);
  showAnswer(env, outcome);
}

const onTerminal =
  '(it has a terminal: what you type goes to it, Ctrl-C, Ctrl-Z, Ctrl-\\ and Ctrl-D too; :also LINE is a line in another terminal)';

const waitsForInput = (env: Env, tty: boolean): string =>
  env.interactive && tty
    ? onTerminal
    : env.interactive
      ? '(it waits for input: what you type goes to it; Ctrl-D ends its input, Ctrl-C interrupts it)'
      : '(it waits for input: what you type goes to it; :eof ends its input, :interrupt is Ctrl-C)';
const waitsForTime = '(it waits for time: Enter gives it more time, :interrupt is Ctrl-C)';

/** Said of a program in the foreground at each pause of the clock. */
function goesOn({ time }: CommandOutcome): string {
  const more = time?.next === undefined || time.next < 1_000 ? 'lets time pass' : `lets ${span(time.next)} pass`;
  const ran = time === undefined ? '' : ` for ${span(time.passed)} now`;
  const nothing = time !== undefined && time.next === undefined ? ' and does nothing more by itself' : '';
  const ignored =
    (time?.interrupts ?? 0) > 0
      ? '; it goes on all the same: PID 1 of a container notices only signals that it handles, and at the third Ctrl-C the client leaves'
      : '';
  return `(it runs in the foreground${ran}${nothing}: Enter ${more}, Ctrl-C interrupts it${ignored})`;
}

/** Gives what was typed to the line that is not finished. */
async function continueWith(session: Session, typed: string): Promise<void> {
  const { waiting } = session;
  if (waiting !== undefined) await giveTo(session, givenBy(typed, waiting.for));
}

async function giveTo(session: Session, item: TypedTo): Promise<void> {
  const { target, waiting } = session;
  if (waiting === undefined) return;
  const before = session.tail;
  session.tail = '';
  session.echo = item.kind === 'input' && waiting.tty?.silent === false && item.text.endsWith('\n') ? item.text : '';
  session.given.push(item);
  const printed = session.printed.stdout.length;
  const outcome = await give(target, item);
  session.echo = '';
  // Where nothing was written the prompt is as it was.
  if (session.tail === '' && session.printed.stdout.length === printed) session.tail = before;
  // A key adds to the line that is there, unless the program has drawn it anew or gone on to another.
  const added = session.printed.stdout.slice(printed);
  if (item.kind === 'input' && session.tail !== '' && added !== '' && !/[\r\n]/.test(added))
    session.tail = before + session.tail;
  if (typeof outcome === 'object') await showOutcome(session, waiting.line, outcome);
  else delete session.waiting;
}

const inputOf = (line: string) => ({ kind: 'input', text: `${line}\n`, end: undefined }) as const;

function givenBy(typed: string, waitsFor: 'input' | 'time'): TypedTo {
  if (typed.trim() === ':interrupt') return { kind: 'interrupt' };
  if (typed.trim() === END) return { kind: 'input', text: '', end: true };
  return waitsFor === 'input' ? inputOf(typed) : { kind: 'resume' };
}

const help = [
  [':picture', 'show the picture again'],
  [':picture KIND', `show this one, now and after each command: ${pictureKinds.join(', ')}; off: none`],
  [':steps', 'show the last steps in full: why each is made, and all of its utility call'],
  [':steps N', 'show the utility call of step N to the letter, ready to be copied'],
  [':steps on|off', 'steps after each command, or not'],
  [':explain X', 'how an ID, a layer, CONTAINER:/PATH, or what docker printed came about'],
  [':help', 'this text'],
  [':also LINE', 'while a command runs: a line as if in another terminal'],
  [':quit', 'leave (also Ctrl-D)'],
  ['anything else', 'is run: docker commands, and commands of the host, each line in a shell of its own'],
] as const;

function showHelp(env: Env): void {
  const column = 16;
  for (const [what, does] of help) {
    const [first = '', ...more] = wrap(does, Math.max(20, env.columns - column));
    env.out(`${what.padEnd(column)}${first}\n`);
    for (const line of more) env.out(`${' '.repeat(column)}${line}\n`);
  }
}

function colon(session: Session, line: string): void {
  const { env } = session;
  const [word, value] = line.split(/\s+/);
  if (word === ':help') showHelp(env);
  else if (word === ':steps') colonSteps(session, value);
  else if (word === ':picture') colonPicture(session, value);
  else env.out(`${dim(env, `no such command: ${word}; :help lists them`)}\n`);
}

function colonSteps(session: Session, value: string | undefined): void {
  const { env, last } = session;
  const steps = last?.steps ?? [];
  const step = steps[Number(value) - 1];
  if (value === 'on' || value === 'off') session.steps = value === 'on';
  else if (step !== undefined) env.out(`${step.shell}\n`);
  else if (value !== undefined) env.out(`${dim(env, `:steps takes on, off or a number up to ${steps.length}`)}\n`);
  else if (steps.length === 0)
    env.out(`${dim(env, '(no steps: the last command changed nothing and asked nothing)')}\n`);
  else showSteps(env, steps, { full: true });
}

function colonPicture(session: Session, value: string | undefined): void {
  const kind = pictureKinds.find((name) => name === value);
  if (value === 'off') session.picture = 'off';
  else if (value !== undefined && kind === undefined) session.env.out(`there are: ${pictureKinds.join(', ')}, off\n`);
  else {
    if (kind !== undefined) session.picture = kind;
    const shown = session.picture === 'off' ? 'stack' : session.picture;
    showPicture(session.env, session.now, session.before, shown);
  }
}
