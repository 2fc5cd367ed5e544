/**
 * Files that go between this machine and the target's host: `--put FILE[:PATH]` before the first command, `--get PATH[:FILE]`
 * after the last.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { type Target, UsageError } from '../../core/index.ts';
import type { Call } from './env.ts';

export interface Parcel {
  readonly from: string;
  readonly to: string;
}

/** What an option says; without a second name the file keeps its own. Throws UsageError. */
export function parcels(call: Call, option: 'put' | 'get'): readonly Parcel[] {
  return (call.lists?.[option] ?? []).map((given) => {
    const colon = given.indexOf(':');
    const from = colon === -1 ? given : given.slice(0, colon);
    const to = colon === -1 ? basename(from) : given.slice(colon + 1);
    if (from !== '' && to !== '') return { from, to };
    throw new UsageError(`--${option} "${given}" names no file`, undefined, 'it is FROM or FROM:TO');
  });
}

export async function putFiles(target: Target, parcels: readonly Parcel[]): Promise<void> {
  for (const { from, to } of parcels) {
    if (target.putFile === undefined) throw new UsageError(`no file can be put onto the ${target.name} target`);
    await target.putFile(to, await local('read', from, () => readFile(from)));
  }
}

export async function getFiles(target: Target, parcels: readonly Parcel[]): Promise<void> {
  for (const { from, to } of parcels) {
    if (target.getFile === undefined) throw new UsageError(`no file can be fetched from the ${target.name} target`);
    const bytes = await target.getFile(from);
    await local('write', to, () => writeFile(to, bytes));
  }
}

async function local<T>(what: string, file: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    throw new UsageError(`cannot ${what} ${file}: ${code}`);
  }
}
