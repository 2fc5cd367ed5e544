/**
 * Modes of a terminal, termios(3): flags by the names that stty(1) gives them, and special characters by number.
 *
 * Kept true: a Termios is a value; who changes one makes another.
 */
export interface Termios {
  /** Those that are on. */
  readonly flags: ReadonlySet<string>;
  /** Special characters, 0 for none (_POSIX_VDISABLE). */
  readonly chars: Readonly<Record<SpecialName, number>>;
  readonly min: number;
  /** Tenths of a second. */
  readonly time: number;
}

export const specialNames = [
  'intr',
  'quit',
  'erase',
  'kill',
  'eof',
  'eol',
  'eol2',
  'swtch',
  'start',
  'stop',
  'susp',
  'rprnt',
  'werase',
  'lnext',
  'flush',
] as const;
export type SpecialName = (typeof specialNames)[number];

/** What a new pseudo-terminal has (drivers/tty/tty_io.c tty_std_termios, with the changes of pty.c). */
export const standard: Termios = {
  flags: new Set('cread cs8 icrnl ixon opost onlcr isig icanon iexten echo echoe echok echoctl echoke'.split(' ')),
  chars: {
    intr: 3,
    quit: 28,
    erase: 127,
    kill: 21,
    eof: 4,
    eol: 0,
    eol2: 0,
    swtch: 0,
    start: 17,
    stop: 19,
    susp: 26,
    rprnt: 18,
    werase: 23,
    lnext: 22,
    flush: 15,
  },
  min: 1,
  time: 0,
};

export function withFlags(termios: Termios, changes: Readonly<Record<string, boolean>>): Termios {
  const flags = new Set(termios.flags);
  for (const [name, on] of Object.entries(changes)) {
    if (on) flags.add(name);
    else flags.delete(name);
  }
  return { ...termios, flags };
}
