/**
 * Markdown as plain data: a small closed set of nodes, made from markdown-it's tokens (CommonMark and tables, html off), from
 * which any face can draw text without ever touching HTML.
 *
 * Kept true: what stands between `<` and `>` is text; a link leads to http, https or a place in the same page, any other is
 * only its text; an image is only its description; no text is lost.
 */
import MarkdownIt from 'markdown-it';
import { UsageError } from '../errors.ts';
import type { Inline, ProseNode } from './lesson.ts';

type Token = ReturnType<MarkdownIt['parse']>[number];

const markdown = new MarkdownIt({ html: false });

/** Lists in lists, emphasis in emphasis: more than this is no text that somebody wrote. */
const MAX_DEPTH = 20;

/** The blocks of a piece of Markdown, which stands at that place of a file. Throws UsageError. */
export function parseProse(text: string, place: { readonly file: string; readonly line: number }): ProseNode[] {
  const tokens = markdown.parse(text, {});
  checkDepth(tokens, place);
  return readBlocks(tokens);
}

function checkDepth(tokens: readonly Token[], { file, line }: { readonly file: string; readonly line: number }): void {
  let depth = 0;
  let at = 0;
  for (const token of tokens) {
    at = token.map?.[0] ?? at;
    depth += token.nesting;
    let within = depth;
    for (const child of token.children ?? []) {
      within += child.nesting;
      if (within > MAX_DEPTH) break;
    }
    if (Math.max(depth, within) > MAX_DEPTH)
      throw new UsageError(
        `text in text, more than ${MAX_DEPTH} deep`,
        { file, line: line + at, column: 1 },
        'lists, quotes and emphasis stand in each other a few deep at most',
      );
  }
}

/** Tokens up to the one that closes the first, and what comes after. */
function inside(tokens: readonly Token[], at: number): { readonly children: readonly Token[]; readonly next: number } {
  let depth = 0;
  for (let i = at; i < tokens.length; i += 1) {
    depth += tokens[i]!.nesting;
    if (depth === 0) return { children: tokens.slice(at + 1, i), next: i + 1 };
  }
  return { children: tokens.slice(at + 1), next: tokens.length };
}

function readBlocks(tokens: readonly Token[]): ProseNode[] {
  const nodes: ProseNode[] = [];
  for (let at = 0; at < tokens.length; ) {
    const token = tokens[at]!;
    if (token.nesting === 1) {
      const { children, next } = inside(tokens, at);
      nodes.push(...readContainer(token, children));
      at = next;
    } else {
      nodes.push(...readLeaf(token));
      at += 1;
    }
  }
  return nodes;
}

function readLeaf(token: Token): ProseNode[] {
  if (token.type === 'fence' || token.type === 'code_block')
    return [{ kind: 'code', language: token.info.trim(), text: token.content }];
  if (token.type === 'hr') return [{ kind: 'rule' }];
  if (token.type === 'inline') return [{ kind: 'paragraph', content: readInlines(token.children ?? []) }];
  return [];
}

function readContainer(token: Token, children: readonly Token[]): ProseNode[] {
  const content = (): Inline[] => readInlines(children[0]?.children ?? []);
  switch (token.type) {
    case 'heading_open':
      return [{ kind: 'heading', level: Number(token.tag.slice(1)), content: content() }];
    case 'paragraph_open':
      return [{ kind: 'paragraph', content: content() }];
    case 'bullet_list_open':
    case 'ordered_list_open':
      return [{ kind: 'list', ordered: token.type === 'ordered_list_open', items: eachIn(children, readBlocks) }];
    case 'blockquote_open':
      return [{ kind: 'quote', content: readBlocks(children) }];
    case 'table_open':
      return [readTable(children)];
    default:
      return readBlocks(children);
  }
}

/** What `read` makes of the inside of each element of a row of elements. */
function eachIn<T>(tokens: readonly Token[], read: (children: readonly Token[], open: Token) => T): T[] {
  const found: T[] = [];
  for (let at = 0; at < tokens.length; ) {
    const { children, next } = inside(tokens, at);
    found.push(read(children, tokens[at]!));
    at = next;
  }
  return found;
}

function readTable(parts: readonly Token[]): ProseNode {
  const row = (cells: readonly Token[]): Inline[][] =>
    eachIn(cells, (children) => readInlines(children[0]?.children ?? []));
  const [head = [], body = []] = eachIn(parts, (rows) => eachIn(rows, row));
  return { kind: 'table', head: head[0] ?? [], rows: body };
}

function readInlines(tokens: readonly Token[]): Inline[] {
  const found: Inline[] = [];
  for (let at = 0; at < tokens.length; ) {
    const token = tokens[at]!;
    if (token.nesting === 1) {
      const { children, next } = inside(tokens, at);
      found.push(...readSpan(token, readInlines(children)));
      at = next;
    } else {
      const text = token.type === 'softbreak' ? ' ' : token.type === 'hardbreak' ? '\n' : token.content;
      if (text !== '') found.push(token.type === 'code_inline' ? { kind: 'code', text } : { kind: 'text', text });
      at += 1;
    }
  }
  return found;
}

function readSpan(token: Token, content: Inline[]): Inline[] {
  if (token.type === 'em_open') return [{ kind: 'em', content }];
  if (token.type === 'strong_open') return [{ kind: 'strong', content }];
  const href = token.type === 'link_open' ? (token.attrGet('href') ?? '') : '';
  return /^(https?:\/\/|#)/i.test(href) ? [{ kind: 'link', href, content }] : content;
}
