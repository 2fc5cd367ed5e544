/**
 * Facts about a Linux kernel, each one a few lines typed on a host and what is seen of them. The themes are files beside this
 * one; `themes.ts` lists them. They are held against the simulation (test/core/kernel), a real kernel (test/linux), and shown
 * side by side by `npm run facts`.
 *
 * Kept true: all facts of a theme share one host, so each uses names of its own and leaves no process behind; what is seen does
 * not depend on how fast the host is, unless it is a measurement.
 */
import type { Target } from '../../../core/index.ts';

export interface Fact {
  /** One sentence that the lines prove. */
  readonly fact: string;
  /** Lines as typed, `docker …` or a host command, one after the other. */
  readonly lines: readonly string[];
  /** What the last line says: standard output, then standard error, then `exit N` when N is not 0; one line each. */
  readonly shows: string;
  /**
   * The last line says a number that real time decides. On the simulation it is exactly `shows`; on a real kernel it lies in
   * this range, and only the table looks.
   */
  readonly between?: readonly [number, number];
}

/** Facts by theme. */
export type Themes = Readonly<Record<string, readonly Fact[]>>;

/** What a target says to a fact, in the form of `shows`. */
export async function look(target: Target, { lines }: Fact): Promise<string> {
  let said = '';
  for (const line of lines) {
    const { stdout, stderr, exitCode } = await target.run(line);
    const parts = [stdout.trim(), stderr.trim(), exitCode === 0 ? '' : `exit ${exitCode}`];
    said = parts.filter((part) => part !== '').join('\n');
  }
  return said;
}
