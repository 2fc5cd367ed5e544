/** Signs on buttons, drawn here so that they look the same whatever fonts there are. */
import type { JSX } from 'preact';

const paths = {
  first: 'M5 5v14M19 5.5v13L9 12z',
  back: 'M16 6v12l-9-6z',
  play: 'M7 5v14l12-7z',
  pause: 'M8 5v14M16 5v14',
  forward: 'M8 6v12l9-6z',
  last: 'M19 5v14M5 5.5v13L15 12z',
  undo: 'M9 7H15a5 5 0 0 1 0 10H8M9 7l3.5-3.5M9 7l3.5 3.5',
  redo: 'M15 7H9a5 5 0 0 0 0 10h7M15 7l-3.5-3.5M15 7l-3.5 3.5',
  reset: 'M5 12a7 7 0 1 0 2.2-5.1M5 4v4.5h4.5',
  sun: 'M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM12 2.5v2M12 19.5v2M2.5 12h2M19.5 12h2M5.3 5.3l1.4 1.4M17.3 17.3l1.4 1.4M5.3 18.7l1.4-1.4M17.3 6.7l1.4-1.4',
  moon: 'M19.5 14.5A8 8 0 0 1 9.5 4.5a8 8 0 1 0 10 10z',
  enter: 'M19 6v6a2 2 0 0 1-2 2H6M6 14l4-4M6 14l4 4',
  share: 'M12 15V4M12 4L8 8M12 4l4 4M5 13v5a2 2 0 0 0 2 2h10a2 2 0 0 0 2-2v-5',
  host: 'M5 4h14v6H5zM5 14h14v6H5zM8.5 7h.1M8.5 17h.1M12 7h4M12 17h4',
  down: 'M7 10l5 5 5-5',
} as const;
const filled = new Set<IconName>(['back', 'play', 'forward', 'first', 'last']);

export type IconName = keyof typeof paths;

export function Icon({ name, size = 18 }: { readonly name: IconName; readonly size?: number }): JSX.Element {
  return (
    <svg
      class={`sign${filled.has(name) ? ' filled' : ''}`}
      viewBox="0 0 24 24"
      width={size}
      height={size}
      aria-hidden="true"
    >
      <path d={paths[name]} />
    </svg>
  );
}

interface IconButtonProps {
  readonly label: string;
  readonly icon: IconName;
  readonly off?: boolean;
  readonly onClick: () => void;
}

/** A button that cannot be used now stays in the order of focus: who presses it last is not thrown out. */
export function IconButton({ label, icon, off = false, onClick }: IconButtonProps): JSX.Element {
  return (
    <button
      type="button"
      class="icon"
      aria-label={label}
      title={label}
      aria-disabled={off}
      onClick={() => {
        if (!off) onClick();
      }}
    >
      <Icon name={icon} />
    </button>
  );
}
