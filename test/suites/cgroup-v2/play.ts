/** The lines of cases.ts on a host, and what a real kernel answered to them. */
import { readFileSync } from 'node:fs';

export interface Said {
  readonly line: string;
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Recorded {
  /** `Linux 6.1.0-56-amd64, BusyBox v1.35.0 …` */
  readonly recordedOn: string;
  readonly topics: Readonly<Record<string, readonly Said[]>>;
}

export const recordedFile = new URL('../../fixtures/cgroup-v2.json', import.meta.url);

export const readRecorded = (): Recorded => JSON.parse(readFileSync(recordedFile, 'utf8')) as Recorded;
