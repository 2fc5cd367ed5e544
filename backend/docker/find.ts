/**
 * Finds the Docker programs that the reference is made with: client and engine of version 20.10, the version imitated. Other
 * versions word their messages differently, so they are passed over; what was seen is said when none fits.
 */
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { UsageError } from '../../core/index.ts';
import { runProgram } from './process.ts';

export interface DockerPrograms {
  readonly client: string;
  readonly daemon: string;
  /** `20.10.24+dfsg1` */
  readonly version: string;
}

/** One program that was looked at, and what it called itself. */
interface Candidate {
  readonly path: string;
  readonly version: string;
}

const wanted = /^20\.10\./;
const install =
  'Install Docker 20.10 with `apt-get install docker.io` (Debian 12), or use --on sim. Whoever runs it must be root.';

/** Looks in Debian's places first, then in PATH. */
function candidates(program: string): string[] {
  const folders = ['/usr/bin', '/usr/sbin', ...(process.env.PATH ?? '').split(delimiter), '/usr/local/bin'];
  const paths = new Set(folders.filter((folder) => folder !== '').map((folder) => join(folder, program)));
  return [...paths].filter(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

async function versionOf(path: string): Promise<string> {
  const answer = await runProgram(path, ['--version'], { patienceMs: 60_000 });
  return /version ([^\s,]+)/.exec(answer.stdout)?.[1] ?? 'unknown version';
}

/** The first candidate of the right version, and all that were looked at on the way. */
async function pick(program: string): Promise<{ found: Candidate | undefined; seen: readonly Candidate[] }> {
  const seen: Candidate[] = [];
  for (const path of candidates(program)) {
    const candidate = { path, version: await versionOf(path) };
    seen.push(candidate);
    if (wanted.test(candidate.version)) return { found: candidate, seen };
  }
  return { found: undefined, seen };
}

function complaint(program: string, seen: readonly Candidate[]): string {
  const list = seen.map(({ path, version }) => `${path} is ${version}`).join(', ');
  return `${program} 20.10 is needed to compare with the real Docker; ${list === '' ? 'none was found' : list}`;
}

/** Client and engine, or a UsageError (exit code 3) that names what is missing and what was found instead. */
export async function findDocker(): Promise<DockerPrograms> {
  if (process.getuid?.() !== 0) throw new UsageError('the docker target needs root', undefined, install, 3);
  const [client, daemon] = await Promise.all([pick('docker'), pick('dockerd')]);
  if (client.found === undefined) throw new UsageError(complaint('docker', client.seen), undefined, install, 3);
  if (daemon.found === undefined) throw new UsageError(complaint('dockerd', daemon.seen), undefined, install, 3);
  return { client: client.found.path, daemon: daemon.found.path, version: client.found.version };
}
