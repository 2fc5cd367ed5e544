/** The steps under the hood of the command that is looked at, each with the utility call that does it. */
import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { type App, useSelector } from '../app/hook.ts';
import { cursorOf } from '../app/machine.ts';
import type { Point } from '../app/timeline.ts';
import { limits } from '../engine/protocol.ts';
import { plain } from '../terminal/text.ts';

export function Steps({ app }: { readonly app: App }): JSX.Element {
  const point = useSelector(app, ({ context }) => context.points[cursorOf(context).at - 1]);
  const step = useSelector(app, ({ context }) => cursorOf(context).step);
  const list = useRef<HTMLOListElement>(null);
  useEffect(() => {
    list.current?.querySelector('[data-here]')?.scrollIntoView({ block: 'nearest' });
  }, [step, point]);
  const steps = point?.outcome.steps ?? [];
  return (
    <section class="steps" aria-labelledby="steps-title">
      <h2 id="steps-title">Under the hood</h2>
      {point === undefined ? (
        <p class="quiet">Run a command: what it does to the system is listed here, step by step.</p>
      ) : (
        <>
          <p class="of">
            <code>{point.entry.line}</code>
          </p>
          {steps.length === 0 && <NoSteps point={point} />}
          <ol ref={list}>
            {steps.slice(0, limits.inside).map((item, i) => {
              const to = i === steps.length - 1 ? {} : { step: i };
              const here = step === undefined ? i === steps.length - 1 : i === step;
              return (
                <li
                  key={`${i} ${item.title}`}
                  class={`${item.ok ? '' : 'failed'}${item.inside === true ? ' inside' : ''}${step !== undefined && i > step ? ' later' : ''}`}
                  data-here={here && step !== undefined ? '' : undefined}
                >
                  <button
                    type="button"
                    class="step"
                    aria-current={here && step !== undefined ? 'step' : undefined}
                    onClick={() =>
                      app.send({ type: 'look', cursor: { at: cursorOf(app.getSnapshot().context).at, ...to } })
                    }
                  >
                    {item.title}
                  </button>
                  {item.message !== undefined && <p class="said">{item.message}</p>}
                  {item.why !== undefined && <p class="why">{item.why}</p>}
                  {item.shell !== '' && <Shell shell={item.shell} />}
                </li>
              );
            })}
          </ol>
          {steps.length > limits.inside && <p class="quiet">… and {steps.length - limits.inside} more steps</p>}
        </>
      )}
    </section>
  );
}

/** Why there is no step: it only looked, or it was refused before anything was done. */
function NoSteps({ point: { outcome } }: { readonly point: Point }): JSX.Element {
  if (outcome.suspended !== undefined) return <p class="quiet">No step was carried out yet.</p>;
  if (outcome.exitCode === 0) return <p class="quiet">It only looked: no step changed anything.</p>;
  const why = plain(outcome.stderr)
    .split('\n')
    .find((line) => line.trim() !== '');
  return (
    <>
      <p class="quiet">It was refused: nothing was changed.</p>
      {why !== undefined && <p class="said">{why}</p>}
    </>
  );
}

/** Long ids are cut as Docker cuts them; the whole call is shown when asked for. */
function Shell({ shell }: { readonly shell: string }): JSX.Element {
  const [whole, setWhole] = useState(false);
  const short = shell.replace(/\b([0-9a-f]{12})[0-9a-f]{52}\b/g, '$1…');
  const long = short.length > 180 || short !== shell;
  const cut = short.length > 180 ? `${short.slice(0, 170)} …` : short;
  return (
    <p class="shell">
      <code>{whole ? shell : cut}</code>
      {long && (
        <button type="button" class="small" aria-expanded={whole} onClick={() => setWhole(!whole)}>
          {whole ? 'less' : 'all'}
        </button>
      )}
    </p>
  );
}
