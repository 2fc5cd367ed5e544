/**
 * An archive of 100 MB loaded: by `cutaway run` with `docker load` in the simulation and on linux, beside `umoci unpack` of the
 * same image; seconds and peak memory (VmHWM, proc(5)) of the whole program, its start included.
 */
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { seededRandom } from '../../core/index.ts';
import { archive, bytesOf, configText, image, raw, sha256 } from '../support/raw-tar.ts';
import { median } from './measure.ts';

const FILES = 2000;
const BYTES = 50_000;

/** Two layers of noise, a thousand files each. */
function layers(): Uint8Array[] {
  const random = seededRandom(11);
  return [0, 1].map((layer) =>
    archive(
      ...Array.from({ length: FILES / 2 }, (_, n) => raw({ name: `d${n % 20}/f${layer}-${n}`, data: random(BYTES) })),
    ),
  );
}

/** The same as an OCI image layout, which umoci reads. */
function writeLayout(dir: string, tars: readonly Uint8Array[]): void {
  mkdirSync(join(dir, 'blobs/sha256'), { recursive: true });
  const put = (data: Uint8Array, mediaType: string): object => {
    writeFileSync(join(dir, 'blobs/sha256', sha256(data)), data);
    return { mediaType: `application/vnd.oci.image.${mediaType}`, digest: `sha256:${sha256(data)}`, size: data.length };
  };
  const manifest = {
    schemaVersion: 2,
    config: put(bytesOf(configText(tars)), 'config.v1+json'),
    layers: tars.map((tar) => put(tar, 'layer.v1.tar')),
  };
  const described = put(bytesOf(JSON.stringify(manifest)), 'manifest.v1+json');
  const annotations = { 'org.opencontainers.image.ref.name': 'bench' };
  writeFileSync(join(dir, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}');
  writeFileSync(
    join(dir, 'index.json'),
    JSON.stringify({ schemaVersion: 2, manifests: [{ ...described, annotations }] }),
  );
}

interface Figure {
  readonly seconds: number;
  /** MiB. */
  readonly peak: number;
}

/** Runs a program to its end and looks at its memory meanwhile; undefined: it cannot be started or fails. */
function watched(file: string, args: readonly string[]): Promise<Figure | undefined> {
  return new Promise((resolve) => {
    const start = performance.now();
    const child = spawn(file, args, { stdio: 'ignore' });
    let peak = 0;
    const look = setInterval(() => {
      try {
        peak = Math.max(
          peak,
          Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1] ?? 0),
        );
      } catch {
        // It has just ended.
      }
    }, 10);
    const end = (figure: Figure | undefined): void => {
      clearInterval(look);
      resolve(figure);
    };
    child.on('error', () => end(undefined));
    child.on('close', (code) =>
      end(code === 0 ? { seconds: (performance.now() - start) / 1000, peak: peak / 1024 } : undefined),
    );
  });
}

/** The table. `program`: dist/cutaway.mjs. */
export async function loadedArchives(program: string, rounds = 3): Promise<string> {
  const dir = mkdtempSync(join(tmpdir(), 'cutaway-bench-'));
  try {
    const tars = layers();
    writeFileSync(join(dir, 'big.tar'), image({ layers: tars, tags: ['bench:latest'] }));
    writeLayout(join(dir, 'layout'), tars);
    // With what is expected, so that a refusal is not taken for speed.
    writeFileSync(join(dir, 'lines'), '$ docker load -i big.tar\nLoaded image: bench:latest\n');
    const run = [program, 'run', join(dir, 'lines'), '--put', join(dir, 'big.tar'), '--on'];
    const contenders: Readonly<Record<string, (round: number) => Promise<Figure | undefined>>> = {
      'umoci unpack': (round) =>
        watched('umoci', ['unpack', '--image', `${join(dir, 'layout')}:bench`, join(dir, `bundle${round}`)]),
      'docker load in the simulation': () => watched(process.execPath, [...run, 'sim']),
      'docker load on linux': () => watched(process.execPath, [...run, 'linux']),
    };
    const figures = new Map(Object.keys(contenders).map((name) => [name, [] as Figure[]]));
    for (let round = 0; round < rounds; round++) {
      for (const [name, once] of Object.entries(contenders)) {
        const figure = await once(round);
        if (figure !== undefined) figures.get(name)!.push(figure);
      }
    }
    const rows = [...figures].map(([name, all]) => row(name, all));
    return [`an archive of ${(FILES * BYTES) / 1e6} MB, ${FILES} files in two layers, ${rounds} rounds`, ...rows].join(
      '\n',
    );
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

function row(name: string, all: readonly Figure[]): string {
  if (all.length === 0) return `  ${name.padEnd(34)} left out: it is not here, or failed`;
  const [seconds, peak] = [median(all.map((one) => one.seconds)), Math.max(...all.map((one) => one.peak))];
  return `  ${name.padEnd(34)} ${seconds.toFixed(2).padStart(7)} s   peak ${peak.toFixed(0).padStart(5)} MiB`;
}
