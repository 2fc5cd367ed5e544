/**
 * A word of a Dockerfile, expanded: quotes taken off, `$NAME`, `${NAME}`, `${NAME:-word}`, `${NAME:+word}` and `${NAME:?word}`
 * put in (buildkit frontend/dockerfile/shell/lex.go). It is the builder's own small grammar, not that of a shell.
 */
import { ChangeError } from './change-error.ts';

/** Where one is in the text. */
interface Place {
  readonly text: string;
  readonly env: readonly string[];
  at: number;
}

/** `env`: `NAME=value` entries. Throws ChangeError for a word that is not whole. */
export function expand(text: string, env: readonly string[]): string {
  return until({ text, env, at: 0 }, '');
}

/** Up to the sign that ends it, which is taken, too. */
function until(place: Place, end: string): string {
  let out = '';
  while (place.at < place.text.length) {
    const sign = place.text[place.at]!;
    if (sign === end) {
      place.at++;
      return out;
    }
    if (sign === "'") out += single(place);
    else if (sign === '"') out += double(place);
    else if (sign === '$') out += variable(place);
    else if (sign === '\\') {
      out += place.text[place.at + 1] ?? '';
      place.at += 2;
    } else {
      out += sign;
      place.at++;
    }
  }
  if (end !== '') throw unended(place, end);
  return out;
}

function single(place: Place): string {
  const close = place.text.indexOf("'", place.at + 1);
  if (close === -1) throw unended(place, 'single-quote');
  const inner = place.text.slice(place.at + 1, close);
  place.at = close + 1;
  return inner;
}

function unended(place: Place, what: string): ChangeError {
  return new ChangeError(
    `failed to process ${JSON.stringify(place.text)}: unexpected end of statement while looking for matching ${what}`,
  );
}

function double(place: Place): string {
  let out = '';
  place.at++;
  while (place.at < place.text.length) {
    const sign = place.text[place.at]!;
    if (sign === '"') {
      place.at++;
      return out;
    }
    if (sign === '$') {
      out += variable(place);
      continue;
    }
    const next = place.text[place.at + 1];
    // Of a backslash only a quote, a dollar and another one are kept from their meaning.
    if (sign === '\\' && next !== undefined && '"$\\'.includes(next)) {
      out += next;
      place.at += 2;
      continue;
    }
    out += sign;
    place.at++;
  }
  throw unended(place, 'double-quote');
}

function variable(place: Place): string {
  place.at++;
  if (place.text[place.at] !== '{') {
    const [name] = /^(?:[A-Za-z_]\w*|\d|[@*#?$!-])/.exec(place.text.slice(place.at)) ?? [];
    if (name === undefined) return '$';
    place.at += name.length;
    return lookUp(place, name) ?? '';
  }
  place.at++;
  const [name = ''] = /^\w*/.exec(place.text.slice(place.at)) ?? [];
  if (name === '')
    throw new ChangeError(`failed to process ${JSON.stringify(place.text)}: syntax error: bad substitution`);
  place.at += name.length;
  const value = lookUp(place, name);
  const sign = place.text[place.at++];
  if (sign === '}') return value ?? '';
  const modifier = place.text[place.at++];
  if (sign !== ':' || modifier === undefined) throw unended(place, '}');
  const word = until(place, '}');
  const has = value !== undefined && value !== '';
  if (modifier === '+') return has ? word : '';
  if (modifier === '-') return has ? value : word;
  if (modifier === '?') {
    if (has) return value;
    throw new ChangeError(
      `failed to process ${JSON.stringify(place.text)}: ${name}: ${word || 'is not allowed to be unset'}`,
    );
  }
  throw new ChangeError(
    `failed to process ${JSON.stringify(place.text)}: unsupported modifier (${modifier}) in substitution`,
  );
}

const lookUp = ({ env }: Place, name: string): string | undefined =>
  env.find((entry) => entry.startsWith(`${name}=`))?.slice(name.length + 1);
