/**
 * Decides how a typed line is given to the real client: as an argument vector, through a shell (when it is composed of several
 * docker commands, or has expansions), or not at all (when it names another program: nothing of a lesson may touch the machine
 * it is replayed on).
 *
 * Kept true: a line reaches a shell only if every command in it is `docker` and every file it redirects to or from lies in
 * the private working directory. Words are split as POSIX XCU 2.2-2.3 says.
 */

export type DockerLine =
  | { readonly kind: 'argv'; readonly argv: readonly string[] }
  | { readonly kind: 'shell' }
  | { readonly kind: 'refused'; readonly reason: string };

export function readDockerLine(line: string): DockerLine {
  const found: Found = { argv: [], commands: 0, composed: false, options: false, before: '' };
  try {
    scan(line, 0, '', found);
  } catch (error) {
    if (error instanceof Refusal) return { kind: 'refused', reason: error.message };
    throw error;
  }
  if (found.commands === 0) return { kind: 'refused', reason: 'there is no docker command in it' };
  return found.composed ? { kind: 'shell' } : { kind: 'argv', argv: found.argv };
}

/** Why a line is not run. */
class Refusal extends Error {}

interface Found {
  /** Words of the first command, after `docker`. */
  readonly argv: string[];
  commands: number;
  /** Anything that only a shell can do. */
  composed: boolean;
  /** Between `docker` and the subcommand, where another engine could be named. */
  options: boolean;
  /** The word before. */
  before: string;
}

/** What the next word is. */
type Place = 'command' | 'argument' | 'file';

/** Reads commands from `at` until `end` (`)` or a backquote inside a substitution); returns the place behind it. */
function scan(line: string, start: number, end: string, found: Found): number {
  let at = start;
  let place: Place = 'command';
  while (at < line.length) {
    const char = line[at]!;
    if (char === end) return at + 1;
    if (char === '\\' && line[at + 1] === '\n') at += 2;
    else if (char === '#') at = endOfLine(line, at);
    else if (/[^\S\n]/.test(char)) at++;
    else if (/[()]/.test(char)) throw new Refusal(`it uses the shell's \`${char}\``);
    else if (/[;&|\n]/.test(char)) {
      found.composed = true;
      place = 'command';
      at += line[at + 1] === char ? 2 : 1;
    } else if (/[<>]|\d[<>]/.test(line.slice(at, at + 2)) && isRedirection(line, at)) {
      found.composed = true;
      at += /^\d?(<|>>?)(&[\d-])?/.exec(line.slice(at))?.[0].length ?? 1;
      if (!/&[\d-]/.test(line.slice(at - 2, at))) place = 'file';
    } else if (/[{}!]/.test(char) && place === 'command') throw new Refusal(`it uses the shell's \`${char}\``);
    else {
      const { before } = found;
      const word = readWord(line, at, end, found);
      // A substitution has words of its own.
      found.before = before;
      place = take(word, place, found);
      at = word.next;
    }
  }
  if (end !== '') throw new Refusal(`a ${end === ')' ? '$(' : 'backquote'} is not closed`);
  return at;
}

function endOfLine(line: string, at: number): number {
  const end = line.indexOf('\n', at);
  return end < 0 ? line.length : end;
}

function isRedirection(line: string, at: number): boolean {
  return /^\d?[<>]/.test(line.slice(at));
}

interface Word {
  /** Without what an expansion gives. */
  readonly text: string;
  readonly expanded: boolean;
  readonly next: number;
}

/** Options of the client itself that lead to another engine or configuration than ours, alone or in a cluster. */
const elsewhere = /^(--(host|context|config|tls)|-[A-Za-z]*[Hc])/;
/** Variables that do, or that decide which program `docker` is. */
const binding = /^(DOCKER_\w*|PATH|HOME|IFS|ENV|LD_\w*)=/;

/** Directories that the engine has for itself (dockerd.ts). */
const ownPlaces = /^\/(run|srv)\//;

