/**
 * What follows a `$` (or a backquote) in the shell language: parameters, command substitution, arithmetic, `$'…'`.
 * POSIX.1-2017 XCU 2.6; the extensions are busybox ash's.
 */
import { simpleEscapes } from '../lib/escapes.ts';
import type { ParamOp, Part, Span, Word } from './ast.ts';
import { addText, type Lexer } from './lexer.ts';

const special = '@*#?-$!';

/** The lexer stands after the `$`. */
export function readDollar(lexer: Lexer, parts: Part[], quoted: boolean): void {
  lexer.skipContinuations();
  const c = lexer.peek();
  if (c === '(') parts.push(lexer.peek(1) === '(' ? readArith(lexer, quoted) : readCommand(lexer, quoted));
  else if (c === '{') parts.push(readBraced(lexer, quoted));
  else if (c === "'" && !quoted) readAnsi(lexer, parts);
  else {
    const name = plainName(lexer);
    if (name === '') addText(parts, '$', quoted);
    else parts.push({ kind: 'param', name, quoted });
  }
}

function plainName(lexer: Lexer): string {
  const c = lexer.peek();
  if (/^[0-9]$/.test(c) || (c !== '' && special.includes(c))) return lexer.take();
  return identifier(lexer);
}

function identifier(lexer: Lexer): string {
  let name = '';
  while (/^[A-Za-z_]$/.test(lexer.peek()) || (name !== '' && /^[0-9]$/.test(lexer.peek()))) name += lexer.take();
  return name;
}

function readCommand(lexer: Lexer, quoted: boolean): Part {
  lexer.take();
  const { script, end } = lexer.nested(lexer.text, lexer.pos, lexer.line);
  while (lexer.pos < end) lexer.take();
  return { kind: 'command', script, quoted };
}

/** `$(( … ))`: the text up to the closing parentheses, expanded as between double quotes and then computed. */
function readArith(lexer: Lexer, quoted: boolean): Part {
  lexer.take();
  lexer.take();
  let depth = 0;
  const from = lexer.mark();
  const ends = (c: string): boolean => {
    if (c === '') lexer.fail("missing '))'");
    if (c === '(') depth++;
    if (c !== ')') return false;
    if (depth > 0) {
      depth--;
      return false;
    }
    return true;
  };
  const expr = lexer.word(from, ends, true);
  lexer.take();
  if (lexer.take() !== ')') lexer.fail("missing '))'");
  return { kind: 'arith', expr, quoted };
}

/** `${…}`. What is none is read up to its end, and wrong when it is expanded. */
function readBraced(lexer: Lexer, quoted: boolean): Part {
  const open = lexer.mark();
  lexer.take();
  const first = lexer.peek();
  const length = first === '#' && lengthOf(lexer);
  if (length) lexer.take();
  let name = plainName(lexer);
  if (/^[0-9]$/.test(name)) while (/^[0-9]$/.test(lexer.peek())) name += lexer.take();
  if (name !== '' && lexer.peek() === '}') {
    lexer.take();
    return length ? { kind: 'param', name, quoted, length } : { kind: 'param', name, quoted };
  }
  return readOperator(lexer, name, quoted, open, length || name === '');
}

/** `#` is the operator, not the parameter `$#`: a name follows, or one special character and the end. */
function lengthOf(lexer: Lexer): boolean {
  const next = lexer.peek(1);
  return /^\w$/.test(next) || (next !== '' && special.includes(next) && lexer.peek(2) === '}');
}

function readOperator(lexer: Lexer, name: string, quoted: boolean, open: Span, bad: boolean): Part {
  const op = bad ? 'bad' : (operator(lexer) ?? 'bad');
  // Quotes inside ${x:-…} follow those around it; a pattern after # % / has its own.
  const inDouble = quoted && !['#', '##', '%', '%%', '/', '//'].includes(op);
  // The pattern of ${x//…} is not empty: a slash there is its first character.
  const slash = op === '//' && lexer.peek() === '/' ? lexer.take() : '';
  let arg = operand(lexer, op === '/' || op === '//' ? '/}' : op === 'slice' ? ':}' : '}', inDouble, open);
  if (slash !== '') arg = { ...arg, parts: [{ kind: 'text', text: slash, quoted: false }, ...arg.parts] };
  let arg2: Word | undefined;
  if (lexer.peek() !== '}') {
    lexer.take();
    arg2 = operand(lexer, '}', inDouble, open);
  }
  lexer.take();
  return arg2 === undefined ? { kind: 'param', name, quoted, op, arg } : { kind: 'param', name, quoted, op, arg, arg2 };
}

function operand(lexer: Lexer, ends: string, inDouble: boolean, open: Span): Word {
  return lexer.word(
    lexer.mark(),
    (c) => {
      if (c === '') lexer.fail(inDouble && !lexer.inHere ? 'unterminated quoted string' : "missing '}'", open);
      return ends.includes(c);
    },
    inDouble,
  );
}

function operator(lexer: Lexer): ParamOp | undefined {
  const c = lexer.take();
  // A line that ends where an operator should stand is not counted.
  if (c === '\n') {
    lexer.line--;
    lexer.eaten = true;
  }
  if (c === ':') {
    const next = lexer.peek();
    if (next === '-' || next === '=' || next === '+' || next === '?') {
      lexer.take();
      return `:${next}`;
    }
    return 'slice';
  }
  if (c === '-' || c === '=' || c === '+' || c === '?') return c;
  if (c !== '#' && c !== '%' && c !== '/') {
    if (c === '}' || c === '') lexer.pos -= c.length;
    return undefined;
  }
  if (lexer.peek() !== c) return c;
  lexer.take();
  return `${c}${c}` as '##' | '%%' | '//';
}

/** The lexer stands after the opening backquote. Inside, a backslash only escapes $ ` \ (and " within double quotes). */
export function readBackquoted(lexer: Lexer, quoted: boolean): Part {
  let inner = '';
  const line = lexer.line;
  for (;;) {
    const c = lexer.take();
    if (c === '') lexer.fail('EOF in backquote substitution');
    if (c === '`') break;
    if (c === '\\') {
      const next = lexer.take();
      const escapes = next !== '' && (quoted ? '$`\\"' : '$`\\').includes(next);
      inner += escapes ? next : `\\${next}`;
    } else inner += c;
  }
  return { kind: 'command', script: lexer.nested(inner, 0, line, true).script, quoted };
}

/** In `$'…'` quotes can be escaped as well; `\e` is none of ash's. */
const { e: _, ...common } = simpleEscapes;
const escapes: Readonly<Record<string, string>> = { ...common, "'": "'", '"': '"' };

/** `$'…'`: backslash escapes as in C. The lexer stands on the quote. */
function readAnsi(lexer: Lexer, parts: Part[]): void {
  lexer.take();
  let text = '';
  for (;;) {
    const c = lexer.take();
    if (c === '') lexer.fail('unterminated quoted string');
    if (c === "'") break;
    if (c !== '\\') {
      text += c;
      continue;
    }
    const rest = lexer.text.slice(lexer.pos);
    const code = /^x([0-9a-fA-F]{1,2})|^([0-7]{1,3})/.exec(rest);
    if (code !== null) {
      lexer.pos += code[0].length;
      text += String.fromCharCode(code[1] !== undefined ? Number.parseInt(code[1], 16) : Number.parseInt(code[2]!, 8));
    } else {
      const next = lexer.take();
      text += escapes[next] ?? `\\${next}`;
    }
  }
  addText(parts, text, true);
}
