/**
 * `changes` against `docker diff`: containers of a real engine do something to their files; then the layers that Docker
 * keeps for them are read from its data directory, and what we make of them must be what Docker prints.
 */
import { lstatSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Trees } from '../../backend/tree.ts';
import { changes, merge, type TimedEntry } from '../../core/vfs/diff.ts';
import { startTestEngine, type TestEngine } from '../support/engine.ts';
import { gated, needs } from '../support/needs.ts';

const missing = await needs('root', 'docker', 'busybox');
const live = gated(test, missing);
let engine: TestEngine;
if (missing === undefined) {
  test.before(async () => {
    engine = await startTestEngine();
  });
  test.after(() => engine.stop());
}

const docker = (...args: string[]): string => engine.docker(args).toString();

/** What a container does, each in a fresh one made from an image of a few files in two layers. */
const scripts: readonly string[] = [
  'touch /new',
  'mkdir -p /x/y/z; echo 1 > /x/y/z/f; ln -s f /x/link; mkfifo /x/pipe',
  'mkdir /x; rmdir /x',
  'touch /d/gone; rm /d/gone',
  'chmod 700 /d',
  'chmod 755 /d',
  'chown 5 /d/sub',
  'echo more >> /d/f',
  'touch /d/f',
  'chmod 644 /d/f',
  'chmod 600 /d/f',
  'rm /d/f',
  'rm -r /d',
  'rm -r /d; mkdir /d',
  'rm -r /d; mkdir -p /d/sub; echo again > /d/sub/deep',
  'rm -r /d; mkdir -p /d/sub',
  'rm -r /d; echo file > /d',
  'rm /d/f; mkdir /d/f; touch /d/f/in',
  'rm /d/f; echo text > /d/f',
  'mv /d/f /d/g',
  'ln /d/f /d/hard',
  'rm -r /d/sub; touch /d/sub',
  'rm /bin/ls; touch /bin/cat',
  'mkdir /d/sub/one /d/sub/two; touch /d/sub/two/three; rm -r /d/sub/one',
  'ln -s nowhere /d/s; rm /top; ln -s nowhere /top',
];

/** A layer as Docker keeps it, with times. */
async function readLayer(dir: string): Promise<TimedEntry[]> {
  const entries = await new Trees().read(dir);
  return entries.map((entry) => ({ ...entry, mtime: lstatSync(dir + entry.path).mtimeMs }));
}

interface GraphData {
  readonly LowerDir: string;
  readonly UpperDir: string;
}

live('our diff of the layers is what docker diff prints', async () => {
  const image = `cutaway-diff-${process.pid}`;
  const made: string[] = [];
  try {
    const fill = 'mkdir -p /d/sub; echo f > /d/f; echo deep > /d/sub/deep; echo other > /d/other; ln -s a /top';
    docker('run', '--name', image, '--network', 'none', 'busybox', 'sh', '-c', fill);
    made.push(image);
    docker('commit', image, image);
    for (const [n, script] of scripts.entries()) {
      const name = `${image}-${n}`;
      docker('run', '--name', name, '--network', 'none', image, 'sh', '-c', script);
      made.push(name);
      const graph = JSON.parse(docker('inspect', '-f', '{{json .GraphDriver.Data}}', name)) as GraphData;
      const layers = await Promise.all(graph.LowerDir.split(':').map((dir) => readLayer(engine.inside(dir))));
      const lower = layers.reduceRight<readonly TimedEntry[]>((below, above) => merge(above, below), []);
      const ours = changes(await readLayer(engine.inside(graph.UpperDir)), lower).map(
        ({ kind, path }) => `${kind} ${path}`,
      );
      const theirs = docker('diff', name)
        .trim()
        .split('\n')
        .filter((line) => line !== '');
      assert.equal([...ours].sort(), theirs.sort(), script);
    }
  } finally {
    docker('rm', '-f', ...made);
    docker('rmi', '-f', image);
  }
});

test.run();
