/**
 * Model and reality side by side after a command, with what differs marked, and how far reality has come.
 *
 * Kept true: everything that a target wrote is text here, never markup; what differs is said in words, not by colour alone.
 */
import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Difference } from '../../core/index.ts';
import type { Entry } from '../engine/protocol.ts';
import type { Line, Side } from './comparison.ts';
import { Follower, type RealRun, type RealState } from './follower.ts';
import { startModel } from './model.ts';
import './reality.css';

export interface RealityPanelProps {
  readonly token: string;
  /** All that was carried out, a lesson's set-up included. */
  readonly entries: readonly Entry[];
  /** How many of them lie before the moment that is looked at. */
  readonly at: number;
}

export function RealityPanel({ token, entries, at }: RealityPanelProps): JSX.Element {
  const [state, setState] = useState<RealState>({ phase: 'opening', notes: [], start: [], runs: [] });
  const follower = useRef<Follower | undefined>(undefined);
  useEffect(() => {
    const model = startModel();
    const mine = new Follower({ origin: location.origin, token }, model, setState);
    follower.current = mine;
    mine.follow(entries);
    return () => {
      mine.close();
      model.close();
    };
  }, [token]);
  useEffect(() => follower.current?.follow(entries), [entries]);
  const run = state.runs[at - 1];
  return (
    <section class="reality" aria-labelledby="reality-title">
      <header>
        <h2 id="reality-title">Model and reality</h2>
        <p role="status">{summary(state, entries.length)}</p>
        <Buttons state={state} follower={follower.current} />
      </header>
      {state.notes.map((note) => (
        <p class="reality-note" key={note}>
          {note}
        </p>
      ))}
      {at === 0 ? <Differences title="Before the first command" differences={state.start} /> : null}
      {run === undefined ? null : <After run={run} />}
    </section>
  );
}

/** How far reality has come, in a sentence. */
export function summary({ phase, why, start, runs }: RealState, wanted: number): string {
  if (phase === 'closed') return `The real kernel is not there any more: ${why}.`;
  if (phase === 'opening') return 'A fresh place on the real kernel is being made …';
  const compared = runs.flatMap((run) =>
    run.compared === undefined || run.compared.cannot !== undefined ? [] : [run.compared],
  );
  const differing = compared.filter(({ differences }) => differences.length > 0).length + (start.length > 0 ? 1 : 0);
  const under = runs.at(-1);
  const now = phase === 'running' && under !== undefined ? ` Now: ${under.entry.line}` : '';
  if (runs.length === 0 && differing === 0) return `Both begin alike.${now}`;
  const count = `${compared.length} of ${wanted} ${wanted === 1 ? 'command' : 'commands'}`;
  if (differing === 0) return `The same after ${count}.${now}`;
  return `Compared after ${count}: ${differing === 1 ? 'one moment differs' : `${differing} moments differ`}.${now}`;
}

function Buttons({ state, follower }: { state: RealState; follower: Follower | undefined }): JSX.Element {
  return (
    <div class="reality-buttons">
      {state.phase === 'running' ? (
        <button type="button" onClick={() => follower?.interrupt()}>
          Interrupt the real one
        </button>
      ) : null}
      <button type="button" onClick={() => follower?.reopen()}>
        {state.phase === 'closed' ? 'Open it again' : 'Run all anew'}
      </button>
    </div>
  );
}

function After({ run }: { run: RealRun }): JSX.Element {
  const { compared } = run;
  const title = (
    <>
      After <code>{run.entry.line}</code>
    </>
  );
  if (compared === undefined) {
    return (
      <>
        <h3>{title}: reality takes its time</h3>
        {run.step === undefined ? null : <p>{run.step} …</p>}
        {run.soFar === '' ? null : <pre>{run.soFar}</pre>}
      </>
    );
  }
  return (
    <>
      {compared.cannot === undefined ? (
        <Differences title={title} differences={compared.differences} />
      ) : (
        <>
          <h3>{title}: not compared</h3>
          <p class="reality-note">{compared.cannot}</p>
        </>
      )}
      <div class="reality-sides">
        <Column name="Model" side={compared.model} />
        <Column name="Real kernel" side={compared.real} />
      </div>
    </>
  );
}

/** More are not listed: the first is the one that counts. */
const most = 12;

function Differences(props: { title: ComponentChildren; differences: readonly Difference[] }): JSX.Element {
  const { title, differences } = props;
  const count = differences.length === 1 ? 'one difference' : `${differences.length} differences`;
  return (
    <>
      <h3 class={differences.length === 0 ? 'reality-same' : 'reality-different'}>
        {title}: {differences.length === 0 ? 'the same on both' : count}
      </h3>
      <ul class="reality-differences">
        {differences.slice(0, most).map(({ path, text }) => (
          <li key={path}>{text}</li>
        ))}
        {differences.length > most ? <li>… and {differences.length - most} more</li> : null}
      </ul>
    </>
  );
}

function Column({ name, side }: { name: string; side: Side }): JSX.Element {
  return (
    <section aria-label={name}>
      <h4>
        {name} <span class="reality-exit">{side.exit}</span>
      </h4>
      <Lines label={`${name}: output`} lines={side.output} none="no output" />
      <Lines label={`${name}: picture`} lines={side.picture} none="nothing there" />
    </section>
  );
}

function Lines({ label, lines, none }: { label: string; lines: readonly Line[]; none: string }): JSX.Element {
  if (lines.length === 0) return <p class="reality-none">{none}</p>;
  return (
    // Wide text scrolls, and whoever has only keys must be able to scroll it.
    // biome-ignore lint/a11y/noNoninteractiveTabindex: WCAG 2.1.1, a scrollable region needs the focus
    <section class="reality-lines" aria-label={label} tabIndex={0}>
      <pre>
        {lines.map(({ text, lonely }, i) => (
          <Row key={i} text={text} lonely={lonely} />
        ))}
      </pre>
    </section>
  );
}

function Row({ text, lonely }: Line): JSX.Element {
  return lonely ? <mark title="the other side has no such line">{`${text}\n`}</mark> : <span>{`${text}\n`}</span>;
}
