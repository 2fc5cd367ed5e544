/** What a link or a file brings, shown before any of it runs. */
import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { Shared } from '../app/link.ts';
import { hostWords, isUsual } from '../app/shared.ts';
import type { Given } from '../engine/protocol.ts';

interface OfferProps {
  readonly from: string;
  readonly shared: Shared;
  readonly onAccept: () => void;
  readonly onRefuse: () => void;
}

/** What somebody typed or did; the size of a window is nothing of the kind. */
const inputs = (given: readonly Given[]): number => given.filter(({ kind }) => kind !== 'resize').length;

export function Offer({ from, shared, onAccept, onRefuse }: OfferProps): JSX.Element {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  const { entries, made = {} } = shared;
  return (
    <dialog class="offer" ref={dialog} aria-labelledby="offer-title" onCancel={onRefuse}>
      <h2 id="offer-title">
        {from} brings {entries.length} {entries.length === 1 ? 'command' : 'commands'}
      </h2>
      <p>They run in the simulation in this page, in a fresh world. What you have here is replaced.</p>
      {!isUsual(made) && <p>Their host has {hostWords(made)}.</p>}
      <ol tabindex={0} aria-label="Commands">
        {entries.slice(0, 200).map(({ line, given }, i) => (
          <li key={String(i)}>
            <code>{line}</code>
            {inputs(given) > 0 && <span class="quiet"> and {inputs(given)} inputs</span>}
          </li>
        ))}
        {entries.length > 200 && <li>… and {entries.length - 200} more</li>}
      </ol>
      <p class="ways">
        <button type="button" class="primary" onClick={onAccept}>
          Run them
        </button>
        <button type="button" onClick={onRefuse}>
          No, thank you
        </button>
      </p>
    </dialog>
  );
}
