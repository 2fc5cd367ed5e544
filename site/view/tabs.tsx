/** Tabs as the ARIA Authoring Practices have them: one stop for the Tab key, arrow keys inside. */
import type { JSX } from 'preact';

interface TabsProps<T extends string> {
  readonly label: string;
  readonly tabs: readonly { readonly id: T; readonly name: string }[];
  readonly selected: T;
  readonly onSelect: (id: T) => void;
  /** Id of the panel. */
  readonly controls: string;
}

export function Tabs<T extends string>({ label, tabs, selected, onSelect, controls }: TabsProps<T>): JSX.Element {
  const move = (event: KeyboardEvent): void => {
    const by = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
    if (by === 0) return;
    event.preventDefault();
    const to = tabs[(tabs.findIndex(({ id }) => id === selected) + by + tabs.length) % tabs.length]!;
    onSelect(to.id);
    (event.currentTarget as HTMLElement).querySelector<HTMLElement>(`[data-tab="${to.id}"]`)?.focus();
  };
  return (
    <div class="tabs" role="tablist" aria-label={label} onKeyDown={move}>
      {tabs.map(({ id, name }) => (
        <button
          type="button"
          role="tab"
          key={id}
          data-tab={id}
          aria-selected={id === selected}
          aria-controls={controls}
          tabindex={id === selected ? 0 : -1}
          onClick={() => onSelect(id)}
        >
          {name}
        </button>
      ))}
    </div>
  );
}
