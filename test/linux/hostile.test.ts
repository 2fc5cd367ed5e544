/**
 * Hostile archives on a real kernel, in a lab that is kept on disk beside what it could damage: a canary in the directory next
 * to it, files above it, a canary in the lab's own root, and this machine's /etc and /root.
 *
 * Kept true: when an archive is refused, nothing in the lab changes, and nothing outside of the engine's own when it is taken;
 * nothing outside of the lab ever changes. That the canaries would notice is shown with a program that does follow such names.
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { lstatSync, mkdirSync, mkdtempSync, readdirSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createLinuxTarget, type LinuxTarget } from '../../backend/linux-target.ts';
import { linuxNeeds } from '../../backend/probe.ts';
import { hostileSuite } from '../suites/hostile.ts';
import { gated, needs } from '../support/needs.ts';
import { archive, pax } from '../support/raw-tar.ts';
import { diskStore } from '../support/store.ts';

const test = suite('hostile archives, on linux');
const run = gated(test, await needs(...linuxNeeds));
const part = process.env.HOSTILE ?? '';
const outer = mkdtempSync(join(tmpdir(), 'cutaway-hostile-'));
const directory = join(outer, 'lab');
const outside = join(outer, 'canary');
let target: LinuxTarget | undefined;
let before: Readonly<Record<string, string>> | undefined;

test.after(async () => {
  await target?.close();
  rmSync(outer, { recursive: true, force: true });
});

/** What the archives of the table are after, under the names that they use. */
function plant(canary: string): void {
  mkdirSync(canary, { recursive: true });
  for (const name of ['passwd', 'escape', 'written', 'h', 'f']) writeFileSync(join(canary, name), 'canary');
}

const insideOf = ({ driver }: LinuxTarget): string => join(driver.lab.root, 'srv/canary');

async function opened(): Promise<LinuxTarget> {
  if (target !== undefined) return target;
  plant(outside);
  for (const name of ['escape', 'written']) writeFileSync(join(outer, name), 'canary');
  target = await createLinuxTarget({ keep: { name: 'hostile', directory } });
  plant(insideOf(target));
  before = aroundOf(target);
  return target;
}

/** Everything below a directory, with what would show a change. Nobody can set a ctime back. */
function listing(root: string, wanted: (path: string) => boolean = () => true, ctime = true): string {
  const lines: string[] = [];
  const walk = (path: string): void => {
    for (const name of readdirSync(root + path).sort()) {
      const at = `${path}/${name}`;
      const stat = lstatSync(root + at, { throwIfNoEntry: false });
      if (stat === undefined || !wanted(at)) continue;
      const link = stat.isSymbolicLink() ? readlinkSync(root + at) : '';
      const content = stat.isFile() ? `${stat.size} ${stat.mtimeMs}` : '';
      const changed = ctime ? stat.ctimeMs : '';
      lines.push(
        [JSON.stringify(at), stat.mode.toString(8), stat.uid, stat.gid, stat.nlink, content, changed, link].join(' '),
      );
      if (stat.isDirectory()) walk(at);
    }
  };
  walk('');
  return lines.join('\n');
}

const digest = (text: string): string => createHash('sha256').update(text).digest('hex');

/** All that no archive may touch, by where it is. */
const aroundOf = (lab: LinuxTarget): Record<string, string> => ({
  'beside the lab and above it': listing(outer, (path) => path !== '/lab'),
  'in the root of the lab': listing(join(lab.driver.lab.root, 'srv')),
  '/etc of this machine': digest(listing('/etc')),
  // Programs at work elsewhere keep their caches deeper in it.
  '/root of this machine': digest(listing('/root', (path) => !/^\/\.|\/.*\//.test(path))),
  '/ of this machine': readdirSync('/').sort().join(' '),
});

hostileSuite(
  run,
  async () => {
    const { driver } = await opened();
    const files = (): string =>
      listing(driver.lab.root, (path) => !/^\/(proc|sys|dev|root\/hostile\.tar)(\/|$)/.test(path), false);
    return { target: target!, files, store: diskStore(`${driver.lab.root}/var/lib/docker`) };
  },
  ({ name }) => name.includes(part),
);

run('nothing outside of the lab was touched, and nothing of the lab that is not the engine’s', async () => {
  const lab = await opened();
  assert.equal(aroundOf(lab), before);
  for (const path of ['/tmp/written', '/etc/absolute', '/etc/written', '/etc/.wh.passwd']) {
    assert.is(lstatSync(path, { throwIfNoEntry: false }), undefined, `${path} is there`);
  }
});

/** Archives made for one canary; `way`: to it from where a layer is unpacked, or from `/`. */
const attacks = (way: string): Readonly<Record<string, Uint8Array>> => ({
  'a file over one of its own': archive(pax({ path: `${way}/passwd` }), { data: 'CANARY' }),
  'a new file in it': archive(pax({ path: `${way}/new` }), { data: 'x' }),
  'a file through a link to it': archive(
    pax({ linkpath: way }),
    { name: 'out', type: '2' },
    { name: 'out/passwd', data: 'CANARY' },
  ),
  'a hard link to its file': archive(pax({ linkpath: `${way}/passwd` }), { name: 'h', type: '1' }),
  'its own mode': archive(pax({ path: `${way}/` }), { type: '5', mode: 0o777 }),
  'a file in place of it': archive(pax({ path: `${way}/h` }), { type: '2', link: 'f' }),
});

/** From /var/lib/docker/overlay2/ID/diff to the root of the lab, and from there to the root of this machine. */
const up = '../'.repeat(6);
const farUp = '../'.repeat(40);

run(
  'archives made for these canaries do not touch them, and a program that follows such names is noticed',
  async () => {
    const lab = await opened();
    const layer = join(directory, 'root/var/lib/docker/overlay2/broken/diff');
    const ways = { [`${up}srv/canary`]: insideOf(lab), [farUp + outside.slice(1)]: outside, [outside]: outside };
    for (const [way, canary] of Object.entries(ways)) {
      for (const [name, bytes] of Object.entries(attacks(way))) {
        rmSync(canary, { recursive: true });
        plant(canary);
        const untouched = listing(canary);
        const around = aroundOf(lab);
        await lab.putFile!('aimed.tar', bytes);
        await lab.run('docker import aimed.tar aimed');
        await lab.run('docker rmi -f aimed');
        assert.is(listing(canary), untouched, `${name}, by ${way}`);
        assert.equal(aroundOf(lab), around, `${name}, by ${way}`);

        mkdirSync(layer, { recursive: true });
        execFileSync('tar', ['-xPf', '-', '-C', layer], { input: bytes, stdio: ['pipe', 'ignore', 'ignore'] });
        assert.is.not(aroundIs(lab, around), true, `${name}, by ${way}, was not noticed`);
        rmSync(join(layer, '..'), { recursive: true });
      }
    }
  },
);

const aroundIs = (lab: LinuxTarget, known: Readonly<Record<string, string>>): boolean =>
  JSON.stringify(aroundOf(lab)) === JSON.stringify(known);

test.run();
