/** Every subcommand of the terminal program, on targets that play a small story: what it prints and how it exits. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { svgKinds } from '../../core/index.ts';
import { story } from '../core/diagram/fixture.ts';
import { xmlFault } from '../support/xml.ts';
import { cutaway, lesson } from './fake.ts';

const test = suite<{ folder: string }>('subcommands', { folder: '' });
test.before((context) => {
  context.folder = mkdtempSync(join(tmpdir(), 'cutaway-test-'));
});
test.after((context) => rmSync(context.folder, { recursive: true }));

const files = { 'l.md': lesson };

test('run: everything as expected', async () => {
  const { code, out, err, closed } = await cutaway(['run', 'l.md'], { files });
  assert.is(code, 0);
  assert.match(
    out,
    /^\$ docker create [^\n]+\nabab[^\n]+\n\$ docker start -a cradle\n\$ docker diff cradle\nA \/happiness\.txt\n/,
  );
  assert.match(out, /\$ docker rm nope\n\? 1\nError: No such container: nope\n/);
  assert.is(err, 'l.md on sim: 4 commands, all as expected\n');
  assert.equal(closed, ['sim'], 'the target is closed');
});

test('run: a failed expectation names file, line, column and both lines', async () => {
  const changed = { 'l.md': lesson.replace('A /happiness.txt', 'A /happines.txt') };
  const { code, err, closed } = await cutaway(['run', 'l.md'], { files: changed });
  assert.is(code, 1);
  assert.is(
    err,
    'l.md:8:12: `docker diff cradle`: output differs\n  expected  A /happines.txt\n  got       A /happiness.txt\nl.md on sim: 4 commands, 1 not as expected\n',
  );
  assert.equal(closed, ['sim']);
});

test('cgroup: from the option, or from the head of the transcript; the option goes first', async () => {
  const v2 = `---\ncgroup: v2\n---\n${lesson}`;
  const all = { 'l.md': lesson, 'v2.md': v2, 'v3.md': v2.replace('v2', 'v3') };
  const asked = async (...argv: string[]): Promise<unknown> => {
    const { code, options } = await cutaway(argv, { files: all });
    assert.is(code, 0, argv.join(' '));
    return options.map(({ cgroup }) => cgroup);
  };
  assert.equal(await asked('run', 'l.md'), [undefined]);
  assert.equal(await asked('run', 'l.md', '--cgroup', 'v2'), ['v2']);
  assert.equal(await asked('run', 'v2.md'), ['v2']);
  assert.equal(await asked('run', 'v2.md', '--cgroup', 'v1'), ['v1']);
  assert.equal(await asked('diagram', 'v2.md'), ['v2']);
  assert.equal(await asked('verify', 'v2.md', '--on', 'linux'), ['v2', 'v2']);
  const wrong = await cutaway(['run', 'v3.md'], { files: all });
  assert.is(wrong.code, 2);
  assert.match(wrong.err, /front matter: cgroup is "v3" \(v3\.md\)/);
  assert.is((await cutaway(['run', 'l.md', '--cgroup', 'v3'], { files: all })).code, 2);
});

test('bridge: docker0 in the head of a transcript asks for it as --bridge does, and record writes it there', async () => {
  const head = (text: string): string => `---\n${text}\n---\n${lesson}`;
  const files = {
    'b.md': head('bridge: docker0'),
    'both.md': head('cgroup: v2\nbridge: docker0'),
    'c.md': head('bridge: x'),
  };
  const asked = async (...argv: string[]): Promise<unknown> => {
    const { code, options, err } = await cutaway(argv, { files });
    assert.is(code, 0, `${argv.join(' ')}: ${err}`);
    return options.map(({ bridge, cgroup }) => [bridge, cgroup]);
  };
  assert.equal(await asked('run', 'b.md'), [[true, undefined]]);
  assert.equal(await asked('run', 'both.md'), [[true, 'v2']]);
  assert.equal(await asked('diagram', 'b.md', '--kind', 'network'), [[true, undefined]]);
  assert.equal(await asked('verify', 'b.md', '--on', 'linux'), [
    [true, undefined],
    [true, undefined],
  ]);
  const wrong = await cutaway(['run', 'c.md'], { files });
  assert.is(wrong.code, 2);
  assert.match(wrong.err, /front matter: bridge is "x" \(c\.md\)/);
  const folder = mkdtempSync(join(tmpdir(), 'cutaway-test-'));
  try {
    const file = join(folder, 'r.md');
    await cutaway(['record', file, '--bridge'], { typed: 'docker diff cradle\n' });
    assert.match(readFileSync(file, 'utf8'), /^---\nbridge: docker0\n---\n/);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('--bridge: each target of a comparison has docker0', async () => {
  for (const [argv, bridges] of [
    [['run', 'l.md', '--bridge'], [true]],
    [
      ['verify', 'l.md', '--on', 'linux'],
      [undefined, undefined],
    ],
    [
      ['verify', 'l.md', '--on', 'linux', '--bridge'],
      [true, true],
    ],
  ] as const) {
    const { code, options } = await cutaway([...argv], { files: { 'l.md': lesson } });
    assert.is(code, 0, argv.join(' '));
    assert.equal(
      options.map(({ bridge }) => bridge),
      bridges,
      argv.join(' '),
    );
  }
});

test('run --json: one record a line', async () => {
  const { code, out } = await cutaway(['run', 'l.md', '--json'], { files });
  const records = out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  assert.is(code, 0);
  assert.equal(
    records.map((record) => [record.n, record.exitCode]),
    [
      [1, 0],
      [2, 0],
      [3, 0],
      [4, 1],
    ],
  );
  assert.equal(Object.keys(records[0]!), ['n', 'command', 'exitCode', 'stdout', 'stderr', 'steps', 'observation']);
  assert.equal(records[1]!.observation, story()[2]);
});

test('run --picture draws what changed, and says when nothing did', async () => {
  const { out } = await cutaway(['run', 'l.md', '--picture'], { files });
  assert.match(out, /\+ container cradle/);
  assert.match(out, /\* container cradle[^\n]+exited \(0\)/);
  assert.match(out, /\$ docker diff cradle\nA \/happiness\.txt\n\(nothing changed\)/);
});

test('run --step shows every step with its utility call', async () => {
  const { out } = await cutaway(['run', 'l.md', '--step'], { files });
  assert.match(out, /touch \/happiness\.txt\n {3}1 {2}make the read-write layer\n {6}mkdir \/layers\/cradle\n/);
});

test('run on a target that cannot run a line says so and counts it', async () => {
  const { code, out, err } = await cutaway(['run', 'm.txt', '--on', 'docker'], { files: { 'm.txt': 'mount\n' } });
  assert.is(code, 0);
  assert.match(out, /\(not run here: a host command\)/);
  assert.match(err, /m\.txt on docker: 1 command, nothing expected, 1 not run there/);
});

test('run --lab keeps the commands, and goes on from them', async ({ folder }) => {
  const world = {
    files: { a: 'docker create --name cradle busybox touch /happiness.txt\n', b: 'docker start -a cradle\n' },
    vars: { XDG_STATE_HOME: folder },
  };
  assert.is((await cutaway(['run', 'a', '--lab', 'mine'], world)).code, 0);
  assert.is((await cutaway(['run', 'b', '--lab', 'mine'], world)).code, 0);
  const kept = readFileSync(join(folder, 'cutaway', 'labs', 'mine.txt'), 'utf8');
  assert.is(kept, world.files.a + world.files.b);
  const picture = await cutaway(['run', 'a', '--lab', 'mine', '--picture'], {
    ...world,
    files: { a: 'docker diff cradle\n' },
  });
  assert.match(picture.out, /A \/happiness\.txt\n\(nothing changed\)/);
  assert.is((await cutaway(['run', 'a', '--lab', '../x'], world)).code, 2);
});

test('verify: the same everywhere', async () => {
  const { code, out, closed } = await cutaway(['verify', 'l.md', '--on', 'linux,docker'], { files });
  assert.is(code, 0);
  assert.is(out, 'l.md: 4 commands, the same on sim, linux, docker\n');
  assert.equal(closed, ['sim', 'linux', 'docker']);
});

test('verify: another answer on one target is named with both lines', async () => {
  const answers = { 'docker diff cradle': { exitCode: 0, stdout: 'A /sadness.txt\n', stderr: '', steps: [] } };
  const { code, out, err } = await cutaway(['verify', 'l.txt', '--on', 'docker'], {
    files: { 'l.txt': 'docker start -a cradle\ndocker diff cradle\ndocker rm nope\n' },
    wrong: { docker: { answers } },
  });
  assert.is(code, 1);
  assert.match(err, /^l\.txt:2:1: after `docker diff cradle`: sim and docker differ\n/);
  assert.match(err, /happiness\.txt[\s\S]*sadness\.txt/);
  assert.match(out, /sim after command 2[\s\S]+docker after command 2/);
  assert.not.match(err, /nope/, 'it stops at the first difference');
});

test('verify: a fault in the simulation is found and both pictures are shown', async () => {
  const { code, out, err } = await cutaway(['verify', 'l.md', '--on', 'docker', '--fault', 'whiteouts'], { files });
  assert.is(code, 1);
  assert.match(err, /l\.md:6:1: after `docker start -a cradle`: sim and docker differ/);
  const [, sim = '', docker = ''] = /sim after command 2([\s\S]+)docker after command 2([\s\S]+)/.exec(out) ?? [];
  assert.match(sim, /empty: nothing was written/);
  assert.match(docker, /\+ A \/happiness\.txt/);
});

test('verify: a changed expectation is named with its target', async () => {
  const changed = { 'l.md': lesson.replace('? 1', '? 2') };
  const { code, err } = await cutaway(['verify', 'l.md', '--on', 'docker'], { files: changed });
  assert.is(code, 1);
  assert.match(err, /^l\.md:9:1: `docker rm nope` on `sim`: exit status 1, expected 2\n/);
});

test('diagram: kinds, formats and moments', async () => {
  const at = (...more: string[]) => cutaway(['diagram', 'l.md', ...more], { files });
  assert.match((await at()).out, /exited \(0\)/);
  assert.match((await at('--at', '1')).out, /\+ container cradle[^\n]+created/);
  assert.match((await at('--at', '0')).out, /image busybox:latest/);
  assert.match((await at('--kind', 'union', '--all')).out, /\/bin\/sh/);
  assert.match((await at('--kind', 'images', '--format', 'mermaid')).out, /^flowchart BT\n/);
  for (const kind of ['stack', 'images', 'host'])
    assert.match((await at('--kind', kind, '--format', 'svg')).out, /^<svg [\s\S]*cradle[\s\S]*<\/svg>\n$/);
  for (const kind of svgKinds)
    assert.is(xmlFault((await at('--format', 'svg', '--kind', kind, '--all')).out), undefined, kind);
  for (const broken of ['<a><b></a>', '<a b="1" b="2"/>', '<a>R&D</a>']) assert.is.not(xmlFault(broken), undefined);
  assert.match((await at('--kind', 'union', '--container', 'cradle')).out, /^cradle · exited/m);
  const nobody = await at('--kind', 'union', '--container', 'nobody');
  assert.match(nobody.err, /--container nobody: no such container[\s\S]*there are: cradle/);
  const wrong = [at('--at', '5'), at('--at', 'x'), at('--kind', 'cake'), at('--kind', 'lifecycle', '--format', 'svg')];
  assert.equal(
    (await Promise.all(wrong)).map((done) => done.code),
    [2, 2, 2, 2],
  );
  assert.is(nobody.code, 2);
});

test('record writes a transcript that run accepts, and does not write over a file', async ({ folder }) => {
  const file = join(folder, 'mine.md');
  const typed =
    'docker create --name cradle busybox touch /happiness.txt\n:help\n\ndocker start -a cradle\ndocker diff cradle\ndocker rm nope\n:quit\nnever\n';
  const recorded = await cutaway(['record', file], { typed });
  assert.is(recorded.code, 0);
  const text = readFileSync(file, 'utf8');
  assert.is(text, lesson.replace('A lesson', 'mine'));
  assert.is((await cutaway(['run', file], { files: { [file]: text } })).code, 0);
  assert.is((await cutaway(['record', file], { typed })).code, 2);
  assert.is((await cutaway(['record', '--force', file], { typed: 'docker diff cradle\n' })).code, 0);
});

test('interactive: output, steps and picture after each command; colon commands', async () => {
  const typed =
    'docker create --name cradle busybox touch /happiness.txt\n:steps off\n:picture off\ndocker diff cradle\n:picture union\n:wat\n:quit\n';
  const { code, out } = await cutaway([], { typed });
  assert.is(code, 0);
  assert.match(out, /\$ docker create [^\n]+\nabab\w+\n {3}1 {2}make the read-write layer\n[\s\S]+\+ container cradle/);
  assert.match(out, /\$ docker diff cradle\nA \/happiness\.txt\n\n[\s\S]*comes from/);
  assert.match(out, /no such command: :wat/);
});

test('interactive: what is typed goes to a process that waits for it', async () => {
  const typed =
    ':picture off\ndocker run -i busybox cat\n:picture\none\n:eof\ndocker diff cradle\ndocker run -i busybox cat\n:interrupt\n:quit\n';
  const { code, out } = await cutaway([], { typed });
  assert.is(code, 0);
  assert.match(out, /waits for input[\s\S]+:picture\none\nbye\n\$ docker diff cradle\nA/);
  assert.match(out, /\? 130\n$/);
});

test('a replay does not count a command that has not ended as expected', async () => {
  const { code, err } = await cutaway(['run', 'i.txt'], { files: { 'i.txt': '$ docker run -i busybox cat\n' } });
  assert.is(code, 1);
  assert.match(err, /exit status none: it waits for input, expected 0/);
});

test('lesson: the list, and one that is not there', async () => {
  const { code, out } = await cutaway(['lesson']);
  assert.is(code, 0);
  assert.match(out, /01-where-is-happiness +Where is happiness\? {2}\(10 min\)/);
  const none = await cutaway(['lesson', 'nirvana']);
  assert.equal([none.code, none.err.split('\n')[0]], [2, 'cutaway: no lesson "nirvana"']);
});

test('serve: a port that is none, and a folder without a site', async ({ folder }) => {
  const port = await cutaway(['serve', '--port', '70000']);
  assert.equal([port.code, port.err.split('\n')[0]], [2, 'cutaway: serve: "70000" is no port']);
  const empty = await cutaway(['serve', '--site', folder]);
  assert.equal([empty.code, empty.err.split('\n')[0]], [2, `cutaway: serve: there is no built site (${folder})`]);
});

test.run();
