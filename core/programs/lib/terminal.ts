/** How large the terminal is, as busybox asks (libbb/xfuncs.c get_terminal_width_height). */
import type { Sys } from '../../kernel/sys.ts';

export interface TerminalSize {
  readonly columns: number;
  readonly rows: number;
}

/** TIOCGWINSZ; what it does not say is taken from $COLUMNS and $LINES, else 80 by 24. */
export function terminalSize(sys: Sys, fd: number): TerminalSize {
  const size = sys.winsize?.(fd);
  return {
    columns: size?.columns || fromEnvironment(sys, 'COLUMNS', 80),
    rows: size?.rows || fromEnvironment(sys, 'LINES', 24),
  };
}

function fromEnvironment(sys: Sys, name: string, otherwise: number): number {
  const value = Number.parseInt(
    sys.environ.find((each) => each.startsWith(`${name}=`))?.slice(name.length + 1) ?? '',
    10,
  );
  return value > 1 && value < 30_000 ? value : otherwise;
}
