/**
 * The timeline: every command is a point, and inside the one that is looked at its steps are points. A player moves along it.
 */
import type { ComponentType, JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { StepRecord } from '../../core/index.ts';
import { type App, type AppSnapshot, useSelector } from '../app/hook.ts';
import { cursorOf, speeds } from '../app/machine.ts';
import { type Cursor, momentsIn, type Point, verbOf } from '../app/timeline.ts';
import type { CompareProps } from '../compare/index.ts';
import { IconButton } from './icons.tsx';

const key = ({ at, step }: Cursor): string => `${at}.${step ?? ''}`;

export function Timeline({ app }: { readonly app: App }): JSX.Element {
  const points = useSelector(app, ({ context }) => context.points);
  const here = useSelector(app, ({ context }) => key(cursorOf(context)));
  const cursor = cursorOf(app.getSnapshot().context);
  const strip = useRef<HTMLOListElement>(null);
  useEffect(() => {
    const current = strip.current?.querySelector('[aria-current]');
    current?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }, [here, points]);
  const look = (to: Cursor): void => app.send({ type: 'look', cursor: to });
  return (
    <nav class="timeline" aria-label="Timeline" onKeyDown={(event) => moveByKey(app, event)}>
      <Player app={app} atStart={cursor.at === 0} atEnd={cursor.at === points.length && cursor.step === undefined} />
      <ol class="strip" ref={strip}>
        <li>
          <button
            type="button"
            class="moment begin"
            aria-current={here === '0.' ? 'step' : undefined}
            onClick={() => look({ at: 0 })}
          >
            start
          </button>
        </li>
        {points.map((point, i) => (
          <Moment key={point.id} point={point} at={i + 1} cursor={cursor} onLook={look} />
        ))}
      </ol>
      <CompareButton app={app} none={points.length === 0} />
    </nav>
  );
}

/** Opens the comparison of two moments; its code is loaded then. */
function CompareButton({ app, none }: { readonly app: App; readonly none: boolean }): JSX.Element {
  const [Panel, setPanel] = useState<ComponentType<CompareProps> | undefined>(undefined);
  const [open, setOpen] = useState(false);
  const start = async (): Promise<void> => {
    if (none) return;
    const { Compare } = await import('../compare/index.ts');
    setPanel(() => Compare);
    setOpen(true);
  };
  return (
    <>
      <button type="button" class="small compare-button" aria-disabled={none} onClick={() => void start()}>
        compare
      </button>
      {open && Panel !== undefined && <Panel app={app} onClose={() => setOpen(false)} />}
    </>
  );
}

interface MomentProps {
  readonly point: Point;
  readonly at: number;
  readonly cursor: Cursor;
  readonly onLook: (cursor: Cursor) => void;
}

function Moment({ point, at, cursor, onLook }: MomentProps): JSX.Element {
  const { entry, outcome } = point;
  const isHere = cursor.at === at;
  const failed = outcome.exitCode !== 0;
  const status = outcome.suspended === undefined ? (failed ? `failed with ${outcome.exitCode}` : 'done') : 'running';
  return (
    <li class={`command${at > cursor.at ? ' later' : ''}`} data-point={point.id}>
      <button
        type="button"
        class={`moment${failed ? ' failed' : ''}`}
        title={entry.line}
        aria-label={`${at}: ${entry.line}, ${status}`}
        aria-current={isHere && cursor.step === undefined ? 'step' : undefined}
        onClick={() => onLook({ at })}
      >
        <span class="mark" aria-hidden="true">
          {outcome.suspended === undefined ? (failed ? '✗' : '✓') : '…'}
        </span>
        {verbOf(entry.line)}
      </button>
      {isHere && outcome.steps.length > 1 && <Dots steps={outcome.steps} at={at} step={cursor.step} onLook={onLook} />}
    </li>
  );
}

interface DotsProps {
  readonly steps: readonly StepRecord[];
  readonly at: number;
  readonly step: number | undefined;
  readonly onLook: (cursor: Cursor) => void;
}

function Dots({ steps, at, step, onLook }: DotsProps): JSX.Element {
  const last = steps.length - 1;
  const current = step ?? last;
  const shown = momentsIn(steps.length);
  const dot = (item: StepRecord, i: number): JSX.Element => (
    <button
      type="button"
      class={`dot${i <= current ? ' past' : ''}${item.ok ? '' : ' failed'}`}
      key={`${i} ${item.title}`}
      title={`${i + 1}. ${item.title}`}
      aria-label={`Step ${i + 1} of ${steps.length}: ${item.title}`}
      aria-current={i === step ? 'step' : undefined}
      onClick={() => onLook(i === last ? { at } : { at, step: i })}
    />
  );
  return (
    <span class="dots">
      {steps.slice(0, shown).map(dot)}
      {shown < last && <span class="more-steps">… and {last - shown} more</span>}
      {dot(steps[last]!, last)}
    </span>
  );
}

interface PlayerProps {
  readonly app: App;
  readonly atStart: boolean;
  readonly atEnd: boolean;
}

function Player({ app, atStart, atEnd }: PlayerProps): JSX.Element {
  const playing = useSelector(app, (snapshot: AppSnapshot) => snapshot.matches({ player: 'playing' }));
  const speed = useSelector(app, ({ context }) => context.speed);
  const none = useSelector(app, ({ context }) => context.points.length === 0);
  return (
    <div class="player">
      <IconButton label="Command back" icon="first" off={atStart} onClick={() => app.send({ type: 'previous' })} />
      <IconButton label="Step back" icon="back" off={atStart} onClick={() => app.send({ type: 'back' })} />
      <IconButton
        label={playing ? 'Pause' : 'Play step by step'}
        icon={playing ? 'pause' : 'play'}
        off={none}
        onClick={() => app.send({ type: playing ? 'pause' : 'play' })}
      />
      <IconButton label="Step forward" icon="forward" off={atEnd} onClick={() => app.send({ type: 'forward' })} />
      <IconButton label="Command forward" icon="last" off={atEnd} onClick={() => app.send({ type: 'next' })} />
      <button
        type="button"
        class="speed"
        aria-label={`${speed}/s: speed, steps a second`}
        title="Steps a second"
        onClick={() => app.send({ type: 'speed', speed: speeds[(speeds.indexOf(speed as 1) + 1) % speeds.length]! })}
      >
        {speed}/s
      </button>
    </div>
  );
}

/** Arrow keys go a step, with Shift a command; Home and End go to the ends. */
function moveByKey(app: App, event: KeyboardEvent): void {
  const types: Readonly<Record<string, 'back' | 'forward' | 'previous' | 'next' | 'newest'>> = {
    ArrowLeft: event.shiftKey ? 'previous' : 'back',
    ArrowRight: event.shiftKey ? 'next' : 'forward',
    End: 'newest',
  };
  const type = types[event.key];
  if (type !== undefined) app.send({ type });
  else if (event.key === 'Home') app.send({ type: 'look', cursor: { at: 0 } });
  else return;
  event.preventDefault();
}
