/** The terminal: output, prompt, and the same output for those who listen. */
import type { JSX, RefObject } from 'preact';
import { useMemo, useRef, useState } from 'preact/hooks';
import { type CompletionTable, complete, type Scene } from '../../core/index.ts';
import { type App, useSelector } from '../app/hook.ts';
import { cursorOf } from '../app/machine.ts';
import type { Point } from '../app/timeline.ts';
import { Prompt } from '../terminal/prompt.tsx';
import { Screen } from '../terminal/screen.tsx';
import { commandText, plain, widest } from '../terminal/text.ts';

interface TerminalProps {
  readonly app: App;
  readonly table: CompletionTable | undefined;
  readonly field: RefObject<HTMLTextAreaElement | null>;
  readonly onLeave: () => void;
}

/** Commands whose output is still shown. */
const KEPT = 300;

interface Told {
  readonly text: string;
  readonly width: number;
}
const told = new WeakMap<Point, Told>();

function tell(point: Point): Told {
  const known = told.get(point);
  if (known !== undefined) return known;
  const fresh = { text: commandText(point.entry.line, point), width: widest(point.outcome) };
  told.set(point, fresh);
  return fresh;
}

export function TerminalPanel({ app, table, field, onLeave }: TerminalProps): JSX.Element {
  const points = useSelector(app, ({ context }) => context.points);
  const at = useSelector(app, ({ context }) => cursorOf(context).at);
  const current = useSelector(app, (snapshot) =>
    snapshot.matches({ work: 'running' }) ? snapshot.context.current : undefined,
  );
  const queue = useSelector(app, ({ context }) => context.queue);
  const waiting = useSelector(app, (snapshot) => snapshot.matches({ work: 'waiting' }));
  const broken = useSelector(app, ({ context }) => context.error);
  const [clearedAt, setClearedAt] = useState<Point | undefined>(undefined);
  const shown = points.slice(Math.max(points.indexOf(clearedAt!) + 1, at - KEPT), at);
  const parts = shown.map(tell);
  const text = parts.map((part) => part.text).join('');
  const columns = Math.max(0, ...parts.map(({ width }) => width));
  const waitsFor = waiting && at === points.length ? points.at(-1)?.outcome.suspended : undefined;
  const history = useMemo(() => points.map(({ entry }) => entry.line), [points]);

  const onLine = (line: string): void => {
    if (waitsFor === 'time' && line.trim() === '') app.send({ type: 'resume' });
    else app.send({ type: 'line', line });
  };
  return (
    <section class="terminal" aria-label="Terminal">
      <Screen text={text} columns={columns} onClick={() => focusUnlessSelected(field.current)} />
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
        running={current?.entry.line}
        queued={queue.map(({ line }) => line)}
        complete={(line) => (table === undefined ? undefined : complete(table, namesIn(app), line))}
        onLine={onLine}
        onInterrupt={() => app.send({ type: 'interrupt' })}
        onEnd={() => app.send({ type: 'end' })}
        onClear={() => setClearedAt(points.at(-1))}
        onLeave={onLeave}
      />
    </section>
  );
}

function namesIn(app: App): { containers: string[]; images: string[] } {
  const { points, start } = app.getSnapshot().context;
  const scene: Scene | undefined = points.at(-1)?.scene ?? start;
  return {
    containers: scene?.containers.map(({ name }) => name) ?? [],
    images: scene?.images.flatMap(({ tags }) => tags.map((tag) => tag.replace(/:latest$/, ''))) ?? [],
  };
}

/** Each answer is announced when it is there. */
function Log({ points }: { readonly points: readonly Point[] }): JSX.Element {
  const first = useRef(points.length);
  return (
    <div class="unseen" role="log" aria-label="Output of commands">
      {points.slice(Math.max(first.current, points.length - 10)).map(({ id, entry, outcome, shown }) => (
        <p key={id}>
          {entry.line}: {plain(shown).trim() || 'no output'}
          {outcome.exitCode === 0 ? '' : `, exit status ${outcome.exitCode}`}
        </p>
      ))}
    </div>
  );
}

function focusUnlessSelected(field: HTMLTextAreaElement | null): void {
  if ((getSelection()?.toString() ?? '') === '') field?.focus();
}
