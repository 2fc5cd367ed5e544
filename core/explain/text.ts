/** An explanation for the terminal: paragraphs wrapped, tables aligned, the input of a hash before its value. */
import { cut, printable, textWidth } from '../diagram/layout.ts';
import type { Explanation, HashPart, Part } from './explanation.ts';

const narrowest = 60;

export interface ExplainTextOptions {
  /** Columns; default 80, at least 60. */
  readonly width?: number;
  /** Makes the title stand out; default: as it is. */
  readonly bold?: (text: string) => string;
}

export function explanationText({ title, parts }: Explanation, options: ExplainTextOptions = {}): string {
  const width = Math.max(narrowest, options.width ?? 80);
  const bold = options.bold ?? ((text) => text);
  const blocks = parts.map((part) => partLines(part, width).join('\n'));
  return `${[bold(printable(title)), ...blocks].filter((block) => block !== '').join('\n\n')}\n`;
}

function partLines(part: Part, width: number): string[] {
  switch (part.kind) {
    case 'text':
      return wrap(part.text, width);
    case 'facts':
      return aligned(
        part.rows.map((row) => [...row]),
        width,
      );
    case 'table':
      return aligned([part.head, ...part.rows], width);
    case 'try':
      return part.commands.map((command) => `  $ ${command}`);
    case 'hash':
      return hashLines(part, width);
  }
}

function hashLines({ input, shown, bytes, digest, agrees, command }: HashPart, width: number): string[] {
  return [
    ...wrap(`input: ${input}${bytes === undefined ? '' : ` (${bytes} bytes)`}`, width),
    ...(shown === '' ? [] : chunks(printable(shown), width - 4).map((line) => `    ${line}`)),
    `sha256 of it: ${digest.slice('sha256:'.length)}`,
    agrees ? '              which is the name' : '              which is not the name',
    ...(command === undefined ? [] : [`  $ ${command}`]),
  ];
}

/** Lines of exactly so many characters: the input of a hash has no place where it may be broken by words. */
function chunks(text: string, size: number): string[] {
  const lines: string[] = [];
  for (let at = 0; at < text.length; at += size) lines.push(text.slice(at, at + size));
  return lines;
}

function wrap(text: string, width: number): string[] {
  const lines = [''];
  for (const word of printable(text).split(' ')) {
    const last = lines.at(-1) ?? '';
    if (last !== '' && textWidth(last) + 1 + textWidth(word) > width) lines.push(word);
    else lines[lines.length - 1] = last === '' ? word : `${last} ${word}`;
  }
  return lines;
}

/** Columns as wide as their widest cell; the last one is cut where the line ends. A digest is never cut. */
function aligned(rows: readonly (readonly string[])[], width: number): string[] {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [n, cell] of row.entries()) widths[n] = Math.max(widths[n] ?? 0, textWidth(printable(cell)));
  }
  return rows.map((row) => {
    const cells = row.map((cell, n) => {
      const plain = printable(cell);
      return n === row.length - 1 ? plain : plain + ' '.repeat((widths[n] ?? 0) - textWidth(plain));
    });
    const line = `  ${cells.join('  ')}`.trimEnd();
    return row.length > 2 ? cut(line, Math.max(width, narrowest)) : line;
  });
}
