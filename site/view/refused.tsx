/** A file that cannot be opened: what is wrong with it, where, and what was expected. */
import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { UsageError } from '../../core/index.ts';

export interface RefusedFile {
  readonly name: string;
  readonly error: unknown;
}

export function Refused({ name, error, onClose }: RefusedFile & { readonly onClose: () => void }): JSX.Element {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  const where = error instanceof UsageError ? error.where : undefined;
  const place = [name, where?.line, where?.column].filter((part) => part !== undefined).join(':');
  return (
    <dialog class="offer refused" ref={dialog} aria-labelledby="refused-title" onClose={onClose}>
      <h2 id="refused-title">This file cannot be opened</h2>
      <p>
        <code>{place}</code>: {error instanceof Error ? error.message : String(error)}
      </p>
      {error instanceof UsageError && error.hint !== undefined && <p class="quiet">{error.hint}</p>}
      <p class="ways">
        <button type="button" class="primary" onClick={() => dialog.current?.close()}>
          Close
        </button>
      </p>
    </dialog>
  );
}
