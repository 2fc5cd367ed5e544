/**
 * The storage drivers by name. overlay2, which is Docker's default, is always there; the others are a part, which a page loads
 * when it is first needed (core/parts.ts).
 */
import type { StorageDriver } from '../driver.ts';
import { PartNeeded } from '../errors.ts';
import { overlay2 } from './overlay2.ts';
import type { Snapshotter } from './snapshotter.ts';

type Make = (dataRoot: string) => Snapshotter;

const makers: Partial<Record<StorageDriver, Make>> = { overlay2 };

export function registerSnapshotters(others: Readonly<Record<Exclude<StorageDriver, 'overlay2'>, Make>>): void {
  Object.assign(makers, others);
}

/** Throws PartNeeded. */
export function makeSnapshotter(driver: StorageDriver, dataRoot: string): Snapshotter {
  const make = makers[driver];
  if (make === undefined) throw new PartNeeded('storage');
  return make(dataRoot);
}
