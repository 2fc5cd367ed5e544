/**
 * Text for a terminal of any width: wrapped at spaces with a hanging indent, prose out of Markdown, utility calls in lines
 * that a person can read.
 *
 * Kept true: no line is wider than asked for, unless a single word is.
 */
import { textWidth } from '../../core/index.ts';
import { wrapBy } from './wrap.ts';

/** Wraps one paragraph, by columns of the terminal. */
export const wrap = (text: string, width: number, hang = 0): string[] => wrapBy(textWidth, text, width, hang);

/** How a terminal shows what Markdown emphasises. */
export interface Emphasis {
  readonly heading: (text: string) => string;
  readonly strong: (text: string) => string;
  readonly code: (text: string) => string;
}

/** Markdown as a terminal shows it: paragraphs and list items wrapped, headings alone, marks of emphasis gone. */
export function prose(markdown: string, width: number, emphasis: Emphasis): string {
  const blocks: string[][] = [];
  for (const row of markdown.split('\n')) {
    const last = blocks.at(-1);
    if (row.trim() === '' || last === undefined || /^(#{1,6} |\s*[-*] |\s*\d+\. )/.test(row)) blocks.push([row.trim()]);
    else if (last[0] === '') blocks.push([row.trim()]);
    else last.push(row.trim());
  }
  return blocks
    .map((rows) => rows.join(' '))
    .flatMap((text) => proseLines(text, width, emphasis))
    .join('\n');
}

function proseLines(text: string, width: number, emphasis: Emphasis): string[] {
  if (text === '') return [''];
  if (/^#{1,6} /.test(text)) return [emphasis.heading(inline(text.replace(/^#+ /, ''), (inner) => inner))];
  const hang = /^([-*] |\d+\. )/.exec(text)?.[0].length ?? 0;
  const plain = inline(text.slice(hang), (inner) => inner);
  const lines = wrap(`${text.slice(0, hang)}${plain}`, width, hang).join('\n');
  // Wrapped without the escapes, then given the looks: the same words in the same order.
  return style(lines, text, emphasis).split('\n');
}

const marks = /\*\*([^*]+)\*\*|`([^`]+)`|(?<![\w])_([^_]+)_(?![\w])|\*([^*\s][^*]*)\*/g;

function inline(text: string, put: (inner: string, code: boolean) => string): string {
  return text.replace(marks, (_all, ...found: (string | undefined)[]) => {
    const [strong, code, em, star] = found;
    return put(strong ?? code ?? em ?? star ?? '', code !== undefined);
  });
}

/** Gives each emphasised run of words its looks again, wherever the line was broken. */
function style(wrapped: string, source: string, { strong, code }: Emphasis): string {
  let out = '';
  let rest = wrapped;
  for (const match of source.matchAll(marks)) {
    const inner = match[1] ?? match[2] ?? match[3] ?? match[4] ?? '';
    const found = new RegExp(inner.trim().split(/\s+/).map(literally).join('\\s+')).exec(rest);
    if (found === null) continue;
    const look = match[2] === undefined ? strong : code;
    out += rest.slice(0, found.index) + found[0].replace(/[^\n]+/g, (part) => look(part));
    rest = rest.slice(found.index + found[0].length);
  }
  return out + rest;
}

const literally = (word: string): string => word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** Ids in a path or name, cut after the twelve digits that Docker shows of them. */
export function shortIds(text: string, ellipsis: string): string {
  return text
    .replace(/\b([0-9a-f]{12})[0-9a-f]{52}\b/g, `$1${ellipsis}`)
    .replace(/\b([A-Z2-7]{6})[A-Z2-7]{20}\b/g, `$1${ellipsis}`);
}

/** A utility call in short lines: one command each, what does not fit continued deeper; ids cut. */
export function callLines(shell: string, width: number, ellipsis: string): string[] {
  const lines: string[] = [];
  let depth = 0;
  for (const part of shortIds(shell, ellipsis).split(/(?<=;) |(?<= &&) |(?<=sh -c ')|\n/)) {
    const indent = ' '.repeat(Math.min(depth, 1) * 2);
    lines.push(...breakLong(indent + part, width, indent.length + 4));
    // Only for the looks: an odd number of quotes opens or closes `sh -c '…'`.
    depth += (part.split("'").length - 1) % 2 === 1 ? (depth > 0 ? -1 : 1) : 0;
  }
  return lines;
}

/** At a space; a word too long for a line behind a `,` or `:`, or before a `/`. */
function breakLong(text: string, width: number, hang: number): string[] {
  const lines: string[] = [];
  let rest = text;
  while (textWidth(rest) > width) {
    const room = rest.slice(0, width);
    const ends = [room.lastIndexOf(' '), room.lastIndexOf(',') + 1, room.lastIndexOf(':') + 1, room.lastIndexOf('/')];
    const at = ends.find((end) => end > hang) ?? width;
    lines.push(rest.slice(0, at).trimEnd());
    rest = ' '.repeat(hang) + rest.slice(at).trimStart();
  }
  return [...lines, rest];
}
