/** `cutaway explain`: what it says of images, layers, containers, paths, processes and pieces of output is true of the world. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { runSync } from '../../../core/drive.ts';
import { UsageError } from '../../../core/errors.ts';
import { explain } from '../../../core/explain/explain.ts';
import type { Explanation, HashPart } from '../../../core/explain/explanation.ts';
import { explanationText } from '../../../core/explain/text.ts';
import { digestOf } from '../../../core/image/digest.ts';
import type { Digest } from '../../../core/op.ts';
import { createSimTarget, type SimTarget } from '../../../core/simtarget.ts';

/** Two layers, a deleted and a changed file, a running container, one that failed. */
function world(): SimTarget {
  const target = createSimTarget();
  const lines = [
    'docker run --name web busybox sh -c "echo hi > /hi; rm /bin/ls; chmod 600 /etc/passwd; rm -r /var; mkdir /var; echo v > /var/v"',
    'docker commit web app',
    'docker run -d --name two app sh -c "sleep 300 & wait"',
    'docker run --name three app sh -c "exit 3"',
  ];
  for (const line of lines) assert.is(target.runSync(line).stderr, '', line);
  return target;
}

const target = world();
const { engine } = target.session;
const ask = (subject: string): readonly Explanation[] => runSync(explain(engine, subject), target.driver);
const one = (subject: string): Explanation => {
  const [answer, ...more] = ask(subject);
  assert.is(more.length, 0, subject);
  return answer!;
};
const said = (subject: string): string =>
  ask(subject)
    .map((answer) => explanationText(answer))
    .join('\n');
const hashOf = (answer: Explanation): HashPart => answer.parts.find((part): part is HashPart => part.kind === 'hash')!;
const top = Object.values(engine.world.layers).find(({ parent }) => parent !== undefined)!;
const container = (name: string) => engine.world.containers[engine.world.names[name]!]!;

test('an image: the hash of the bytes that lie on the host is its ID', () => {
  const id = engine.world.images.tags['app:latest']!;
  for (const subject of ['app', 'app:latest', id, id.slice(7, 19)]) {
    const hash = hashOf(one(subject));
    assert.is(hash.digest, id);
    assert.ok(hash.agrees);
    const shell = target.runSync(hash.command!);
    assert.is(shell.stdout.slice(0, 64), id.slice(7), 'and the command that it names computes the same');
  }
});

test('a config that was tampered with is said not to hash to the name', () => {
  const other = world();
  const id = other.world.images.tags['app:latest']!;
  const path = `/var/lib/docker/image/overlay2/imagedb/content/sha256/${id.slice(7)}`;
  other.runSync(`echo tampered >> ${path}`);
  const [answer] = runSync(explain(other.session.engine, 'app'), other.driver);
  assert.is(hashOf(answer!).agrees, false);
  assert.match(explanationText(answer!), /which is not the name/);
});

test('a layer by each of its names', () => {
  const chain = hashOf(one(top.chainId));
  assert.is(chain.shown, `${top.parent} ${top.diffId}`);
  assert.is(digestOf(chain.shown), top.chainId);
  const shell = target.runSync(chain.command!);
  assert.is(`sha256:${shell.stdout.slice(0, 64)}`, top.chainId);
  const tar = hashOf(one(top.diffId.slice(0, 20)));
  assert.is(tar.digest, top.diffId, 'packed again it is the same tar');
  assert.match(one(top.cacheId).title, /^cache-id/);
  assert.match(one(top.link).title, /^link/);
});

test('a container by name, ID, beginning of an ID, directory of its layer and short link', () => {
  const web = container('web');
  for (const subject of ['web', web.id, web.id.slice(0, 12), web.layer.id, web.layer.link, web.layer.initLink]) {
    assert.match(one(subject).title, /^container web/, subject);
  }
  assert.match(said('web'), /No process of it exists now/);
  assert.match(said('two'), /PID \d+ on the host and PID 1 inside/);
});

test('a PID of the host, also of a process that is not the first one', () => {
  const [first, second] = target.observeSync().containers.find(({ name }) => name === 'two')!.processes;
  assert.match(said(String(first!.hostPid)), /inside +1\n/);
  assert.match(said(String(second!.hostPid)), new RegExp(`inside +${second!.pid}\n`));
});

