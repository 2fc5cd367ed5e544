/**
 * Command-line flags as spf13/pflag parses them, which is what the docker client uses: long and short forms, grouped
 * shorts, `--flag=value`, `-fvalue`, `--`, flags among the arguments or only before them; errors word for word.
 *
 * Kept true: a flag table is plain data from which both the parser and the help (help.ts) are made; values are checked while
 * they are parsed, in the order in which they were typed, so that the first mistake is the one reported.
 */
import { PartNeeded } from '../errors.ts';
import { goQuote } from './go.ts';

/** As the help names the value of a flag; `int64` differs from `int` only in Go. */
export type FlagKind =
  | 'bool'
  | 'string'
  | 'int'
  | 'uint16'
  | 'list'
  | 'bytes'
  | 'decimal'
  | 'map'
  | 'strings'
  | 'mount'
  | 'network'
  | 'ulimit'
  | 'filter'
  | 'gpu-request'
  | 'duration';

export interface FlagDef {
  readonly name: string;
  readonly short?: string;
  readonly kind: FlagKind;
  readonly usage: string;
  /** The default as the help prints it; absent: the zero value, which the help leaves out. */
  readonly default?: string;
  /** Accepted but not shown by the help (deprecated aliases). */
  readonly hidden?: boolean;
  /** Checks one value and may normalise it; throws a plain Error whose message completes `invalid argument … : `. */
  readonly check?: (value: string) => string;
}

/** One row of a flag table: `flag('-t, --time', 'int', 'Seconds to wait …', { default: '10' })`. */
export function flag(
  names: string,
  kind: FlagKind,
  usage: string,
  more: Omit<FlagDef, 'name' | 'short' | 'kind' | 'usage'> = {},
): FlagDef {
  const match = /^(?:-(\w), )?--([\w-]+)$/.exec(names);
  if (match?.[2] === undefined) throw new Error(`flag table: ${names}`);
  return { name: match[2], ...(match[1] === undefined ? {} : { short: match[1] }), kind, usage, ...more };
}

/** A mistake in the flags; `message` is what pflag says. */
export class FlagError extends Error {}

/** Kinds of which every value counts, not the last alone. */
const several: ReadonlySet<FlagKind> = new Set<FlagKind>(['list', 'filter', 'map', 'mount', 'strings']);

/** What was typed, by flag name. */
export class FlagValues {
  readonly #defs: ReadonlyMap<string, FlagDef>;
  readonly #values = new Map<string, string[]>();

  constructor(defs: ReadonlyMap<string, FlagDef>) {
    this.#defs = defs;
  }

  set(def: FlagDef, value: string): void {
    const before = several.has(def.kind) ? (this.#values.get(def.name) ?? []) : [];
    this.#values.set(def.name, [...before, value]);
  }

  /** Was it given at all? */
  has(name: string): boolean {
    return this.#values.has(name);
  }

  /** Is it in this command's table? */
  known(name: string): boolean {
    return this.#defs.has(name);
  }

  /** How many different flags were given. */
  get count(): number {
    return this.#values.size;
  }

  bool(name: string): boolean {
    return parseBool(this.text(name)) === true;
  }

  int(name: string): number {
    return Number(this.text(name) || '0');
  }

  text(name: string): string {
    const given = this.#values.get(name)?.at(-1);
    return given ?? this.#def(name).default ?? '';
  }

  list(name: string): readonly string[] {
    return this.#values.get(name) ?? [];
  }

  /** Names of the flags that were given a value other than their default. */
  given(): readonly string[] {
    return [...this.#values.keys()].filter((name) => {
      const def = this.#def(name);
      const zero = { bool: 'false', int: '0', uint16: '0', bytes: '0', decimal: '0' } as Partial<
        Record<FlagKind, string>
      >;
      return this.text(name) !== (def.default ?? zero[def.kind] ?? '');
    });
  }

  #def(name: string): FlagDef {
    const def = this.#defs.get(name);
    if (def === undefined) throw new Error(`no flag --${name} in this command's table`);
    return def;
  }
}

export interface ParsedFlags {
  readonly flags: FlagValues;
  readonly args: readonly string[];
  readonly help: boolean;
  /** `-h` was used for `--help`, where the command has no -h of its own. */
  readonly deprecatedHelp: boolean;
}

const helpFlag: FlagDef = { name: 'help', short: 'h', kind: 'bool', usage: 'Print usage', hidden: true };

/** Parses `argv` (without the command's name). Throws FlagError. */
export function parseFlags(defs: readonly FlagDef[], argv: readonly string[], interspersed = true): ParsedFlags {
  const parser = new Parser(defs, argv);
  const args = parser.parse(interspersed);
  return { flags: parser.values, args, help: parser.help, deprecatedHelp: parser.deprecatedHelp };
}

/** Flags by long and by short name. */
interface Table {
  readonly long: ReadonlyMap<string, FlagDef>;
  readonly short: ReadonlyMap<string, FlagDef>;
}

/** A flag table never changes, so that its index is made once. */
const tables = new WeakMap<readonly FlagDef[], Table>();

function tableOf(defs: readonly FlagDef[]): Table {
  const made = tables.get(defs);
  if (made !== undefined) return made;
  const all = [helpFlag, ...defs];
  const table = {
    long: new Map(all.map((def) => [def.name, def])),
    short: new Map(all.flatMap((def) => (def.short === undefined ? [] : [[def.short, def] as const]))),
  };
  tables.set(defs, table);
  return table;
}

class Parser {
  readonly values: FlagValues;
  help = false;
  deprecatedHelp = false;
  readonly #table: Table;
  readonly #rest: string[];

