/**
 * What uvu printed for a group of test files, read back: the counts at the end, and for each file in which something failed
 * the words about it. Kept true: a suite of which fewer tests passed than it has is a failure, also where uvu gives no words
 * for it (it swallows what a `before` hook throws).
 */
import { stripVTControlCharacters } from 'node:util';

export interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

/** A file with a failure: its name relative to the group's folder, how many of its tests failed, and what uvu said. */
export interface FailedFile {
  file: string;
  failed: number;
  words: string;
}

/** uvu's closing lines `Total:`, `Passed:`, `Skipped:`; a group that ended without them counts as one failure. */
export function countsOf(coloured: string, exitCode: number): Counts {
  const output = stripVTControlCharacters(coloured);
  const number = (label: string): number | undefined => {
    const match = [...output.matchAll(new RegExp(`^\\s*${label}:\\s+(\\d+)`, 'gm'))].at(-1);
    return match === undefined ? undefined : Number(match[1]);
  };
  const total = number('Total');
  const passed = number('Passed');
  const skipped = number('Skipped');
  if (total === undefined || passed === undefined || skipped === undefined) return { passed: 0, failed: 1, skipped: 0 };
  const failed = total - passed;
  return { passed, failed: failed === 0 && exitCode !== 0 ? 1 : failed, skipped };
}

/** The files of a group in which a suite did not pass whole, in the order they ran. */
export function failedFiles(coloured: string): FailedFile[] {
  const sections = stripVTControlCharacters(coloured).split(/^(?=\S+\.test\.ts$)/m);
  return sections.flatMap((section) => {
    const file = /^(\S+\.test\.ts)\n/.exec(section)?.[1];
    if (file === undefined) return [];
    const short = [...section.matchAll(/^.*\((\d+) \/ (\d+)\)$/gm)].filter(([, ran, all]) => ran !== all);
    const failed = short.reduce((sum, [, ran, all]) => sum + Number(all) - Number(ran), 0);
    if (failed === 0) return [];
    const words = [...section.matchAll(/^ {2} FAIL [\s\S]*?(?=^ {2} FAIL |^\S|^ {2}Total:|(?![\s\S]))/gm)].map(
      ([block]) => block.trimEnd(),
    );
    const unsaid = short.map(
      ([line]) => `   ${line.replace(/[•✘]\s*/g, '').trim()}: no words from uvu (a hook may have thrown)`,
    );
    return [{ file, failed, words: (words.length > 0 ? words : unsaid).join('\n') }];
  });
}
