/**
 * Tokens of a Go template (text/template/parse): text outside of `{{ }}`, and the words of the actions inside. Positions are
 * offsets into the template, for error messages.
 */

export type TokenKind =
  | 'text'
  | 'open'
  | 'close'
  | 'field'
  | 'dot'
  | 'variable'
  | 'identifier'
  | 'string'
  | 'char'
  | 'number'
  | 'symbol'
  | 'space';

export interface Token {
  readonly kind: TokenKind;
  readonly text: string;
  readonly pos: number;
}

/** The template cannot be read; `message` is Go's, after `template: `. */
export class TemplateSyntaxError extends Error {}

const patterns: readonly (readonly [TokenKind, RegExp])[] = [
  ['space', /[ \t\r\n]+/y],
  ['field', /\.[\p{L}_][\p{L}\p{Nd}_]*/uy],
  ['number', /[+-]?(?:0[xX][\da-fA-F_]+|0[bB][01_]+|0[oO][0-7_]+|(?:\d[\d_]*\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)/y],
  ['dot', /\./y],
  ['variable', /\$(?:[\p{L}_][\p{L}\p{Nd}_]*)?/uy],
  ['identifier', /[\p{L}_][\p{L}\p{Nd}_]*/uy],
  ['string', /"(?:[^"\\\n]|\\.)*"/y],
  ['string', /`[^`]*`/y],
  ['char', /'(?:[^'\\\n]|\\[^\n])+'/y],
  ['symbol', /:=|[=|(),]/y],
];

export const fail = (source: string, pos: number, what: string): TemplateSyntaxError =>
  new TemplateSyntaxError(`template: :${source.slice(0, pos).split('\n').length}: ${what}`);

/** Cuts a template into tokens, `{{-` and `-}}` already applied, comments left out. */
export function lex(source: string): Token[] {
  const tokens: Token[] = [];
  let pos = 0;
  let trimNext = false;
  while (pos < source.length) {
    const open = source.indexOf('{{', pos);
    const end = open < 0 ? source.length : open;
    const trimmed = /^\{\{-[ \t\r\n]/.test(source.slice(open, open + 4)) && open >= 0;
    let text = source.slice(pos, end);
    if (trimNext) text = text.trimStart();
    if (trimmed) text = text.trimEnd();
    if (text !== '') tokens.push({ kind: 'text', text, pos });
    if (open < 0) break;
    const inside = open + (trimmed ? 3 : 2);
    const comment = /^\s*\/\*/.test(source.slice(inside)) ? skipComment(source, inside) : undefined;
    const closed = comment ?? lexAction(source, open, inside, tokens);
    trimNext = closed.trim;
    pos = closed.pos;
  }
  return tokens;
}

function skipComment(source: string, from: number): { pos: number; trim: boolean } {
  const end = source.indexOf('*/', from);
  if (end < 0) throw fail(source, from, 'unclosed comment');
  const close = /^(\s-)?\}\}/.exec(source.slice(end + 2));
  if (close === null) throw fail(source, end, 'comment ends before closing delimiter');
  return { pos: end + 2 + close[0].length, trim: close[1] !== undefined };
}

function lexAction(source: string, open: number, from: number, tokens: Token[]): { pos: number; trim: boolean } {
  tokens.push({ kind: 'open', text: '{{', pos: open });
  let parens = 0;
  for (let pos = from; pos < source.length; ) {
    const close = /^(\s-)?\}\}/.exec(source.slice(pos, pos + 4));
    if (close !== null) {
      if (parens > 0) throw fail(source, pos, 'unclosed left paren');
      tokens.push({ kind: 'close', text: '}}', pos });
      return { pos: pos + close[0].length, trim: close[1] !== undefined };
    }
    const token = match(source, pos);
    if (token.text === '(') parens++;
    if (token.text === ')' && --parens < 0) throw fail(source, pos, "unexpected right paren U+0029 ')'");
    tokens.push(token);
    pos += token.text.length;
  }
  throw fail(source, open, 'unclosed action');
}

function match(source: string, pos: number): Token {
  for (const [kind, pattern] of patterns) {
    pattern.lastIndex = pos;
    const text = pattern.exec(source)?.[0];
    if (text !== undefined) return { kind, text, pos };
  }
  const char = String.fromCodePoint(source.codePointAt(pos) ?? 0);
  if (char === '"') throw fail(source, pos, 'unterminated quoted string');
  if (char === '`') throw fail(source, pos, 'unterminated raw quoted string');
  if (char === "'") throw fail(source, pos, 'unterminated character constant');
  const code = char.codePointAt(0)?.toString(16).toUpperCase().padStart(4, '0');
  throw fail(source, pos, `bad character U+${code} '${char}'`);
}
