/** What is behind the door of terminals.ts. */
import type { TerminalWork } from '../terminals.ts';
import { TtyCalls } from './calls.ts';
import { ended, isOrphaned } from './groups.ts';
import { openTerminal, terminalAt } from './terminal.ts';

export const allTerminals: TerminalWork = {
  open: openTerminal,
  at: terminalAt,
  calls: (kernel, self) => new TtyCalls(kernel, self),
  ended,
  isOrphaned,
};
