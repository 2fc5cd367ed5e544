/**
 * Splits a Markdown transcript into prose and the lines of its `console` and other named blocks. What is a block is decided
 * by markdown-it (CommonMark, html off), so fences in lists and quotes count and fences shown inside other fences do not.
 *
 * Kept true: line numbers are those of the file, front matter included; loaded only when Markdown is read.
 */
import MarkdownIt from 'markdown-it';
import { UsageError } from '../errors.ts';
import type { SourceLine } from './parse.ts';

export type Piece =
  | { readonly kind: 'prose'; readonly markdown: string; readonly line: number }
  | {
      readonly kind: 'block';
      /** The first word behind the fence: `console`. */
      readonly name: string;
      readonly lines: readonly SourceLine[];
      readonly line: number;
      readonly column: number;
    };

export interface SplitMarkdown {
  readonly meta: Readonly<Record<string, string>>;
  /** Line of each key of the front matter. */
  readonly metaLines: Readonly<Record<string, number>>;
  readonly pieces: readonly Piece[];
}

/** Blocks whose name `isBlock` knows become pieces of their own, all else is prose. */
export function splitMarkdown(source: string, file: string, isBlock: (name: string) => boolean): SplitMarkdown {
  const lines = source.split('\n');
  const { meta, metaLines, bodyLine } = readFrontMatter(lines, file);
  // Blanked, not cut: line numbers stay true.
  const body = lines.map((line, i) => (i < bodyLine ? '' : line));
  const pieces: Piece[] = [];
  let at = bodyLine;
  for (const token of new MarkdownIt({ html: false }).parse(body.join('\n'), {})) {
    const name = token.info.trim().split(/\s+/)[0] ?? '';
    if (token.type !== 'fence' || token.map === null || !isBlock(name)) continue;
    const [start, end] = token.map;
    checkClosed(body, start, end, token.markup, name, file);
    pushProse(pieces, body.slice(at, start), at);
    pieces.push({
      kind: 'block',
      name,
      lines: contentLines(token.content, body, start),
      line: start + 1,
      column: column(body[start] ?? '', token.markup),
    });
    at = end;
  }
  pushProse(pieces, body.slice(at), at);
  return { meta, metaLines, pieces };
}

function contentLines(content: string, body: readonly string[], start: number): SourceLine[] {
  const texts = content.split('\n');
  if (texts.at(-1) === '') texts.pop();
  return texts.map((text, i) => ({ text, line: start + 2 + i, column: column(body[start + 1 + i] ?? '', text) }));
}

/** A fence may be indented (in a list) or quoted: its text is the end of the source line. */
function column(source: string, text: string): number {
  return Math.max(0, source.lastIndexOf(text)) + 1;
}

function checkClosed(
  body: readonly string[],
  start: number,
  end: number,
  markup: string,
  name: string,
  file: string,
): void {
  const last = (body[end - 1] ?? '').replace(/^[\s>]*/, '').trimEnd();
  const fence = markup[0]!;
  if (end - 1 > start && last.length >= markup.length && [...last].every((c) => c === fence)) return;
  throw new UsageError(
    `${name} block is not closed`,
    { file, line: start + 1, column: column(body[start] ?? '', markup) },
    `end it with a line ${markup}`,
  );
}

function pushProse(pieces: Piece[], lines: readonly string[], at: number): void {
  const first = lines.findIndex((line) => line.trim() !== '');
  if (first < 0) return;
  pieces.push({ kind: 'prose', markdown: lines.slice(first).join('\n').trimEnd(), line: at + first + 1 });
}

/** `---`, lines `key: value`, `---` at the very top. Values are plain text; quotes around them are dropped. */
function readFrontMatter(lines: readonly string[], file: string): Omit<SplitMarkdown, 'pieces'> & { bodyLine: number } {
  if (lines[0]?.trimEnd() !== '---') return { meta: {}, metaLines: {}, bodyLine: 0 };
  const end = lines.findIndex((line, i) => i > 0 && line.trimEnd() === '---');
  if (end < 0)
    throw new UsageError('front matter is not closed', { file, line: 1, column: 1 }, 'end it with a line ---');
  const meta: Record<string, string> = {};
  const metaLines: Record<string, number> = {};
  for (let i = 1; i < end; i += 1) {
    const text = lines[i]!;
    if (text.trim() === '' || text.startsWith('#')) continue;
    // A value is trimmed, not matched: a pattern for it would go over a long run of blanks again and again.
    const [, key, value] = /^([A-Za-z][\w-]*):(.*)$/.exec(text) ?? [];
    const here = { file, line: i + 1, column: 1 };
    if (key === undefined || value === undefined) throw new UsageError('front matter: expected "key: value"', here);
    if (Object.hasOwn(meta, key)) throw new UsageError(`front matter: "${key}" is there twice`, here);
    meta[key] = value.trim().replace(/^(["'])(.*)\1$/, '$2');
    metaLines[key] = i + 1;
  }
  return { meta, metaLines, bodyLine: end + 1 };
}
