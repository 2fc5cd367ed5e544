/** The terminal: output, prompt, and the same output for those who listen. */
import type { JSX, RefObject } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { type CompletionTable, complete, type Scene, usualWindow, type Window } from '../../core/index.ts';
import { type App, type AppSnapshot, useSelector } from '../app/hook.ts';
import { cursorOf } from '../app/machine.ts';
import type { Point } from '../app/timeline.ts';
import { type Entry, limits } from '../engine/protocol.ts';
import { Prompt } from '../terminal/prompt.tsx';
import { Screen } from '../terminal/screen.tsx';
import { clears, commandText, forListeners, widest } from '../terminal/text.ts';

interface TerminalProps {
  readonly app: App;
  readonly field: RefObject<HTMLTextAreaElement | null>;
  readonly onLeave: () => void;
}

/** Commands whose output is still shown. */
const KEPT = 300;

/** Characters of output that are still shown, unless the last command alone has more. */
const KEPT_CHARACTERS = 400_000;

interface Told {
  readonly text: string;
  /** Nothing of before is to be seen any more. */
  readonly clears: boolean;
  readonly width: number;
}
const told = new WeakMap<Point, Told>();

function tell(point: Point): Told {
  const known = told.get(point);
  if (known !== undefined) return known;
  const fresh = {
    text: commandText(point.entry.line, point),
    width: widest(point.outcome),
    clears: clears(point.shown),
  };
  told.set(point, fresh);
  return fresh;
}

/** The last of them that are together no longer than can be shown quickly. */
function withinReason(parts: readonly Told[]): readonly Told[] {
  let from = Math.max(0, parts.length - 1);
  let room = KEPT_CHARACTERS - (parts[from]?.text.length ?? 0);
  while (from > 0 && parts[from - 1]!.text.length <= room) {
    from -= 1;
    room -= parts[from]!.text.length;
  }
  return parts.slice(from);
}

export function TerminalPanel({ app, field, onLeave }: TerminalProps): JSX.Element {
  const [table, loadTable] = useTable();
  const points = useSelector(app, ({ context }) => context.points);
  const at = useSelector(app, ({ context }) => cursorOf(context).at);
  const running = useSelector(app, (snapshot) => snapshot.matches({ work: 'running' }));
  const current = useSelector(app, ({ context }) => context.current?.entry);
  const known = useSelector(app, ({ context }) => context.start !== undefined);
  const queue = useSelector(app, ({ context }) => context.queue);
  const giving = useSelector(app, (snapshot) => snapshot.matches({ work: 'giving' }));
  const waiting = useSelector(app, (snapshot) => snapshot.matches({ work: 'waiting' })) || giving;
  const goingBack = useSelector(app, (snapshot) => lengthOfWay(snapshot));
  const broken = useSelector(app, ({ context }) => context.error);
  const [clearedAt, setClearedAt] = useState<Point | undefined>(undefined);
  const [wantsOther, setElsewhere] = useState(false);
  const cleared = points.indexOf(clearedAt!) + 1;
  const shown = points.slice(Math.max(cleared <= at ? cleared : 0, at - KEPT), at).map(tell);
  const parts = withinReason(
    shown.slice(
      Math.max(
        0,
        shown.findLastIndex((part) => part.clears),
      ),
    ),
  );
  const text = parts.map((part) => part.text).join('');
  const columns = Math.max(0, ...parts.map(({ width }) => width));
  const waitsFor = waiting && at === points.length ? points.at(-1)?.outcome.suspended : undefined;
  const onRoom = useWindow(app, waitsFor === undefined || giving ? undefined : points.at(-1));
  const elsewhere = wantsOther && waitsFor !== undefined;
  const lines = useHistory(points);
  // What waits its turn was typed as well.
  const before = running ? [...lines, current!.line] : lines;
  const history = [
    ...(waitsFor === 'input' ? inputsOf(giving ? current! : points.at(-1)!.entry) : before),
    ...queue.flatMap(({ line }) => (line.trim() === '' ? [] : [line])),
  ];

  const onLine = (line: string): string | undefined => {
    const refused = refusal(app, line);
    if (refused !== undefined) return refused;
    if (waitsFor !== undefined && elsewhere) app.send({ type: 'other', line });
    else if (waitsFor === 'time' && line.trim() === '') app.send({ type: 'resume' });
    else app.send({ type: 'line', line });
    return undefined;
  };
  return (
    <section class="terminal" aria-label="Terminal" onKeyDown={loadTable}>
      <Screen text={text} columns={columns} onClick={() => focusUnlessSelected(field.current)} onRoom={onRoom} />
      <Log points={points} />
      {at < points.length && (
        <p class="earlier">
          You look at an earlier moment. What you type goes on from here; undo brings the rest back.{' '}
          <button type="button" class="small" onClick={() => app.send({ type: 'newest' })}>
            to the newest
          </button>
        </p>
      )}
      {broken !== undefined && (
        <p class="broken" role="alert">
          Something in Cutaway itself failed: {broken}
        </p>
      )}
      <Prompt
        field={field}
        history={history}
        waitsFor={waitsFor}
        tty={waitsFor === undefined ? undefined : points.at(-1)?.outcome.tty}
        elsewhere={elsewhere}
        onElsewhere={() => {
          setElsewhere(!elsewhere);
          field.current?.focus();
        }}
        onKey={(key) => app.send({ type: 'key', line: key })}
        time={waitsFor === 'time' ? points.at(-1)?.outcome.time : undefined}
        running={running ? current?.line : undefined}
        busy={running || giving ? current?.line : undefined}
        goingBack={goingBack}
        queued={queue.map(({ line }) => line)}
        known={known && table !== undefined}
        complete={(line) => (table === undefined ? undefined : complete(table, namesIn(app), line))}
        onLine={onLine}
        onTyping={() => app.send({ type: 'pause' })}
        onPass={() => app.send({ type: 'resume' })}
        onInterrupt={() => app.send({ type: 'interrupt' })}
        onGiveUp={() => app.send({ type: 'undo' })}
        onEnd={() => app.send({ type: 'end' })}
        onClear={() => setClearedAt(points.at(-1))}
        onLeave={onLeave}
      />
    </section>
  );
}

