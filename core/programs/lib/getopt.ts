/**
 * Command-line options as getopt_long(3) reads them for busybox: short ones bundled, options and operands in any order
 * (unless the specification starts with `+`; with `=` there are no long ones), `--` ends them. A specification is a string such as `ab:c` as in getopt(3).
 */

/** Bad options: printed as `applet: message`, followed by the usage. */
export class BadOption extends Error {}

export class Options {
  readonly rest: string[] = [];
  private readonly values = new Map<string, string[]>();

  /** How often it was given counts as well. */
  add(option: string, value: string): void {
    const before = this.values.get(option);
    if (before === undefined) this.values.set(option, [value]);
    else before.push(value);
  }

  has(option: string): boolean {
    return this.values.has(option);
  }

  /** Value of the last one given. */
  get(option: string): string | undefined {
    return this.values.get(option)?.at(-1);
  }

  all(option: string): readonly string[] {
    return this.values.get(option) ?? [];
  }

  /** Of several options that undo each other, the one given last. */
  order: string[] = [];

  last(...options: string[]): string | undefined {
    return this.order.findLast((option) => options.includes(option));
  }
}

/** `long` maps a long name to its short letter. */
export function getopt(args: readonly string[], spec: string, long: Readonly<Record<string, string>> = {}): Options {
  const options = new Options();
  const inOrder = spec.startsWith('+');
  const shortOnly = spec.startsWith('=');
  const arity = readSpec(spec);
  for (let i = 0; i < args.length; i++) {
    const arg = args[i]!;
    if (arg === '--') {
      options.rest.push(...args.slice(i + 1));
      break;
    }
    if (arg.startsWith('--') && !shortOnly) i += longOption(options, arg, args[i + 1], arity, long);
    else if (arg.length > 1 && arg.startsWith('-')) i += shortOptions(options, arg, args[i + 1], arity);
    else if (inOrder) {
      options.rest.push(...args.slice(i));
      break;
    } else options.rest.push(arg);
  }
  return options;
}

type Arity = 'none' | 'value' | 'optional';

/** A specification stands in a program's text, so there are few of them. */
const specs = new Map<string, ReadonlyMap<string, Arity>>();

function readSpec(spec: string): ReadonlyMap<string, Arity> {
  const known = specs.get(spec);
  if (known !== undefined) return known;
  const arity = new Map<string, Arity>();
  for (const [, letter, colons] of spec.replace(/^[+=]/, '').matchAll(/([^:])(:{0,2})/g)) {
    arity.set(letter!, colons === '' ? 'none' : colons === ':' ? 'value' : 'optional');
  }
  specs.set(spec, arity);
  return arity;
}

/** Gives the number of further arguments used up. */
function shortOptions(
  options: Options,
  arg: string,
  next: string | undefined,
  arity: ReadonlyMap<string, Arity>,
): number {
  for (let at = 1; at < arg.length; at++) {
    const letter = arg[at]!;
    const kind = arity.get(letter);
    if (kind === undefined) throw new BadOption(`invalid option -- '${letter}'`);
    options.order.push(letter);
    if (kind === 'none') {
      options.add(letter, '');
      continue;
    }
    const attached = arg.slice(at + 1);
    if (attached !== '' || kind === 'optional') {
      options.add(letter, attached);
      return 0;
    }
    if (next === undefined) throw new BadOption(`option requires an argument -- '${letter}'`);
    options.add(letter, next);
    return 1;
  }
  return 0;
}

function longOption(
  options: Options,
  arg: string,
  next: string | undefined,
  arity: ReadonlyMap<string, Arity>,
  long: Readonly<Record<string, string>>,
): number {
  const [name = '', value] = splitOnce(arg.slice(2), '=');
  const matches = Object.keys(long).filter((each) => each === name || each.startsWith(name));
  const exact = matches.includes(name) ? name : matches.length === 1 ? matches[0] : undefined;
  if (exact === undefined) throw new BadOption(`unrecognized option '${arg}'`);
  const letter = long[exact]!;
  const kind = arity.get(letter) ?? 'none';
  options.order.push(letter);
  if (kind === 'none' && value !== undefined) throw new BadOption(`option '--${exact}' doesn't allow an argument`);
  if (kind !== 'value' || value !== undefined) {
    options.add(letter, value ?? '');
    return 0;
  }
  if (next === undefined) throw new BadOption(`option '--${exact}' requires an argument`);
  options.add(letter, next);
  return 1;
}

function splitOnce(text: string, separator: string): [string, string | undefined] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}