  constructor(defs: readonly FlagDef[], argv: readonly string[]) {
    this.#table = tableOf(defs);
    this.values = new FlagValues(this.#table.long);
    this.#rest = [...argv];
  }

  parse(interspersed: boolean): string[] {
    const args: string[] = [];
    for (let arg = this.#rest.shift(); arg !== undefined; arg = this.#rest.shift()) {
      if (arg === '--') return [...args, ...this.#rest];
      if (arg.length < 2 || !arg.startsWith('-')) {
        if (!interspersed) return [...args, arg, ...this.#rest];
        args.push(arg);
      } else if (arg.startsWith('--')) this.#longFlag(arg);
      else this.#shortFlags(arg.slice(1));
    }
    return args;
  }

  #longFlag(arg: string): void {
    const [, name = '', value] = /^--([^=]*)(?:=([\s\S]*))?$/.exec(arg) ?? [];
    if (name === '' || name.startsWith('-')) throw new FlagError(`bad flag syntax: ${arg}`);
    const def = this.#table.long.get(name);
    if (def === undefined) throw new FlagError(`unknown flag: --${name}`);
    if (value !== undefined) this.#set(def, value);
    else if (def.kind === 'bool') this.#set(def, 'true');
    else this.#set(def, this.#next(`flag needs an argument: ${arg}`));
  }

  #shortFlags(group: string): void {
    for (let rest = group; rest !== ''; ) {
      const letter = rest[0] ?? '';
      const def = this.#table.short.get(letter);
      if (def === undefined) throw new FlagError(`unknown shorthand flag: '${letter}' in -${rest}`);
      if (def === helpFlag) this.deprecatedHelp = true;
      if (rest.length > 2 && rest[1] === '=') {
        this.#set(def, rest.slice(2));
        return;
      }
      if (def.kind !== 'bool') {
        this.#set(def, rest.slice(1) || this.#next(`flag needs an argument: '${letter}' in -${rest}`));
        return;
      }
      this.#set(def, 'true');
      rest = rest.slice(1);
    }
  }

  #next(complaint: string): string {
    const value = this.#rest.shift();
    if (value === undefined) throw new FlagError(complaint);
    return value;
  }

  #set(def: FlagDef, value: string): void {
    let checked: string;
    try {
      checked = (def.check ?? checks[def.kind] ?? String)(value);
    } catch (error) {
      if (error instanceof PartNeeded) throw error;
      const short = def.short === undefined || def === helpFlag ? '' : `-${def.short}, `;
      throw new FlagError(
        `invalid argument ${goQuote(value)} for "${short}--${def.name}" flag: ${(error as Error).message}`,
      );
    }
    if (def === helpFlag || def.name === 'help') this.help = parseBool(checked) === true;
    else this.values.set(def, checked);
  }
}

/** strconv.ParseBool; undefined: not a bool. */
export function parseBool(text: string): boolean | undefined {
  if (/^(1|t|T|TRUE|true|True)$/.test(text)) return true;
  return /^(0|f|F|FALSE|false|False)$/.test(text) ? false : undefined;
}

/** strconv.ParseInt with base 0, 64 bits (ParseUint when `bits` says so). */
function goInteger(text: string, func: 'ParseInt' | 'ParseUint', low: bigint, high: bigint): string {
  const fail = (why: string) => new Error(`strconv.${func}: parsing ${goQuote(text)}: ${why}`);
  const match = /^([+-]?)(0[xX][\da-fA-F_]+|0[bB][01_]+|0[oO]?[0-7_]+|[1-9][\d_]*|0)$/.exec(text);
  if (match === null || (func === 'ParseUint' && match[1] !== '')) throw fail('invalid syntax');
  const digits = (match[2] ?? '').replaceAll('_', '').replace(/^0[oO]?(?=[0-7])/, '0o');
  const value = match[1] === '-' ? -BigInt(digits) : BigInt(digits);
  if (value < low || value > high) throw fail('value out of range');
  return String(value);
}

/** units.RAMInBytes: a number with an optional binary suffix. */
export function ramInBytes(text: string): number {
  const match = /^(\d+(?:\.\d+)*) ?([kKmMgGtTpP])?[iI]?[bB]?$/.exec(text);
  if (match?.[1] === undefined) throw new Error(`invalid size: '${text}'`);
  return Math.trunc(Number(match[1]) * 1024 ** (match[2] ? ' kmgtp'.indexOf(match[2].toLowerCase()) : 0));
}

/** MemSwapBytes of the docker client: as bytes, and -1 for no limit. */
export const swapBytes = (text: string): string => (text === '-1' ? text : String(ramInBytes(text)));

const checks: Partial<Record<FlagKind, (value: string) => string>> = {
  bool: (text) => {
    const value = parseBool(text);
    if (value === undefined) throw new Error(`strconv.ParseBool: parsing ${goQuote(text)}: invalid syntax`);
    return String(value);
  },
  int: (text) => goInteger(text, 'ParseInt', -(2n ** 63n), 2n ** 63n - 1n),
  uint16: (text) => goInteger(text, 'ParseUint', 0n, 65535n),
  bytes: (text) => String(ramInBytes(text)),
  duration: (text) => {
    if (!/^[+-]?(0|((\d+(\.\d*)?|\.\d+)(ns|us|µs|ms|s|m|h))+)$/.test(text))
      throw new Error(`time: invalid duration ${goQuote(text)}`);
    return text;
  },
  filter: (text) => {
    if (text !== '' && !text.includes('=')) throw new Error('bad format of filter (expected name=value)');
    return text;
  },
};
