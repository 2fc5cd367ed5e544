/**
 * Hostile archives on a target of ours: each is given to `docker load` or `docker import`, and what comes of it is compared
 * with what the real Docker 20.10.24 did (test/fixtures/hostile-20.10.24.json), but where the case says why we differ.
 *
 * Kept true: the store is whole; after a refusal the store and every file of the host are as they were before; when an archive is taken, every
 * file outside of the engine's data root is.
 */
import { readFileSync } from 'node:fs';
import type { Test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Target } from '../../core/index.ts';
import { hostileCases } from './hostile/all.ts';
import type { HostileCase } from './hostile/case.ts';
import { type Played, play } from './hostile/play.ts';
import { type StoreFiles, storeProblems } from './store.ts';

const recorded = JSON.parse(
  readFileSync(new URL('../fixtures/hostile-20.10.24.json', import.meta.url), 'utf8'),
) as Record<string, Played>;

export interface HostileHost {
  readonly target: Target;
  /** All files of the host, a line with its path each, in any form that can be compared; the archive itself left out. */
  files(): Promise<string> | string;
  /** Its data root. */
  readonly store: StoreFiles;
}

const prefixes = /^(Error response from daemon: )?(Error processing tar file\(exit status 1\): )?/;

export function hostileSuite(
  test: (name: string, body: () => Promise<void>) => void,
  open: () => Promise<HostileHost>,
  wanted: (one: HostileCase) => boolean = () => true,
): void {
  for (const one of hostileCases.filter(wanted)) {
    test(`${one.verb}: ${one.name}`, async () => {
      const { target, files, store } = await open();
      await target.putFile!('hostile.tar', new Uint8Array(0));
      const [before, known] = [await files(), await imageIds(target)];
      try {
        const got = await play(target, one);
        await target.putFile!('hostile.tar', new Uint8Array(0));
        compare(one, got);
        const after = await files();
        assert.equal(storeProblems(store), []);
        if (got.code !== 0) {
          assert.is(after === before, true, `the host has changed: ${firstDifference(before, after)}`);
          assert.equal([got.tags, got.layers], [[], []], 'the store has changed');
        } else {
          const [old, now] = [notTheEngines(before), notTheEngines(after)];
          assert.is(now === old, true, `the host has changed: ${firstDifference(old, now)}`);
        }
      } finally {
        const made = (await imageIds(target)).filter((id) => !known.includes(id));
        if (made.length > 0) await target.run(`docker rmi -f ${made.join(' ')}`);
      }
    });
  }
}

function compare(one: HostileCase, got: Played): void {
  const { differs } = one;
  if (differs !== undefined && 'refused' in differs) {
    assert.is.not(got.code, 0, `it was taken: ${got.stdout}`);
    assert.match(got.stderr.replace(prefixes, ''), differs.refused);
    return;
  }
  if (differs !== undefined) {
    assert.is(got.code, 0, got.stderr);
    assert.ok(got.layers.length > 0 && got.stdout.includes('Loaded image'), got.stdout);
    return;
  }
  const expected = recorded[one.name];
  if (expected === undefined) throw new Error('not recorded: node --import tsx test/docker/record-hostile.ts');
  assert.is(got.stderr.trimEnd(), expected.stderr.trimEnd());
  assert.is(got.code, expected.code);
  // Docker keeps what it had done before it refused; we do not, which is looked at elsewhere.
  if (expected.code !== 0) return;
  assert.equal(got.layers, expected.layers);
  assert.equal(got.tags, expected.tags);
  // An imported image's ID hashes the moment of its import.
  if (one.verb === 'load') assert.is(got.stdout, expected.stdout);
}

const notTheEngines = (listing: string): string =>
  listing
    .split('\n')
    .filter((line) => !line.includes('/var/lib/docker'))
    .join('\n');

const imageIds = async (target: Target): Promise<string[]> => (await target.observe()).images.map(({ id }) => id);

function firstDifference(a: string, b: string): string {
  const [old, now] = [a.split('\n'), b.split('\n')];
  const gone = old.filter((line) => !now.includes(line)).slice(0, 3);
  const made = now.filter((line) => !old.includes(line)).slice(0, 3);
  return `gone ${JSON.stringify(gone)}, made ${JSON.stringify(made)}`;
}

/** How many there are, so that a table cannot shrink unseen. */
export function countTest(test: Test): void {
  test('there are at least forty hostile archives, each with a name of its own', () => {
    assert.ok(hostileCases.length >= 40);
    assert.is(new Set(hostileCases.map(({ name }) => name)).size, hostileCases.length);
  });
}
