/**
 * Two moments of the timeline side by side: a picture of each, what is new or changed marked in the later one, and the same in
 * sentences: images, containers, processes, files.
 *
 * Kept true: both are worked out anew from the commands, in worlds of their own; nothing of the session is touched.
 */
import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { App } from '../app/hook.ts';
import { cursorOf } from '../app/machine.ts';
import type { Point } from '../app/timeline.ts';
import type { Apart } from '../engine/protocol.ts';
import { StackPicture } from '../pictures/index.ts';
import { type Group, grouped, placeholders } from './words.ts';
import './compare.css';

export interface CompareProps {
  readonly app: App;
  readonly onClose: () => void;
}

type Pair = readonly [earlier: number, later: number];

export function Compare({ app, onClose }: CompareProps): JSX.Element {
  const { points } = app.getSnapshot().context;
  const dialog = useRef<HTMLDialogElement>(null);
  const [pair, setPair] = useState<Pair>(() => firstPair(app));
  const found = useApart(app, points, pair);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog class="compare" ref={dialog} aria-labelledby="compare-title" onClose={onClose}>
      <header>
        <h2 id="compare-title">Compare two moments</h2>
        <span class="gap" />
        <button type="button" onClick={() => dialog.current?.close()}>
          Close
        </button>
      </header>
      <div class="compare-moments">
        <Choice label="Earlier" points={points} at={pair[0]} onChoose={(at) => setPair([at, pair[1]])} />
        <Choice label="Later" points={points} at={pair[1]} onChoose={(at) => setPair([pair[0], at])} />
      </div>
      <section class="compare-body" aria-label="What differs" tabindex={0}>
        {found === undefined ? (
          <p class="quiet" role="status">
            Working both out …
          </p>
        ) : typeof found === 'string' ? (
          <p role="alert">These cannot be compared: {found}</p>
        ) : (
          <>
            <Words groups={grouped(found.differences, sayPair(pair))} />
            <Pictures apart={found} pair={pair} />
          </>
        )}
      </section>
    </dialog>
  );
}

/** The command that is looked at: before it, and after it. */
function firstPair(app: App): Pair {
  const { at } = cursorOf(app.getSnapshot().context);
  return [Math.max(0, at - 1), at];
}

const say = (at: number): string => (at === 0 ? 'at the start' : `after command ${at}`);
const sayPair = ([earlier, later]: Pair): [string, string] => [say(earlier), say(later)];

/** Undefined while it is worked out; a text when it cannot be. */
function useApart(app: App, points: readonly Point[], [earlier, later]: Pair): Apart | string | undefined {
  const [found, setFound] = useState<readonly [apart: Apart | string, ...Pair] | undefined>(undefined);
  useEffect(() => {
    let wanted = true;
    const { client, made, base } = app.getSnapshot().context;
    const upTo = (at: number) => [...base, ...points.slice(0, at).map(({ entry }) => entry)];
    client.ask('compare', { made, earlier: upTo(earlier), later: upTo(later), names: [...placeholders] }).then(
      (answer) => wanted && setFound([answer, earlier, later]),
      (error: Error) => wanted && setFound([error.message, earlier, later]),
    );
    return () => {
      wanted = false;
    };
  }, [points, earlier, later]);
  // What was found for the moments before these is not shown as if it were theirs.
  return found?.[1] === earlier && found[2] === later ? found[0] : undefined;
}

interface ChoiceProps {
  readonly label: string;
  readonly points: readonly Point[];
  readonly at: number;
  readonly onChoose: (at: number) => void;
}

function Choice({ label, points, at, onChoose }: ChoiceProps): JSX.Element {
  return (
    <label>
      {label}
      <select value={String(at)} onChange={(event) => onChoose(Number(event.currentTarget.value))}>
        <option value="0">at the start</option>
        {points.map(({ id, entry }, i) => (
          <option key={id} value={String(i + 1)}>
            {i + 1}: {entry.line.length > 60 ? `${entry.line.slice(0, 59)}…` : entry.line}
          </option>
        ))}
      </select>
    </label>
  );
}

/** More sentences of one kind are only counted. */
const MOST = 40;

function Words({ groups }: { readonly groups: readonly Group[] }): JSX.Element {
  const all = groups.reduce((sum, { sentences }) => sum + sentences.length, 0);
  return (
    <section class="compare-words" aria-label="In words">
      <p role="status">{all === 0 ? 'Nothing differs.' : `${all} ${all === 1 ? 'difference' : 'differences'}.`}</p>
      {groups.map(({ name, sentences }) => (
        <section key={name} aria-label={name}>
          <h3>
            {name} <span class="quiet">{sentences.length === 0 ? 'the same' : sentences.length}</span>
          </h3>
          <ul>
            {sentences.slice(0, MOST).map((sentence) => (
              <li key={sentence}>{sentence}</li>
            ))}
            {sentences.length > MOST && <li class="quiet">… and {sentences.length - MOST} more</li>}
          </ul>
        </section>
      ))}
    </section>
  );
}

function Pictures({ apart, pair }: { readonly apart: Apart; readonly pair: Pair }): JSX.Element {
  const host = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(320);
  useEffect(() => {
    const observer = new ResizeObserver(([entry]) => setWidth(Math.floor(entry?.contentRect.width ?? 320)));
    observer.observe(host.current!);
    return () => observer.disconnect();
  }, []);
  // Beside each other where both have room to be read.
  const each = width >= 720 ? Math.floor((width - 16) / 2) : width;
  return (
    <div class="compare-pictures" ref={host}>
      {apart.scenes.map((scene, i) => (
        <section key={String(i)} aria-label={`Picture ${say(pair[i as 0 | 1])}`} style={{ width: `${each}px` }}>
          <h3>{say(pair[i as 0 | 1]).replace(/^./, (first) => first.toUpperCase())}</h3>
          <div class="compare-picture">
            <StackPicture scene={scene} width={Math.max(280, each - 8)} motion={false} />
          </div>
        </section>
      ))}
    </div>
  );
}
