/** How the files of /proc that belong to no process are told: by name, with what they show and what writing does. */
import type { Kernel } from '../kernel.ts';
import type { Process } from '../process.ts';

/** Whoever reads or writes. */
export const reader = ({ current, init }: Kernel): Process => current ?? init;

export interface SystemFile {
  readonly show: (kernel: Kernel) => string;
  readonly write?: (kernel: Kernel, text: string) => void;
  readonly mode?: number;
}

/** A file that only shows, a link, a directory (sorted by name), or a file. */
export type Plan = readonly [name: string, what: ((kernel: Kernel) => string) | string | readonly Plan[] | SystemFile];
