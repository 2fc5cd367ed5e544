/**
 * Text pictures are made of blocks: lines of styled spans, framed, put side by side, and printed at the end with or without
 * colour, in Unicode or in ASCII.
 *
 * Kept true: a block knows its width in columns of the terminal (wide East Asian characters count two, combining ones none);
 * the ASCII form has the same layout, character for character.
 */

/** What a span means; colours are given to meanings, never used as the only sign of one. */
export type Style =
  | 'plain'
  | 'dim'
  | 'bold'
  | 'read-write'
  | 'read-only'
  | 'init'
  | 'union'
  | 'process'
  | 'frozen'
  | 'mark'
  | 'gone';

export interface Span {
  readonly text: string;
  readonly style: Style;
}

export type Line = readonly Span[];
export type Block = readonly Line[];

export function span(text: string, style: Style = 'plain'): Span {
  return { text: printable(text), style };
}

/** A line of strings and spans. */
export function line(...parts: readonly (string | Span)[]): Line {
  return parts.map((part) => (typeof part === 'string' ? span(part) : part));
}

/** File names and arguments may hold anything: control characters are shown as `?`, as `ls` does. */
export function printable(text: string): string {
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, '?');
}

const wide =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}|[\u{20000}-\u{3fffd}]/u;
const zero = /\p{Mark}|[\u200b-\u200d\u2060\ufeff]/u;

function charWidth(char: string): number {
  if (char < '\u0300') return 1;
  if (zero.test(char)) return 0;
  return wide.test(char) ? 2 : 1;
}

/** Columns that a text takes in a terminal. */
export function textWidth(text: string): number {
  let width = 0;
  for (const char of text) width += charWidth(char);
  return width;
}

export function lineWidth(spans: Line): number {
  return spans.reduce((sum, part) => sum + textWidth(part.text), 0);
}

export function blockWidth(block: Block): number {
  return Math.max(0, ...block.map(lineWidth));
}

/** Cuts a text to so many columns; what was cut is shown by `…`. */
export function cut(text: string, width: number): string {
  if (textWidth(text) <= width) return text;
  let taken = '';
  let used = 0;
  for (const char of text) {
    if (used + charWidth(char) > width - 1) break;
    taken += char;
    used += charWidth(char);
  }
  return width > 0 ? `${taken}…` : '';
}

/** Cuts in the middle, so that the end of a path stays readable. */
export function cutMiddle(text: string, width: number): string {
  if (textWidth(text) <= width || width < 8) return cut(text, width);
  const tail = [...text].slice(-Math.floor((width - 1) / 2)).join('');
  return `${cut(text, width - textWidth(tail))}${tail}`;
}

/** Cuts or pads a line to exactly so many columns. */
export function fit(spans: Line, width: number): Line {
  const missing = width - lineWidth(spans);
  if (missing >= 0) return missing === 0 ? spans : [...spans, span(' '.repeat(missing))];
  const out: Span[] = [];
  let left = width;
  for (const part of spans) {
    if (textWidth(part.text) > left - 1) {
      // Something follows for certain (the whole is too long), so this span ends in the sign for it.
      const text = cut(`${part.text}  `, left);
      return [...out, { text: text + ' '.repeat(left - textWidth(text)), style: part.style }];
    }
    out.push(part);
    left -= textWidth(part.text);
  }
  return out;
}

export type Border = 'light' | 'double' | 'heavy' | 'dashed';

const borders: Readonly<
  Record<
    Border,
    { h: string; v: string; corners: readonly [string, string, string, string]; tees: readonly [string, string] }
  >
> = {
  light: { h: '─', v: '│', corners: ['┌', '┐', '└', '┘'], tees: ['├', '┤'] },
  double: { h: '═', v: '║', corners: ['╔', '╗', '╚', '╝'], tees: ['╠', '╣'] },
  heavy: { h: '━', v: '┃', corners: ['┏', '┓', '┗', '┛'], tees: ['┣', '┫'] },
  dashed: { h: '┅', v: '┇', corners: ['┏', '┓', '┗', '┛'], tees: ['┣', '┫'] },
};

export interface Frame {
  readonly border: Border;
  readonly style: Style;
  /** Stands in the upper edge. */
  readonly title: Line;
  /** Whole width, borders included. */
  readonly width: number;
}

