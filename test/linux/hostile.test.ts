/**
 * Hostile archives on a real kernel, in a lab whose directory has a neighbour: nothing of it, and nothing of the lab outside of
 * the engine's own, changes when an archive is refused, and nothing at all outside of the lab ever does.
 */
import { lstatSync, mkdirSync, mkdtempSync, readdirSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createLinuxTarget, type LinuxTarget } from '../../backend/linux-target.ts';
import { hostileSuite } from '../suites/hostile.ts';
import { gated, needs } from '../support/needs.ts';

const test = suite('hostile archives, on linux');
const run = gated(test, await needs('linux'));
const part = process.env.HOSTILE ?? '';
const outer = mkdtempSync(join(tmpdir(), 'cutaway-hostile-'));
const canary = join(outer, 'canary');
let target: LinuxTarget | undefined;
let planted = '';

test.before(() => {
  for (const dir of ['canary', 'lab', 'lab/root']) mkdirSync(join(outer, dir));
  for (const name of ['passwd', 'escape', 'written', 'h', 'f']) writeFileSync(join(canary, name), 'canary');
  planted = listing(outer, ({ path }) => !path.startsWith('/lab'));
});

test.after(async () => {
  await target?.close();
  rmSync(outer, { recursive: true, force: true });
});

interface Entry {
  readonly path: string;
}

/** Everything below a directory, with what would show a change. */
function listing(root: string, wanted: (entry: Entry) => boolean): string {
  const lines: string[] = [];
  const walk = (path: string): void => {
    for (const name of readdirSync(root + path).sort()) {
      const at = `${path}/${name}`;
      const stat = lstatSync(root + at);
      if (!wanted({ path: at })) continue;
      const link = stat.isSymbolicLink() ? readlinkSync(root + at) : '';
      const content = stat.isFile() ? `${stat.size} ${stat.mtimeMs}` : '';
      lines.push([at, stat.mode.toString(8), stat.uid, stat.gid, stat.nlink, content, link].join(' '));
      if (stat.isDirectory()) walk(at);
    }
  };
  walk('');
  return lines.join('\n');
}

hostileSuite(
  run,
  async () => {
    target ??= await createLinuxTarget();
    const { lab } = target.driver;
    const files = (): string =>
      listing(lab.root, ({ path }) => !/^\/(proc|sys|dev|root\/hostile\.tar)(\/|$)/.test(path));
    return { target, files };
  },
  ({ name }) => name.includes(part),
);

run('nothing outside of the lab was touched', () => {
  assert.is(
    listing(outer, ({ path }) => !path.startsWith('/lab')),
    planted,
  );
  for (const path of ['/escape', '/tmp/written', '/etc/absolute', '/etc/written']) {
    assert.not.ok(exists(path), `${path} is there`);
  }
});

function exists(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}

test.run();
