/**
 * Word expansion (POSIX.1-2017 XCU 2.6): tilde, parameters, command substitution, arithmetic; then field splitting, path
 * names, quote removal. A word becomes pieces that remember whether they were quoted; everything after works on those.
 */
import type { Call } from '../../kernel/sys.ts';
import { attempt } from '../lib/applet.ts';
import { fromBytes } from '../lib/bytes.ts';
import { ArithError, arithmetic } from './arith.ts';
import type { Part, Script, Word } from './ast.ts';
import { cutEnds, cutFirst, replaceIn } from './editargs.ts';
import { compile, glob, hasGlob, type PatternPiece, patternSource } from './pattern.ts';
import { type Shell, ShellError } from './shell.ts';

interface Piece extends PatternPiece {
  /** Came from an unquoted expansion: split at IFS. */
  readonly split: boolean;
  /** A field ends here whatever IFS says: between the arguments of "$@". */
  readonly cut?: boolean;
}

/** Runs a command substitution and gives its output; run.ts is it. */
export type Substitute = (shell: Shell, script: Script) => Call<string>;

/** Words to arguments. */
export function* expandWords(shell: Shell, words: readonly Word[], run: Substitute): Call<string[]> {
  const args: string[] = [];
  for (const word of words) {
    const only = word.parts.length === 1 ? word.parts[0]! : undefined;
    if (only?.kind === 'text' && (only.quoted || !/[*?[~\\]/.test(only.text))) {
      args.push(only.text);
      continue;
    }
    for (const field of split(yield* pieces(shell, word, run, false, false, true), shell.ifs))
      args.push(...pathNames(shell, field));
  }
  return args;
}

/** A word to one text: assignments, redirections, `case` subjects. */
export function* expandText(shell: Shell, word: Word, run: Substitute, assignment = false): Call<string> {
  return joined(yield* pieces(shell, word, run, assignment));
}

/** A word as a pattern: `case`, `${x#…}`. */
function* expandPattern(shell: Shell, word: Word, run: Substitute): Call<readonly PatternPiece[]> {
  return yield* pieces(shell, word, run);
}

export function* matches(shell: Shell, subject: string, pattern: Word, run: Substitute): Call<boolean> {
  return compile(yield* expandPattern(shell, pattern, run)).test(subject);
}

function joined(list: readonly Piece[]): string {
  return list.map((piece) => (piece.cut === true ? ' ' : piece.text)).join('');
}

/** `asFields`: the word becomes arguments, so that "$@" may be several. */
function* pieces(
  shell: Shell,
  word: Word,
  run: Substitute,
  assignment = false,
  asValue = false,
  asFields = false,
): Call<Piece[]> {
  const list: Piece[] = [];
  for (const [i, part] of word.parts.entries()) {
    if (part.kind === 'text') {
      const text = part.quoted ? part.text : tilde(shell, part.text, i === 0, word.parts.length === i + 1, assignment);
      list.push({ text, quoted: part.quoted, split: asValue && !part.quoted });
    } else yield* expansion(shell, part, run, list, asFields);
  }
  return list;
}

function tilde(shell: Shell, text: string, first: boolean, last: boolean, assignment: boolean): string {
  if (!text.includes('~')) return text;
  // A name ends at a slash (in an assignment at a colon too), or where the word does.
  const name = assignment ? '[^/:]*' : '[^/]*';
  const ends = `(?=${last ? '$|' : ''}${assignment ? '[/:]' : '/'})`;
  const begins = assignment ? `(${first ? '^|' : ''}:)` : '(^)';
  if (!assignment && !first) return text;
  return text.replace(new RegExp(`${begins}~(${name})${ends}`, 'g'), (whole, before: string, user: string) => {
    const home = user === '' ? shell.get('HOME') : homeOf(shell, user);
    return home === undefined ? whole : before + home;
  });
}

/** The home directory of a user, by /etc/passwd; undefined: no such user. */
function homeOf(shell: Shell, user: string): string | undefined {
  const { sys } = shell;
  const fd = attempt(() => sys.open('/etc/passwd', { read: true }));
  if (fd === undefined) return undefined;
  const rows: string[] = [];
  for (let bytes = sys.tryRead(fd, 4096); bytes !== undefined && bytes.length > 0; bytes = sys.tryRead(fd, 4096)) {
    rows.push(fromBytes(bytes));
  }
  sys.close(fd);
  const found = rows
    .join('')
    .split('\n')
    .find((row) => row.startsWith(`${user}:`));
  return found?.split(':')[5];
}

function* expansion(
  shell: Shell,
  part: Exclude<Part, { kind: 'text' }>,
  run: Substitute,
  list: Piece[],
  asFields: boolean,
): Call<void> {
  if (part.kind === 'param') {
    yield* parameter(shell, part, run, list, asFields);
    return;
  }
  const text =
    part.kind === 'command'
      ? (yield* run(shell, part.script)).replace(/\n+$/, '')
      : String(evaluate(shell, yield* expandText(shell, part.expr, run)));
  list.push(value(text, part.quoted));
}

export function evaluate(shell: Shell, text: string): bigint {
  try {
    return arithmetic(text, {
      get: (name) => shell.get(name),
      set: (name, to) => shell.set(name, to),
    });
  } catch (error) {
    if (error instanceof ArithError) throw new ShellError(error.message);
    throw error;
  }
}

function value(text: string, quoted: boolean): Piece {
  return { text, quoted, split: !quoted };
}

type Param = Extract<Part, { kind: 'param' }>;

function* parameter(shell: Shell, part: Param, run: Substitute, list: Piece[], asFields: boolean): Call<void> {
  const { name, op, quoted } = part;
  if ((name === '@' || name === '*') && op === undefined && part.length !== true) {
    positional(shell, part, list, asFields);
    return;
  }
  if (op === 'bad') throw new ShellError('syntax error: bad substitution');
  const current = name === '@' || name === '*' ? joinedArgs(shell) : shell.get(name);
  if (part.length === true) {
    list.push(value(String((current ?? unset(shell, name)).length), quoted));
    return;
  }
  if (op === undefined) {
    list.push(value(current ?? unset(shell, name), quoted));
    return;
  }
  const missing = current === undefined || (op.startsWith(':') && current === '');
  const fallback = op.endsWith('-') || op.endsWith('=') || op.endsWith('?');
  if (fallback && !missing) {
    if (name === '@' || name === '*') {
      positional(shell, part, list, asFields);
      // Only `"$@"` itself is no word when there are no arguments.
      if (quoted && shell.args.length === 0) list.push(value('', true));
    } else list.push(value(current, quoted));
  } else if (op.endsWith('-') || (op.endsWith('+') && !missing)) {
    if (quoted) list.push(value('', true));
    list.push(...(yield* pieces(shell, part.arg!, run, false, !quoted, asFields)));
  } else if (op.endsWith('=')) {
    const text = yield* expandText(shell, part.arg!, run);
    shell.set(name, text);
    list.push(value(text, quoted));
  } else if (op.endsWith('?')) {
    const said = yield* expandText(shell, part.arg!, run);
    const colon = op.startsWith(':') ? 'parameter not set or null' : 'parameter not set';
    throw new ShellError(`${name}: ${said === '' ? colon : said}`);
  } else if ((name === '@' || (name === '*' && !quoted)) && asFields && shell.args.length > 0 && !op.endsWith('+')) {
    pushArgs(yield* editedArgs(shell, part, shell.args, run), quoted, list);
  } else if (!op.endsWith('+')) {
    list.push(value(current === undefined ? unset(shell, name) : yield* edited(shell, part, current, run), quoted));
  } else list.push({ text: '', quoted, split: !quoted });
}

export function unset(shell: Shell, name: string): string {
  if (shell.options.has('u') && !'@*#?$!-'.includes(name)) throw new ShellError(`${name}: parameter not set`);
  return '';
}

/** All arguments as one text, where they are not to become several. */
function joinedArgs(shell: Shell): string {
  const ifs = shell.get('IFS');
  return shell.args.join(ifs === undefined ? ' ' : ifs.slice(0, 1));
}

function positional(shell: Shell, part: Param, list: Piece[], asFields: boolean): void {
  if (!asFields || (part.quoted && part.name === '*')) {
    list.push(value(joinedArgs(shell), part.quoted));
    return;
  }
  // "$@" of no arguments is no field, although it is quoted.
  pushArgs(shell.args, part.quoted, list);
}

function pushArgs(args: readonly string[], quoted: boolean, list: Piece[]): void {
  args.forEach((arg, i) => {
    if (i > 0) list.push({ text: '', quoted: false, split: false, cut: true });
    list.push(value(arg, quoted));
  });
}

/** `"${@#p}"` and the like: see editargs.ts. */
function* editedArgs(shell: Shell, part: Param, args: readonly string[], run: Substitute): Call<readonly string[]> {
  const [first = '', ...rest] = args;
  const { op, arg, arg2 } = part;
  if (op === 'slice') return (yield* edited(shell, part, args.join('\0'), run)).split('\0');
  const pattern = yield* expandPattern(shell, arg!, run);
  const whole = compile(pattern);
  switch (op) {
    case '#':
      return [yield* edited(shell, part, first, run), ...rest];
    case '##':
      return whole.test(first) ? [''] : [yield* edited(shell, part, first, run), ...rest];
    case '%':
      return cutEnds(args, whole);
    case '%%':
      return cutFirst(args, whole);
    default: {
      const by = arg2 === undefined ? '' : yield* expandText(shell, arg2, run);
      return patternSource(pattern) === ''
        ? args
        : replaceIn(args, whole, by, op === '//', !pattern.some(({ text }) => /[*?[\\]/.test(text)));
    }
  }
}

/** ${x#p} ${x##p} ${x%p} ${x%%p} ${x/p/r} ${x//p/r} ${x:o:l} */
function* edited(shell: Shell, part: Param, text: string, run: Substitute): Call<string> {
  const { op, arg, arg2 } = part;
  if (op === 'slice') {
    const from = Number(evaluate(shell, yield* expandText(shell, arg!, run)));
    const start = from < 0 ? text.length + from : from;
    const asked = arg2 === undefined ? undefined : Number(evaluate(shell, yield* expandText(shell, arg2, run)));
    if (start < 0 || start >= text.length) return '';
    const rest = text.slice(start);
    // Of a negative length the end is counted from the end; what is too much either way is all of it.
    const length = asked === undefined ? rest.length : asked < 0 ? rest.length + asked : asked;
    return length < 0 ? rest : rest.slice(0, length);
  }
  const pattern = yield* expandPattern(shell, arg!, run);
  switch (op) {
    case '#':
      return text.replace(new RegExp(`^(?:${patternSource(pattern, true)})`), '');
    case '##':
      return text.replace(new RegExp(`^(?:${patternSource(pattern)})`), '');
    case '%':
      return cutEnd(text, compile(pattern), false);
    case '%%':
      return cutEnd(text, compile(pattern), true);
    default: {
      const source = patternSource(pattern);
      if (source === '') return text;
      const by = arg2 === undefined ? '' : yield* expandText(shell, arg2, run);
      return text.replace(new RegExp(source, op === '//' ? 'g' : ''), () => by);
    }
  }
}

function cutEnd(text: string, pattern: RegExp, longest: boolean): string {
  for (let i = 0; i <= text.length; i++) {
    const at = longest ? i : text.length - i;
    if (pattern.test(text.slice(at))) return text.slice(0, at);
  }
  return text;
}

/** Field splitting, XCU 2.6.5. Each field keeps its pieces, because path name expansion needs to know what was quoted. */
function split(list: readonly Piece[], ifs: string): PatternPiece[][] {
  const fields: PatternPiece[][] = [];
  let field: PatternPiece[] | undefined;
  /** White space of IFS was seen after a field; a further IFS character right after it belongs to the same end. */
  let ended = false;
  const close = (): void => {
    if (field !== undefined) fields.push(field);
    field = undefined;
  };
  for (const piece of list) {
    if (piece.cut === true) {
      close();
      ended = false;
      continue;
    }
    if (!piece.split || piece.quoted) {
      if (piece.text !== '' || piece.quoted) {
        field ??= [];
        field.push(piece);
        ended = false;
      }
      continue;
    }
    let run = '';
    const keep = (): void => {
      if (run === '') return;
      field ??= [];
      field.push({ text: run, quoted: false });
      run = '';
    };
    for (const c of piece.text) {
      if (!ifs.includes(c)) {
        run += c;
        ended = false;
      } else if (' \t\n'.includes(c)) {
        keep();
        if (field !== undefined) ended = true;
        close();
      } else {
        keep();
        if (field === undefined && !ended) field = [{ text: '', quoted: false }];
        ended = false;
        close();
      }
    }
    keep();
  }
  close();
  return fields;
}

function pathNames(shell: Shell, field: readonly PatternPiece[]): string[] {
  const text = field.map((piece) => piece.text).join('');
  if (shell.options.has('f') || !hasGlob(field)) return [text];
  const found = glob(shell.sys, field);
  return found.length === 0 ? [text] : found;
}
