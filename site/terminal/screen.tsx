/**
 * The terminal's output: xterm.js, which shows a text and takes no keys; those are the prompt's (prompt.tsx).
 *
 * Kept true: no table is broken: the terminal has as many columns as the widest of its tables needs, and scrolls sideways; what it
 * shows is always exactly `text`.
 */
import { FitAddon } from '@xterm/addon-fit';
import { type ITheme, Terminal } from '@xterm/xterm';
import '@xterm/xterm/css/xterm.css';
import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { Window } from '../../core/index.ts';
import { onTheme } from '../app/theme.ts';

const MAX_COLUMNS = 400;

interface ScreenProps {
  readonly text: string;
  /** Columns that no line may be broken at. */
  readonly columns: number;
  readonly onClick: () => void;
  /** There is room for so many characters. */
  readonly onRoom: (room: Window) => void;
}

export function Screen({ text, columns, onClick, onRoom }: ScreenProps): JSX.Element {
  const host = useRef<HTMLDivElement>(null);
  const screen = useRef<Output>(undefined);
  useEffect(() => {
    const output = new Output(host.current!, onRoom);
    screen.current = output;
    return () => output.close();
  }, []);
  useEffect(() => screen.current?.show(text, columns), [text, columns]);
  return (
    <section
      class="screen"
      aria-label="Output of the terminal"
      tabindex={0}
      ref={host}
      onClick={onClick}
      onKeyDown={(event) => screen.current?.scroll(event)}
    />
  );
}

/** xterm.js in an element. */
class Output {
  readonly #terminal: Terminal;
  readonly #fit = new FitAddon();
  readonly #observer: ResizeObserver;
  readonly #offTheme: () => void;
  #written = '';
  #columns = 0;

  constructor(
    readonly host: HTMLElement,
    readonly onRoom: (room: Window) => void,
  ) {
    this.#terminal = new Terminal({
      disableStdin: true,
      cursorBlink: false,
      cursorStyle: 'bar',
      cursorInactiveStyle: 'none',
      fontFamily: 'ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", "Liberation Mono", monospace',
      fontSize: 13,
      lineHeight: 1.15,
      scrollback: 5_000,
      drawBoldTextInBrightColors: false,
      // Addresses in output are text.
      linkHandler: { activate: () => {} },
      theme: themeOf(host),
    });
    this.#terminal.loadAddon(this.#fit);
    this.#terminal.open(host);
    if (this.#terminal.textarea !== undefined) this.#terminal.textarea.tabIndex = -1;
    this.#terminal.element?.setAttribute('aria-hidden', 'true');
    // Keys are the prompt's: those that land here by accident go on to it.
    this.#terminal.attachCustomKeyEventHandler(() => false);
    this.#observer = new ResizeObserver(() => this.#resize());
    this.#observer.observe(host);
    this.#offTheme = onTheme(() => {
      this.#terminal.options.theme = themeOf(host);
    });
    this.#resize();
  }

  show(text: string, columns: number): void {
    this.#columns = columns;
    if (text === this.#written) return;
    const goesOn = text.startsWith(this.#written);
    // RIS, in its place among what is still to be written; reset() would overtake it.
    const more = goesOn ? text.slice(this.#written.length) : `\x1bc${text}`;
    this.#written = text;
    this.#resize();
    this.#terminal.write(more, () => {
      this.#terminal.scrollToBottom();
      this.host.scrollLeft = 0;
    });
  }

  scroll(event: KeyboardEvent): void {
    const lines: Record<string, number> = {
      ArrowUp: -1,
      ArrowDown: 1,
      PageUp: -this.#terminal.rows,
      PageDown: this.#terminal.rows,
    };
    const by = lines[event.key];
    if (by === undefined) return;
    event.preventDefault();
    this.#terminal.scrollLines(by);
  }

  close(): void {
    this.#observer.disconnect();
    this.#offTheme();
    this.#terminal.dispose();
  }

  #resize(): void {
    const room = this.#fit.proposeDimensions();
    if (room === undefined || Number.isNaN(room.cols) || room.rows < 1) return;
    this.onRoom({ rows: room.rows, columns: Math.min(MAX_COLUMNS, room.cols) });
    const columns = Math.min(MAX_COLUMNS, Math.max(room.cols, this.#columns));
    if (columns !== this.#terminal.cols || room.rows !== this.#terminal.rows) this.#terminal.resize(columns, room.rows);
  }
}

/** The colours of the page. */
function themeOf(host: HTMLElement): ITheme {
  const style = getComputedStyle(host);
  const colour = (name: string): string => style.getPropertyValue(`--term-${name}`).trim();
  return {
    background: colour('paper'),
    foreground: colour('ink'),
    cursor: colour('paper'),
    selectionBackground: colour('selection'),
    green: colour('green'),
    red: colour('red'),
    blue: colour('blue'),
    yellow: colour('yellow'),
    magenta: colour('magenta'),
    cyan: colour('cyan'),
    black: colour('ink'),
    white: colour('ink'),
  };
}
