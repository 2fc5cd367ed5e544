/** `--filter name=value` of the listing commands (opts.FilterOpt and the daemon's checks of it). */
import { DockerError } from '../../engine/index.ts';
import { CliError } from '../spec.ts';

export interface Filters {
  /** The values given for a name; none: everything passes. */
  of(name: string): readonly string[];
  /** One of the values given passes, or none was given; all are asked, so that a wrong one is found wherever it stands. */
  any(name: string, test: (value: string) => boolean): boolean;
  /** Undefined when it was not given. */
  bool(name: string): boolean | undefined;
  /** `key` or `key=value`, all of which must be there. */
  labels(name: string, present: Readonly<Record<string, string>>): boolean;
}

/** Checks names: what the daemon does not know is refused as it would, what we do not act on is said plainly. */
export function readFilters(
  verb: string,
  given: readonly string[],
  rules: { readonly known: readonly string[]; readonly acts: readonly string[] },
): Filters {
  const values = new Map<string, string[]>();
  for (const entry of given.filter((text) => text !== '')) {
    const name = entry.slice(0, entry.indexOf('=')).trim().toLowerCase();
    const value = entry.slice(entry.indexOf('=') + 1).trim();
    if (!rules.known.includes(name)) throw new DockerError(`Invalid filter '${name}'`, 'invalid');
    if (!rules.acts.includes(name))
      throw new CliError(`cutaway: docker ${verb} --filter ${name} is not simulated yet`, 125);
    values.set(name, [...(values.get(name) ?? []), value]);
  }
  const of = (name: string) => values.get(name) ?? [];
  return {
    of,
    any: (name, test) => of(name).length === 0 || of(name).map(test).includes(true),
    bool(name) {
      const value = of(name)[0];
      if (value === undefined) return undefined;
      if (/^(1|true)$/i.test(value)) return true;
      if (/^(0|false)$/i.test(value)) return false;
      throw new DockerError(`Invalid filter '${name}=[${value}]'`, 'invalid');
    },
    labels: (name, present) =>
      of(name).every((entry) => {
        const [key = '', ...rest] = entry.split('=');
        return key in present && (rest.length === 0 || present[key] === rest.join('='));
      }),
  };
}

/** A value of `name=` and `id=`: a pattern found somewhere in it. What is no pattern finds nothing. */
export function matches(pattern: string, text: string): boolean {
  try {
    return new RegExp(pattern).test(text);
  } catch {
    return false;
  }
}

/** Labels in the column of a listing. */
export const labelsText = (labels: Readonly<Record<string, string>>): string =>
  Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .join(',');