/** A size is told when it has stayed for this long, ms. */
const STEADY = 150;

/**
 * Tells a program with a terminal, whenever it waits, how large the window is. Answers what is to be called when that changes.
 *
 * Only the window has to be steady: somebody who types without a pause would otherwise never have it told.
 */
function useWindow(app: App, point: Point | undefined): (room: Window) => void {
  const [room, setRoom] = useState<Window>(usualWindow);
  const [steady, setSteady] = useState<Window>(usualWindow);
  useEffect(() => {
    const timer = setTimeout(() => setSteady(room), STEADY);
    return () => clearTimeout(timer);
  }, [room]);
  const told = point?.entry.given.findLast((item) => item.kind === 'resize') ?? usualWindow;
  const differs = point?.outcome.tty !== undefined && (steady.rows !== told.rows || steady.columns !== told.columns);
  useEffect(() => {
    if (differs) app.send({ type: 'resize', ...steady });
  }, [differs, steady, point]);
  return (next) => setRoom((now) => (now.rows === next.rows && now.columns === next.columns ? now : next));
}

/** What can be completed, from the first key on: until then nobody needs it. */
function useTable(): readonly [CompletionTable | undefined, () => void] {
  const [table, setTable] = useState<CompletionTable | undefined>(undefined);
  const load = (): void => {
    if (table !== undefined) return;
    import('virtual:completion').then(
      (found) => setTable(found.default),
      // Asked for again at the next key.
      () => undefined,
    );
  };
  return [table, load];
}

/** Commands that the engine carries out again to get where one wants to go, if it can stay where it is instead. */
function lengthOfWay(snapshot: AppSnapshot): number {
  const { base, engineAt, points } = snapshot.context;
  return snapshot.matches({ work: 'seeking' }) && engineAt !== undefined ? base.length + points.length : 0;
}

/** All lines that were carried out, those that were taken back as well; of equal ones in a row the last. */
function useHistory(points: readonly Point[]): readonly string[] {
  const all = useRef<{ lines: readonly string[]; last: number }>({ lines: [], last: 0 });
  const fresh = points.filter(({ id }) => id > all.current.last);
  if (fresh.length > 0) {
    const lines = [...all.current.lines, ...fresh.map(({ entry }) => entry.line)];
    all.current = { lines: lines.filter((line, i) => line !== lines[i + 1]), last: fresh.at(-1)!.id };
  }
  return all.current.lines;
}

const inputsOf = ({ given }: Entry): string[] =>
  given.flatMap((item) => (item.kind === 'input' ? [item.text.trimEnd()] : []));

/** Why a line cannot be taken: what the engine would not carry out again is not carried out at all. */
function refusal(app: App, line: string): string | undefined {
  const { base, points, queue } = app.getSnapshot().context;
  if (line.length > limits.line)
    return `This line has ${line.length} characters; ${limits.line} are the most. Nothing was run.`;
  if (base.length + points.length + queue.length >= limits.lines)
    return `This session has ${limits.lines} commands, the most that it can hold: save it, then reset.`;
  const last = points.at(-1);
  if (last?.outcome.suspended !== undefined && last.entry.given.length + queue.length >= limits.given)
    return `This program was given ${limits.given} lines, the most that can be kept: end it with Ctrl-D or Ctrl-C.`;
  return undefined;
}

function namesIn(app: App): { containers: string[]; images: string[] } {
  const { points, start } = app.getSnapshot().context;
  const scene: Scene | undefined = points.at(-1)?.scene ?? start;
  return {
    containers: scene?.containers.map(({ name }) => name) ?? [],
    images: scene?.images.flatMap(({ tags }) => tags.map((tag) => tag.replace(/:latest$/, ''))) ?? [],
  };
}

interface Heard {
  readonly id: number;
  readonly text: string;
}

/**
 * Each answer is announced when it is there; of a long one the end, and how much there is before it; of a program that went
 * on, what is new.
 */
function Log({ points }: { readonly points: readonly Point[] }): JSX.Element {
  const heard = useRef<readonly Heard[]>([]);
  const before = useRef(points);
  for (const [i, point] of points.entries()) {
    if (point.id <= (before.current.at(-1)?.id ?? 0) || point.id <= (heard.current.at(-1)?.id ?? 0)) continue;
    heard.current = [...heard.current.slice(-9), { id: point.id, text: newsOf(point, before.current[i]) }];
  }
  before.current = points;
  return (
    <div class="unseen" role="log" aria-label="Output of commands">
      {heard.current.map(({ id, text }) => (
        <p key={id}>{text}</p>
      ))}
    </div>
  );
}

function newsOf({ entry, outcome, shown }: Point, earlier: Point | undefined): string {
  const status = outcome.exitCode === 0 ? '' : `, exit status ${outcome.exitCode}`;
  const goesOn = earlier?.outcome.suspended !== undefined && earlier.entry.line === entry.line;
  if (goesOn && shown.startsWith(earlier.shown)) return forListeners(shown.slice(earlier.shown.length)) + status;
  return `${entry.line}: ${forListeners(shown)}${status}`;
}

function focusUnlessSelected(field: HTMLTextAreaElement | null): void {
  if ((getSelection()?.toString() ?? '') === '') field?.focus();
}
