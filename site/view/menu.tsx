/** A button that opens a list of things to do below it. Escape and a click elsewhere close it. */
import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { Icon } from './icons.tsx';

interface MenuProps {
  readonly label: ComponentChildren;
  readonly side?: 'left' | 'right';
  readonly children: (close: () => void) => ComponentChildren;
}

export function Menu({ label, side = 'left', children }: MenuProps): JSX.Element {
  const [open, setOpen] = useState(false);
  const root = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (!open) return;
    const elsewhere = (event: Event): void => {
      if (!root.current!.contains(event.target as Node)) setOpen(false);
    };
    document.addEventListener('pointerdown', elsewhere);
    document.addEventListener('focusin', elsewhere);
    return () => {
      document.removeEventListener('pointerdown', elsewhere);
      document.removeEventListener('focusin', elsewhere);
    };
  }, [open]);
  const byKey = (event: KeyboardEvent): void => {
    if (event.key !== 'Escape' || !open) return;
    setOpen(false);
    button.current?.focus();
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: it only hears Escape on its way up from what is inside
    <div class={`menu ${side}`} ref={root} onKeyDown={byKey}>
      <button type="button" class="menu-button" ref={button} aria-expanded={open} onClick={() => setOpen(!open)}>
        {label} <Icon name="down" size={14} />
      </button>
      {open && <div class="menu-list">{children(() => setOpen(false))}</div>}
    </div>
  );
}
