/** The words of an awk program. A `/` is a division after an operand, else it begins a regular expression. */
import { AwkError } from './ast.ts';

export interface Token {
  readonly t: 'num' | 'str' | 'regex' | 'name' | 'func' | 'builtin' | 'word' | 'op' | 'newline' | 'end';
  readonly text: string;
  readonly line: number;
  /** White space stands before it. */
  readonly spaced: boolean;
}

const words = new Set(
  `BEGIN END function func if else while for do break continue next nextfile exit return delete in getline print printf`.split(
    ' ',
  ),
);
export const builtins = new Set(
  `length substr index split sub gsub gensub match sprintf sin cos atan2 exp log sqrt int rand srand tolower toupper system close
  fflush systime strftime mktime and or xor compl lshift rshift`.split(/\s+/),
);
const operators = /\*\*=|\*\*|\+\+|--|\+=|-=|\*=|\/=|%=|\^=|==|<=|>=|!=|!~|&&|\|\||>>|[-+*/%^!<>|?:~$={}()[\];,]/y;
const number = /(?:0[xX][0-9a-fA-F]+|(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)/y;
const name = /[A-Za-z_]\w*/y;
const escapes: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  r: '\r',
  a: '\x07',
  b: '\b',
  f: '\f',
  v: '\v',
  '\\': '\\',
  '"': '"',
  '/': '/',
};

export function tokensOf(source: string): Token[] {
  const found: Token[] = [];
  let at = 0;
  let line = 1;
  let spaced = false;
  const push = (t: Token['t'], text: string): void => void found.push({ t, text, line, spaced });
  const take = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at;
    const match = pattern.exec(source);
    if (match === null) return undefined;
    at += match[0].length;
    return match[0];
  };
  const quoted = (end: string): string => {
    let text = '';
    for (at++; ; at++) {
      const c = source[at];
      if (c === undefined || c === '\n') throw new AwkError('Unexpected end of string', line);
      if (c === end) {
        at++;
        return text;
      }
      text += c;
      if (c === '\\' && source[at + 1] !== undefined) text += source[++at];
    }
  };
  while (at < source.length) {
    const c = source[at]!;
    if (c === ' ' || c === '\t' || c === '\r') {
      at++;
      spaced = true;
      continue;
    }
    if (c === '\\' && source[at + 1] === '\n') {
      at += 2;
      line++;
      spaced = true;
      continue;
    }
    if (c === '#') {
      while (at < source.length && source[at] !== '\n') at++;
      continue;
    }
    if (c === '\n') {
      push('newline', '\n');
      at++;
      line++;
    } else if (c === '"') push('str', unescaped(quoted('"')));
    else if (c === '/' && !afterOperand(found.at(-1))) push('regex', quoted('/').replaceAll('\\/', '/'));
    else if (/[\d.]/.test(c)) {
      const text = take(number);
      if (text === undefined) throw new AwkError('Unexpected token', line);
      push('num', text);
    } else if (/[A-Za-z_]/.test(c)) {
      const text = take(name)!;
      if (words.has(text)) push('word', text === 'func' ? 'function' : text);
      else if (builtins.has(text)) push('builtin', text);
      else push(source[at] === '(' ? 'func' : 'name', text);
    } else {
      const text = take(operators);
      if (text === undefined) throw new AwkError('Unexpected token', line);
      push('op', text.replace('**', '^'));
    }
    spaced = false;
  }
  push('newline', '\n');
  push('end', '');
  return found;
}

function afterOperand(token: Token | undefined): boolean {
  if (token === undefined) return false;
  if (token.t === 'num' || token.t === 'str' || token.t === 'name' || token.t === 'builtin') return true;
  return token.t === 'op' && [')', ']', '$', '++', '--'].includes(token.text);
}

/** Escapes of a string constant; unknown ones keep their backslash, as busybox has it. */
export function unescaped(text: string): string {
  return text.replace(/\\(?:([0-7]{1,3})|x([0-9a-fA-F]{1,2})|(\n)|([\s\S]))/g, (_, octal, hex, newline, other) => {
    if (octal !== undefined) return String.fromCharCode(Number.parseInt(octal, 8) & 255);
    if (hex !== undefined) return String.fromCharCode(Number.parseInt(hex, 16));
    if (newline !== undefined) return '';
    return escapes[other as string] ?? `\\${other}`;
  });
}