test('paths: where they come from and what hides them', () => {
  assert.match(one('web:/hi').title, /seen from the read-write layer/);
  assert.match(one('two:/hi').title, /seen from layer 2/);
  assert.match(one('app:/hi').title, /seen from layer 2/);
  assert.match(said('two:/bin/ls'), /Layer 2 holds a whiteout/);
  assert.match(said('web:/etc/passwd'), /copy-up/);
  assert.match(said('web:/var/v'), /seen from the read-write layer/);
  assert.match(said('two:/nope/ls'), /No layer of container two holds it[\s\S]*There is \/bin\/ls/);
  assert.is(ask('/bin/ls').length, 3, 'a path without a container is looked for in each');
});

test('every path of the union view is explained as coming from the layer that really holds it', () => {
  const two = target.observeSync().containers.find(({ name }) => name === 'two')!;
  const layers = target.observeSync().layers;
  const holders: [string, readonly { path: string; type: string }[]][] = [
    ['the read-write layer', two.upper],
    ['the init layer', two.init],
    ...[...two.lower.keys()]
      .reverse()
      .map((n): [string, (typeof layers)[Digest]] => [`layer ${n + 1}`, layers[two.lower[n]!]!]),
  ];
  const files = two.union.filter(({ type }) => type === 'file').slice(0, 40);
  assert.ok(files.length > 3);
  for (const { path } of files) {
    const [holder] = holders.find(([, entries]) =>
      entries.some((entry) => entry.path === path && entry.type !== 'whiteout'),
    )!;
    assert.ok(one(`two:${path}`).title.endsWith(`seen from ${holder}`), `${path}: ${one(`two:${path}`).title}`);
  }
});

test('files of the host tree', () => {
  const root = '/var/lib/docker';
  assert.match(said(`${root}/overlay2/${container('two').layer.id}/lower`), /read-write layer of container two/);
  assert.match(said(`${root}/image/overlay2/layerdb/sha256/${top.chainId.slice(7)}/cache-id`), /layer with chainID/);
  // Whatever lies there is explained, but for the files inside of layers, which are.
  const listing = target.runSync(`find ${root} -maxdepth 6`).stdout.trim().split('\n');
  assert.ok(listing.length > 40);
  const unexplained = listing.filter((path) => {
    try {
      return ask(path).length === 0;
    } catch (error) {
      assert.instance(error, UsageError);
      return true;
    }
  });
  assert.equal(unexplained, []);
});

test('pieces of output', () => {
  assert.match(said('Exited (137) 5 minutes ago'), /SIGKILL/);
  assert.match(said('Exited (3)'), /So ended: three/);
  assert.match(said('exit code 127'), /not found in the container/);
  const pieces = [
    '<none>',
    '<none>:<none>',
    '<missing>',
    'SIZE',
    '0B (virtual 1.98MB)',
    'A /x',
    'C /x',
    'D /x',
    'Up 3 seconds',
  ];
  for (const piece of [...pieces, 'Up 3 seconds (Paused)', 'Created', '.wh.x', '.wh..wh..opq', 'IMAGE ID', 'DIGEST']) {
    assert.ok(one(piece).parts.length > 0, piece);
  }
});

test('what is not known is refused with examples of this world, and changes nothing', () => {
  const before = JSON.stringify(target.observeSync());
  for (const subject of ['quatsch', 'nobody:/x', 'ffffffffffff', '99999', 'A', '../..', '']) {
    try {
      ask(subject);
      assert.unreachable(subject);
    } catch (error) {
      assert.instance(error, UsageError, subject);
      assert.match((error as UsageError).hint ?? '', /web|two|three|busybox/);
    }
  }
  for (const subject of ['app', 'web', top.diffId, 'two:/etc']) ask(subject);
  assert.is(JSON.stringify(target.observeSync()), before);
});

test('no line of the text is wider than it may be, long names and digests aside', () => {
  for (const subject of ['app', 'two', 'two:/bin/ls', 'Exited (137)', 'SIZE']) {
    for (const line of said(subject)
      .split('\n')
      .filter((each) => !/[0-9a-f]{64}|\$ /.test(each))) {
      assert.ok(line.length <= 80, line);
    }
  }
});

test.run();