/** A frame around sections, which are parted by lines. */
export function frame(options: Frame, ...sections: readonly Block[]): Block {
  const { border, style, width } = options;
  const { h, v, corners, tees } = borders[border];
  const inner = width - 4;
  const room = Math.max(0, width - 6);
  const titleLine = lineWidth(options.title) > room ? fit(options.title, room) : options.title;
  const fill = Math.max(0, width - 5 - lineWidth(titleLine));
  const top =
    titleLine.length === 0
      ? line(span(corners[0] + h.repeat(width - 2) + corners[1], style))
      : [span(`${corners[0]}${h} `, style), ...titleLine, span(` ${h.repeat(fill)}${corners[1]}`, style)];
  const body = sections.flatMap((section, i) => [
    ...(i === 0 ? [] : [line(span(tees[0] + h.repeat(width - 2) + tees[1], style))]),
    ...section.map((row) => [span(`${v} `, style), ...fit(row, inner), span(` ${v}`, style)]),
  ]);
  return [top, ...body, line(span(corners[2] + h.repeat(width - 2) + corners[3], style))];
}

/** Puts blocks side by side, tops aligned, each padded to its own width. */
export function beside(...blocks: readonly Block[]): Block {
  const height = Math.max(...blocks.map((block) => block.length));
  return Array.from({ length: height }, (_, i) => blocks.flatMap((block) => fit(block[i] ?? [], blockWidth(block))));
}

/** Moves a block to the right. */
export function indent(block: Block, by: number): Block {
  return block.map((row) => [span(' '.repeat(by)), ...row]);
}

const ansi: Readonly<Record<Style, string>> = {
  plain: '',
  dim: '\x1b[2m',
  bold: '\x1b[1m',
  'read-write': '\x1b[32m',
  'read-only': '\x1b[34m',
  init: '\x1b[2;34m',
  union: '\x1b[36m',
  process: '\x1b[35m',
  frozen: '\x1b[96m',
  mark: '\x1b[1;33m',
  gone: '\x1b[31m',
};

const ascii: Readonly<Record<string, string>> = {
  '─': '-',
  '│': '|',
  '┌': '+',
  '┐': '+',
  '└': '+',
  '┘': '+',
  '├': '+',
  '┤': '+',
  '┬': '+',
  '┴': '+',
  '┼': '+',
  '═': '=',
  '║': '#',
  '╔': '#',
  '╗': '#',
  '╚': '#',
  '╝': '#',
  '╠': '#',
  '╣': '#',
  '━': '~',
  '┃': ':',
  '┏': ':',
  '┓': ':',
  '┗': ':',
  '┛': ':',
  '┣': ':',
  '┫': ':',
  '┅': '.',
  '┇': '.',
  '●': 'o',
  '○': '-',
  '◐': '/',
  '✕': 'x',
  '▲': '^',
  '▼': 'v',
  '▶': '>',
  '◀': '<',
  '→': '>',
  '·': '-',
  '…': '~',
  '—': '-',
  '−': '-',
};

export interface PrintOptions {
  readonly colour?: boolean;
  /** Only ASCII characters in frames and signs (file names stay as they are). */
  readonly ascii?: boolean;
}

/** A block as text, without white space at line ends. */
export function printBlock(block: Block, options: PrintOptions = {}): string {
  return block.map((row) => `${printLine(row, options)}\n`).join('');
}

function printLine(row: Line, options: PrintOptions): string {
  const spans = dropTrailing(row);
  return spans
    .map(({ text, style }) => {
      const shown = options.ascii === true ? text.replace(/[─-╿●○◐✕▲▼▶◀→·…—−]/g, (char) => ascii[char] ?? char) : text;
      const code = options.colour === true ? ansi[style] : '';
      return code === '' || shown.trim() === '' ? shown : `${code}${shown}\x1b[0m`;
    })
    .join('');
}

function dropTrailing(row: Line): Line {
  const end = row.findLastIndex((part) => part.text.trimEnd() !== '');
  return row.slice(0, end + 1).map((part, i) => (i === end ? { ...part, text: part.text.trimEnd() } : part));
}
