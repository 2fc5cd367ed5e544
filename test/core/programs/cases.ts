/**
 * Scripts that are run on the real busybox (test/fixtures/sh-cases.txt; what it answered is in sh-cases.json) and in the
 * simulation. Each one runs as `sh -c SCRIPT` in the directory /w, as root, with PATH=/bin and HOME=/root; a file `f`
 * (x, y, z), a file `a` (hello) and an empty directory `d` are there. A case must not depend on PIDs, on the present time
 * or on the host.
 */
import { readFileSync } from 'node:fs';

export interface Case {
  readonly section: string;
  readonly script: string;
  /** In sh-cases.txt. */
  readonly line: number;
}

export interface Recorded {
  readonly script: string;
  readonly stdout: string;
  readonly stderr: string;
  readonly code: number;
  /** What it made of /w: see tree.ts. */
  readonly tree: readonly string[];
}

/** test/fixtures/sh-cases.json, sh-generated.json, tool-generated.json. */
export interface Recording {
  readonly note: string;
  /** First line of `busybox`. */
  readonly busybox: string;
  readonly cases: readonly Recorded[];
}

const fixture = (name: string): URL => new URL(`../../fixtures/${name}`, import.meta.url);
export const recordingFile = fixture('sh-cases.json');
export const generatedFile = fixture('sh-generated.json');
export const toolsFile = fixture('tool-generated.json');

export function readCases(): Case[] {
  const cases: Case[] = [];
  let section = '';
  readFileSync(fixture('sh-cases.txt'), 'utf8')
    .split('\n')
    .forEach((row, i) => {
      if (row.startsWith('## ')) section = row.slice(3);
      else if (row.startsWith('$ ')) cases.push({ section, script: row.slice(2), line: i + 1 });
      else if (row.startsWith('> ')) {
        const last = cases.pop()!;
        cases.push({ ...last, script: `${last.script}\n${row.slice(2)}` });
      } else if (row !== '' && !row.startsWith('#'))
        throw new Error(`sh-cases.txt:${i + 1}: begins with neither "$ " nor "> "`);
    });
  return cases;
}

export function readRecording(): Recording {
  return JSON.parse(readFileSync(recordingFile, 'utf8')) as Recording;
}

export function readGenerated(file = generatedFile): Recording {
  return JSON.parse(readFileSync(file, 'utf8')) as Recording;
}

export const setup = "echo hello > a; printf 'x\\ny\\nz\\n' > f; mkdir d";
/** The shell in between: the script's own is then an ordinary process with a parent that says what became of it. */
export const outerShell = `umask 022; cd /w; ${setup}; sh -c "$1"; exit $?`;
export const environment = ['PATH=/bin', 'HOME=/root'];
