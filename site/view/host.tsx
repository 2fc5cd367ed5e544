/** What the simulated host has: its control groups, and whether the engine has its bridge. Another one is a fresh world, asked for first. */
import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { type App, useSelector } from '../app/hook.ts';
import type { Made } from '../engine/protocol.ts';

export interface HostProps {
  readonly app: App;
  readonly onClose: () => void;
}

const groups = [
  ['v1', 'one tree of groups for each controller (cpu, memory, pids …), as the engine that is imitated meets it'],
  ['v2', 'one tree of groups for all controllers, as most systems boot today'],
] as const;

export function HostChoice({ app, onClose }: HostProps): JSX.Element {
  const dialog = useRef<HTMLDialogElement>(null);
  const made = useSelector(app, ({ context }) => context.made);
  const count = useSelector(app, ({ context }) => context.points.length);
  const inLesson = useSelector(app, ({ context }) => context.place.lesson !== undefined);
  const [wanted, setWanted] = useState<Made>(made);
  useEffect(() => dialog.current?.showModal(), []);
  const same = wanted.cgroup === made.cgroup && wanted.bridge === made.bridge;
  const start = (again: boolean): void => {
    app.send({ type: 'host', made: wanted, again });
    dialog.current?.close();
  };
  const { cgroup, bridge } = wanted;
  return (
    <dialog class="offer host-choice" ref={dialog} aria-labelledby="host-title" onClose={onClose}>
      <h2 id="host-title">What the host has</h2>
      <fieldset>
        <legend>Control groups</legend>
        {groups.map(([version, words]) => (
          <label key={version}>
            <input
              type="radio"
              name="cgroup"
              checked={(cgroup ?? 'v1') === version}
              onChange={() => setWanted({ ...(version === 'v2' ? { cgroup: version } : {}), ...withBridge(bridge) })}
            />
            <span>
              <strong>{version}</strong>: {words}
            </span>
          </label>
        ))}
      </fieldset>
      <fieldset>
        <legend>Network of the engine</legend>
        <label>
          <input
            type="checkbox"
            checked={bridge === true}
            onChange={() =>
              setWanted({
                ...(cgroup === undefined ? {} : { cgroup }),
                ...withBridge(bridge === true ? undefined : true),
              })
            }
          />
          <span>
            <strong>docker0</strong>: containers get addresses on a bridge, reach each other and publish ports (
            <code>-p</code>); without it they have nothing but a loopback
          </span>
        </label>
      </fieldset>
      {inLesson && <p class="quiet">The lesson is written for control groups v1 and an engine without its bridge.</p>}
      <p role="status">{question(same, count)}</p>
      <p class="ways">
        {count > 0 && (
          <button type="button" class="primary" disabled={same} onClick={() => start(true)}>
            New host, same commands
          </button>
        )}
        <button type="button" class={count > 0 ? undefined : 'primary'} disabled={same} onClick={() => start(false)}>
          New host, nothing done
        </button>
        <button type="button" onClick={() => dialog.current?.close()}>
          Leave it as it is
        </button>
      </p>
    </dialog>
  );
}

const withBridge = (bridge: true | undefined): Pick<Made, 'bridge'> => (bridge === undefined ? {} : { bridge });

function question(same: boolean, count: number): string {
  if (same) return 'This is what the host here has.';
  if (count === 0) return 'A host has what it was made with: another one is a fresh world.';
  const done = count === 1 ? 'the command that you gave' : `the ${count} commands that you gave`;
  return `A host has what it was made with: another one is a fresh world. Shall ${done} be carried out again there, or be gone?`;
}
