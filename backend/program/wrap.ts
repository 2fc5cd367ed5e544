/**
 * Wraps a paragraph at spaces. Apart from words.ts, so that `--help` loads nothing of the core.
 */

/** `measure` says how wide a text is; lines after the first begin with `hang` spaces. */
export function wrapBy(measure: (text: string) => number, text: string, width: number, hang = 0): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.trim().split(/\s+/)) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (line !== '' && measure(longer) > width) {
      lines.push(line);
      line = ' '.repeat(hang) + word;
    } else line = longer;
  }
  return [...lines, line];
}