/** A bind mount of any other place would hand this machine's files to a container. */
function demandOwnPlace(word: Word, found: Found): void {
  const volume = found.before === '-v' || found.before === '--volume' || /^(-[a-z]*v=?\/|--volume=)/.test(word.text);
  const bound = volume ? /^(?:-[a-z]*v=?|--volume=)?(\/[^:]*):/.exec(word.text)?.[1] : undefined;
  const options = /^(--mount|--opt|-o)$/.test(found.before) || /^(--mount|--opt|-o)=?./.test(word.text);
  const named = options ? /(?:^|[,"=])(?:src|source|device)=(\/[^,"]*)/i.exec(word.text)?.[1] : undefined;
  found.before = /^-[a-z]*v$/.test(word.text) ? '-v' : word.text;
  for (const path of [bound, named]) {
    if (path === undefined) continue;
    const inside = `${path}/`;
    if (word.expanded || !ownPlaces.test(inside) || /\/\.\.\//.test(inside))
      throw new Refusal(`it mounts ${path} of this machine (only what is below /run or /srv is the engine's own)`);
  }
  if ((volume || options) && word.expanded) throw new Refusal('what it mounts is known only to a shell');
}

function take(word: Word, place: Place, found: Found): Place {
  if (place === 'file') {
    if (word.text !== '/dev/null' && !/^[\w.-]+$/.test(word.text)) {
      throw new Refusal(`it redirects to ${word.text}, a file outside its working directory`);
    }
    return 'argument';
  }
  if (place === 'argument') {
    if (found.options && (word.expanded || elsewhere.test(word.text))) {
      throw new Refusal('it may lead to another engine than the private one');
    }
    found.options &&= word.text.startsWith('-');
    demandOwnPlace(word, found);
    if (found.commands === 1) found.argv.push(word.text);
    return 'argument';
  }
  if (binding.test(word.text)) throw new Refusal(`it sets ${word.text.split('=')[0]}`);
  if (/^\w+=/.test(word.text)) {
    found.composed = true;
    return 'command';
  }
  if (word.text !== 'docker' || word.expanded)
    throw new Refusal(`\`${word.text}\` is a command of the host, not of Docker`);
  found.commands++;
  found.options = true;
  return 'argument';
}

function readWord(line: string, start: number, end: string, found: Found): Word {
  let text = '';
  let expanded = false;
  let at = start;
  while (at < line.length) {
    const char = line[at]!;
    if (/[\s;&|<>()]/.test(char) || char === end) break;
    if (char === "'") {
      const close = line.indexOf("'", at + 1);
      if (close < 0) throw new Refusal("a ' is not closed");
      text += line.slice(at + 1, close);
      at = close + 1;
    } else if (char === '"') {
      const quoted = readQuoted(line, at + 1, found);
      text += quoted.text;
      expanded ||= quoted.expanded;
      at = quoted.next;
    } else if (char === '\\') {
      text += line[at + 1] === '\n' ? '' : (line[at + 1] ?? '');
      at += 2;
    } else if (char === '$' || char === '`') {
      expanded = true;
      at = readExpansion(line, at, found);
    } else {
      if (/[*?[~]/.test(char)) {
        expanded = true;
        found.composed = true;
      }
      text += char;
      at++;
    }
  }
  return { text, expanded, next: at };
}

/** Inside double quotes a backslash counts only before `$`, a backquote, `"`, itself and a line end. */
function readQuoted(line: string, start: number, found: Found): Word {
  let text = '';
  let expanded = false;
  let at = start;
  while (line[at] !== '"') {
    const char = line[at];
    if (char === undefined) throw new Refusal('a " is not closed');
    if (char === '$' || char === '`') {
      expanded = true;
      at = readExpansion(line, at, found);
    } else if (char === '\\' && /[$`"\\\n]/.test(line[at + 1] ?? '')) {
      text += line[at + 1] === '\n' ? '' : line[at + 1];
      at += 2;
    } else {
      text += char;
      at++;
    }
  }
  return { text, expanded, next: at + 1 };
}

/** `$(…)`, a backquoted command, or a variable; the shell does it, its commands are looked at here. */
function readExpansion(line: string, at: number, found: Found): number {
  found.composed = true;
  const { options } = found;
  const inner =
    line[at] === '`' ? scan(line, at + 1, '`', found) : line[at + 1] === '(' ? scan(line, at + 2, ')', found) : 0;
  found.options = options;
  if (inner > 0) return inner;
  return at + 1 + (/^(\w+|\{\w+\}|[?$!#@*-])/.exec(line.slice(at + 1))?.[0].length ?? 0);
}
