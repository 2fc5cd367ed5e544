/**
 * What the commands say and do on the simulation, cell by cell and line by line as recorded on the real Docker: the lifecycle
 * matrix, and the recordings of test/fixtures/docker. Lines that cannot be equal yet are listed with the reason.
 */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createSimTarget } from '../../../core/simtarget.ts';
import { matrixCells, playMatrixOn } from '../../suites/matrix.ts';
import { type PlayedLine, playRecording, type Recording, readRecording, recordings } from '../../suites/recorded.ts';

test('the lifecycle matrix', async () => {
  const results = await playMatrixOn(async () => createSimTarget(), 1);
  const wrong = results.filter(({ differences }) => differences.length > 0);
  assert.equal(
    wrong.map(({ cell, differences }) => `${cell.state} / ${cell.cmd}: ${differences.join('; ')}`),
    [],
  );
  assert.is(results.length, matrixCells.length);
});

const copyIn = 'files cannot be copied into a container yet';

const known: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  files: { 'docker cp f c1:/g': copyIn, 'docker diff c1': copyIn },
  run: { 'docker run --rm --read-only busybox touch /x': 'a read-only root is not simulated yet' },
};

/** What belongs to the engine that was recorded: its network sandbox (we have none), its client's home directory. */
function withoutPlace(recording: Recording): Recording {
  const clean = (text: string) =>
    text
      .replace(/"(SandboxID|SandboxKey)": "[^"]*"/g, '"$1": ""')
      .replace(/\/tmp\/cutaway-docker-\w+\/target-\w+\/home/g, '/root/.docker');
  const lines = recording.lines.map((line) => ({ ...line, stdout: clean(line.stdout), stderr: clean(line.stderr) }));
  return { ...recording, lines };
}

for (const name of recordings()) {
  test(`recording: ${name}`, async () => {
    const excuses = known[name] ?? {};
    const played = await playRecording(withoutPlace(readRecording(name)), createSimTarget());
    const fails = ({ differences, skipped }: PlayedLine): boolean => differences.length > 0 || skipped !== undefined;
    const wrong = played.filter((one) => fails(one) && excuses[one.line] === undefined);
    assert.equal(
      wrong.map(({ line, differences, skipped }) => `${line}: ${skipped ?? differences.join('; ')}`),
      [],
    );
    const stale = Object.keys(excuses).filter((line) => !played.some((one) => one.line === line && fails(one)));
    assert.equal(stale, [], 'these hold now: take them off the list');
  });
}

test('an import from the network is refused by name; what is no address is a file', async () => {
  const target = createSimTarget();
  for (const address of ['http://example.com/rootfs.tar', 'https://example.com/rootfs.tar.gz']) {
    const { exitCode, stdout, stderr } = await target.run(`docker import ${address} x`);
    assert.equal([exitCode, stdout], [1, '']);
    assert.is(stderr, `cutaway: there is no network to fetch ${address} from\n`);
  }
  // As the real client says it: only http and https are addresses to it.
  assert.is((await target.run('docker import git://x/y x')).stderr, 'open git://x/y: no such file or directory\n');
  assert.equal((await target.run('docker images -q x')).stdout, '');
});

test.run();
