/**
 * The server of the site without a browser: what it serves, whom it refuses, and the life of a page's session. The simulation
 * stands in for the real target.
 */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { securityHeaders } from '../../backend/server/headers.ts';
import { type ServeOptions, type SiteServer, startServer } from '../../backend/server.ts';
import { createSimTarget, type Target } from '../../core/index.ts';
import { ask, bytesOf, ours, PageSession, post, send } from './page-session.ts';

interface Place {
  folder: string;
  server: SiteServer;
  closed: number;
}

const test = suite<Place>('serve', { folder: '', server: undefined as never, closed: 0 });

test.before((place) => {
  const outside = mkdtempSync(join(tmpdir(), 'cutaway-serve-'));
  place.folder = join(outside, 'site');
  mkdirSync(join(place.folder, 'assets'), { recursive: true });
  writeFileSync(join(outside, 'secret.txt'), 'secret');
  writeFileSync(join(place.folder, 'index.html'), '<!doctype html><title>Cutaway</title>');
  writeFileSync(
    join(place.folder, 'assets', 'main-abc.js'),
    `export const text = ${JSON.stringify('x'.repeat(5000))};`,
  );
  writeFileSync(join(place.folder, '.hidden'), 'secret');
  symlinkSync(join(outside, 'secret.txt'), join(place.folder, 'link.txt'));
});
test.after((place) => rmSync(join(place.folder, '..'), { recursive: true }));
test.before.each(async (place) => {
  place.closed = 0;
  place.server = await start(place);
});
test.after.each(({ server }) => server.close());

function start(place: Place, options: Partial<ServeOptions> = {}): Promise<SiteServer> {
  const openTarget = async (): Promise<Target> => {
    const target = createSimTarget({ interactive: true });
    const close = target.close.bind(target);
    target.close = async () => {
      await close();
      place.closed++;
    };
    return target;
  };
  return startServer({ folder: place.folder, openTarget, ...options });
}

async function eventually(holds: () => boolean): Promise<void> {
  const end = Date.now() + 60_000;
  while (!holds()) {
    if (Date.now() > end) throw new Error('this never came to hold');
    await sleep(5);
  }
}

test('files with every header, compressed, and not sent again', async ({ server }) => {
  const page = await ask(server, {});
  assert.is(page.status, 200);
  assert.match(page.body, /<title>Cutaway/);
  for (const [name, value] of Object.entries(securityHeaders))
    assert.is(page.message.headers[name.toLowerCase()], value);
  assert.is(page.message.headers['cache-control'], 'no-cache');
  const script = await send(server, { path: '/assets/main-abc.js', headers: { 'Accept-Encoding': 'br, gzip' } });
  assert.is(script.headers['content-type'], 'text/javascript; charset=utf-8');
  assert.match(script.headers['cache-control'] ?? '', /immutable/);
  const zipped = await bytesOf(script);
  assert.ok(zipped.length < 1000);
  assert.match(gunzipSync(zipped).toString(), /^export const text/);
  const again = await ask(server, { headers: { 'If-None-Match': page.message.headers.etag ?? '' } });
  assert.equal([again.status, again.body], [304, '']);
  const head = await ask(server, { method: 'HEAD' });
  assert.equal([head.status, head.body, head.message.headers['content-length']], [200, '', String(page.body.length)]);
});

test('a site that is built again is served anew', async ({ server, folder }) => {
  assert.is((await ask(server, { path: '/later.txt' })).status, 404);
  writeFileSync(join(folder, 'later.txt'), 'later');
  await sleep(10);
  writeFileSync(join(folder, 'index.html'), '<!doctype html><title>Cutaway, later</title>');
  assert.is((await ask(server, { path: '/later.txt' })).body, 'later');
  assert.match((await ask(server, {})).body, /later/);
});

test('no path leads out of the folder, to a hidden file or along a link', async ({ server }) => {
  const paths = [
    '/../secret.txt',
    '/assets/../../secret.txt',
    '/%2e%2e/secret.txt',
    '/..%2fsecret.txt',
    '/..%5csecret.txt',
    '/assets/%2e%2e/%2e%2e/secret.txt',
    '//secret.txt',
    '/link.txt',
    '/.hidden',
    '/assets',
    '/assets/',
    '/%00',
    '/%',
    '/%ff',
    '/constructor',
    '/index.html/',
    '/etc/passwd',
    `/${'a/'.repeat(4000)}`,
  ];
  for (const path of paths) {
    const { status, body } = await ask(server, { path });
    assert.is(status, 404, path);
    assert.is.not(body, 'secret');
  }
});

test('files are only read', async ({ server }) => {
  for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH', 'TRACE']) {
    const { status, message } = await ask(server, { method });
    assert.equal([status, message.headers.allow], [405, 'GET, HEAD'], method);
  }
});

test('a Host or an Origin that is not ours is refused, whatever is asked for', async ({ server }) => {
  const { port, origin } = server;
  const hosts = [
    'evil.example',
    `evil.example:${port}`,
    `127.0.0.1:${port + 1}`,
    '127.0.0.1',
    `[::1]:${port}`,
    `127.0.0.1.evil.example:${port}`,
  ];
  const origins = [
    'http://evil.example',
    'null',
    `https://127.0.0.1:${port}`,
    `http://localhost:${port}`,
    `${origin}/`,
    `http://127.0.0.1:${port + 1}`,
    '',
  ];
  for (const path of ['/', '/reality/open', '/nowhere']) {
    for (const host of hosts) {
      const got = await ask(server, { method: 'POST', path, headers: { ...ours(server), Host: host }, body: '{}' });
      assert.equal([got.status, got.body], [403, 'Forbidden\n'], `${path} for ${host}`);
    }
    for (const one of origins) {
      const got = await ask(server, { method: 'POST', path, headers: { ...ours(server), Origin: one }, body: '{}' });
      assert.equal([got.status, got.body], [403, 'Forbidden\n'], `${path} from ${one}`);
    }
  }
  const local = await ask(server, { headers: { Host: `localhost:${port}` } });
  assert.is(local.status, 200, 'the other name of the loopback is ours as well');
  assert.is(server.sessions(), 0);
});

test('a target that names another host, and what is no HTTP, are refused', async ({ server }) => {
  const raw = (text: string): Promise<string> =>
    new Promise((resolve, reject) => {
      let got = '';
      const socket = connect(server.port, '127.0.0.1', () => socket.write(text));
      socket.on('data', (chunk: Buffer) => {
        got += chunk.toString();
      });
      socket.on('close', () => resolve(got)).on('error', reject);
    });
  const host = `Host: 127.0.0.1:${server.port}\r\n`;
  assert.match(await raw(`GET http://evil.example/ HTTP/1.1\r\n${host}Connection: close\r\n\r\n`), /^HTTP\/1\.1 403 /);
  assert.match(await raw('GET / HTTP/1.1\r\nConnection: close\r\n\r\n'), /^HTTP\/1\.1 400 /, 'no Host at all');
  assert.match(await raw('\x16\x03\x01\x02\x00\r\n\r\n'), /^HTTP\/1\.1 400 /);
  assert.match(await raw(`GET / HTTP/1.1\r\n${host}X: ${'x'.repeat(20_000)}\r\n\r\n`), /^HTTP\/1\.1 431 /);
});

test('only the loopback is listened to', async ({ server }) => {
  const others = Object.values(networkInterfaces())
    .flatMap((list) => list ?? [])
    .filter(({ internal, family }) => !internal && family === 'IPv4');
  for (const { address } of [...others, { address: '127.0.0.2' }]) {
    const refused = await new Promise<string>((resolve) => {
      const socket = connect(server.port, address);
      socket
        .on('connect', () => resolve('connected'))
        .on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? ''));
    });
    assert.is(refused, 'ECONNREFUSED', address);
  }
});

test('without the token nothing is told: not what there is, not what is wrong', async ({ server }) => {
  const { token } = server;
  const wrong = [
    '',
    'Bearer',
    'Bearer ',
    token,
    `Bearer ${token.slice(1)}`,
    `Bearer ${token}x`,
    `bearer ${token}`,
    `Basic ${token}`,
  ];
  for (const Authorization of wrong) {
    for (const [method, path] of [
      ['POST', 'open'],
      ['POST', 'run'],
      ['GET', 'open'],
      ['POST', 'nothing'],
      ['DELETE', ''],
    ] as const) {
      const headers = { ...ours(server), Authorization };
      const { status, body } = await ask(server, { method, path: `/reality/${path}`, headers, body: 'no JSON' });
      assert.equal([status, body], [403, 'Forbidden\n'], `${method} ${path} with "${Authorization}"`);
    }
  }
  const { Authorization: _none, ...bare } = ours(server);
  assert.is((await ask(server, { method: 'POST', path: '/reality/open', headers: bare, body: '{}' })).status, 403);
  const { Origin: _origin, ...nobody } = ours(server);
  assert.is((await ask(server, { method: 'POST', path: '/reality/open', headers: nobody, body: '{}' })).status, 403);
  assert.is((await post(server, 'open', {}, { 'Sec-Fetch-Site': 'cross-site' })).status, 403);
  assert.is((await post(server, 'open', {}, { 'Sec-Fetch-Site': 'same-site' })).status, 403);
  assert.is(server.sessions(), 0);
});

test('two servers have two tokens', async (place) => {
  const other = await start(place);
  assert.is.not(other.token, place.server.token);
  assert.ok(Buffer.from(other.token, 'base64url').length >= 32);
  assert.is((await post(other, 'run', {}, { Authorization: `Bearer ${place.server.token}` })).status, 403);
  await other.close();
});

test('where the machine has no real target there is nothing behind the token', async (place) => {
  const alone = await startServer({ folder: place.folder });
  assert.is(alone.url, `${alone.origin}/`);
  assert.is((await post(alone, 'open', {})).status, 403);
  await alone.close();
});

test('with the token, what is wrong is said', async ({ server }) => {
  const session = 'x'.repeat(24);
  const bad: readonly (readonly [name: string, body: unknown, status: number])[] = [
    ['nothing', {}, 404],
    ['toString', {}, 404],
    ['', {}, 404],
    ['run', 'no JSON', 400],
    ['run', '', 400],
    ['run', 'null', 400],
    ['run', [], 400],
    ['open', { more: 1 }, 400],
    ['run', { session, n: 1 }, 400],
    ['run', { session, n: -1, line: 'x' }, 400],
    ['run', { session, n: 1.5, line: 'x' }, 400],
    ['run', { session, n: 1, line: ['x'] }, 400],
    ['run', { session, n: 1, line: 'x\0y' }, 400],
    ['run', { session, n: 1, line: 'x'.repeat(8193) }, 400],
    ['run', { session: '../..', n: 1, line: 'x' }, 400],
    ['run', { session, n: 1, line: 'x', shell: true }, 400],
    ['run', `{"session":"${session}","n":1,"line":"x","__proto__":{"a":1}}`, 400],
    ['input', { session, text: 'x' }, 400],
    ['run', { session, n: 1, line: 'x' }, 410],
    ['input', { session, text: 'x', end: false }, 410],
    ['interrupt', { session }, 410],
  ];
  for (const [name, body, status] of bad) {
    assert.is((await post(server, name, body)).status, status, `${name} ${JSON.stringify(body)}`);
  }
  assert.is((await post(server, 'open', '{}', { 'Content-Type': 'text/plain' })).status, 415);
  const get = await ask(server, { path: '/reality/open', headers: ours(server) });
  assert.equal([get.status, get.message.headers.allow], [405, 'POST']);
  assert.is(server.sessions(), 0);
});

test('a body that is too big is not read to its end', async ({ server }) => {
  const body = JSON.stringify({ session: 'x'.repeat(24), n: 1, line: 'x'.repeat(70_000) });
  assert.is((await post(server, 'run', body)).status, 413);
  assert.is((await post(server, 'run', body, { 'Transfer-Encoding': 'chunked' })).status, 413);
});

test('a line is answered by steps, output, outcome and what is there then', async ({ server }) => {
  const page = await PageSession.open(server);
  assert.is(page.stream.headers['content-type'], 'application/x-ndjson');
  const { session, observation } = await page.until('ready');
  assert.is(observation.containers.length, 0);
  const line = 'docker run --name web busybox touch /x';
  assert.is((await post(server, 'run', { session, n: 7, line })).status, 202);
  const step = await page.until('step');
  assert.is(step.n, 7);
  const done = await page.until('done');
  assert.equal([done.n, done.outcome.exitCode, done.observation.containers[0]?.name], [7, 0, 'web']);
  assert.equal(done.observation.containers[0]?.changes, [{ kind: 'A', path: '/x' }]);
  page.stream.destroy();
});

test('a line that waits is given input, and one that runs is interrupted', async (place) => {
  // Asked before each step, the simulation gives up a line that waits.
  const target = createSimTarget({ interactive: true });
  target.run = async (line) => target.runSync(line);
  const server = await start(place, { openTarget: async () => target });
  const page = await PageSession.open(server);
  const { session } = await page.until('ready');
  await post(server, 'run', { session, n: 1, line: 'docker run -i busybox cat' });
  assert.is((await page.until('done')).outcome.suspended, 'input');
  await post(server, 'input', { session, text: 'hello\n', end: true });
  const done = await page.until('done');
  assert.equal([done.outcome.suspended, done.outcome.stdout], [undefined, 'hello\n']);
  await post(server, 'run', { session, n: 2, line: 'docker run -i busybox sh' });
  await page.until('done');
  await post(server, 'interrupt', { session });
  assert.is((await page.until('done')).n, 2);
  await post(server, 'run', { session, n: 3, line: 'true' });
  assert.is((await page.until('done')).outcome.suspended, undefined);
  assert.is((await post(server, 'input', { session, text: 'x', end: false })).status, 409, 'nothing waits');
  assert.is((await post(server, 'interrupt', { session })).status, 202, 'Ctrl-C at the prompt does nothing');
  await server.close();
});

test('each page has a world of its own, and nobody gets into another by a guess', async ({ server }) => {
  const [one, other] = [await PageSession.open(server), await PageSession.open(server)];
  const [first, second] = [(await one.until('ready')).session, (await other.until('ready')).session];
  assert.is.not(first, second);
  await post(server, 'run', { session: first, n: 1, line: 'docker create --name mine busybox' });
  await one.until('done');
  await post(server, 'run', { session: second, n: 1, line: 'docker ps -aq' });
  assert.is((await other.until('done')).outcome.stdout, '');
  for (const page of [one, other]) page.stream.destroy();
});

test('a bounded number of worlds; a page that goes makes room', async (place) => {
  const server = await start(place, { limits: { sessions: 2 } });
  const pages = [await PageSession.open(server), await PageSession.open(server)];
  for (const page of pages) await page.until('ready');
  assert.is((await post(server, 'open', {})).status, 429);
  pages[0]!.stream.destroy();
  await eventually(() => server.sessions() === 1);
  assert.is(place.closed, 1, 'the world of the page that went is closed');
  const third = await PageSession.open(server);
  await third.until('ready');
  await server.close();
  assert.is(place.closed, 3);
});

test('a world that opens after its page has gone is closed', async (place) => {
  let open: (target: Target) => void = () => undefined;
  let closed = false;
  const opening = new Promise<Target>((resolve) => {
    open = resolve;
  });
  const server = await start(place, { openTarget: () => opening });
  const page = await PageSession.open(server);
  const gone = new Promise((resolve) => page.stream.once('close', resolve));
  page.stream.destroy();
  await gone;
  assert.is((await ask(server, {})).status, 200);
  assert.is(server.sessions(), 1);
  const target = createSimTarget();
  target.close = async () => {
    closed = true;
  };
  open(target);
  await eventually(() => server.sessions() === 0);
  assert.ok(closed);
  await server.close();
});

test('a session in which nothing happens is closed, and says why', async (place) => {
  const server = await start(place, { limits: { idleMs: 30 } });
  const page = await PageSession.open(server);
  const { session } = await page.until('ready');
  assert.match((await page.until('closed')).why, /long time/);
  await eventually(() => server.sessions() === 0);
  assert.is((await post(server, 'run', { session, n: 1, line: 'x' })).status, 410);
  await server.close();
});

test('output beyond the bound is cut and the line interrupted', async (place) => {
  let interrupted = 0;
  const target = createSimTarget();
  target.run = async (_line, options) => {
    for (let i = 0; i < 10; i++) options?.onOutput?.('stdout', 'x'.repeat(40));
    return { exitCode: 0, stdout: 'x'.repeat(400), stderr: '', steps: [] };
  };
  target.interrupt = () => {
    interrupted++;
    return undefined;
  };
  const server = await start(place, { openTarget: async () => target, limits: { output: 100 } });
  const page = await PageSession.open(server);
  const { session } = await page.until('ready');
  await post(server, 'run', { session, n: 1, line: 'yes' });
  const pieces = [await page.until('output'), await page.until('output'), await page.until('output')];
  assert.is(pieces.map(({ text }) => text).join(''), 'x'.repeat(100));
  assert.is((await page.until('done')).outcome.stdout.length, 100);
  assert.is(interrupted, 1);
  await server.close();
});

test('a target that fails ends the session without telling the page how', async (place) => {
  const server = await start(place, {
    openTarget: async () => {
      throw new Error('secret place');
    },
  });
  const warned = new Promise<Error>((resolve) => process.once('warning', resolve));
  const { why } = await (await PageSession.open(server)).until('closed');
  assert.not.match(why, /secret/);
  assert.match((await warned).message, /secret place/);
  await server.close();
});

test('one line at a time', async (place) => {
  const target = createSimTarget();
  let finish: () => void = () => undefined;
  target.run = () =>
    new Promise((resolve) => {
      finish = () => resolve({ exitCode: 0, stdout: '', stderr: '', steps: [] });
    });
  const server = await start(place, { openTarget: async () => target });
  const page = await PageSession.open(server);
  const { session } = await page.until('ready');
  assert.is((await post(server, 'run', { session, n: 1, line: 'a' })).status, 202);
  assert.is((await post(server, 'run', { session, n: 2, line: 'b' })).status, 409);
  finish();
  assert.is((await page.until('done')).n, 1);
  await server.close();
});

test('close ends every session with a word, and every connection', async (place) => {
  const server = await start(place);
  const page = await PageSession.open(server);
  await page.until('ready');
  const idle = connect(server.port, '127.0.0.1');
  const dropped = new Promise((resolve) => idle.on('error', () => undefined).on('close', resolve));
  await new Promise((resolve) => idle.once('connect', resolve));
  await server.close();
  assert.match((await page.until('closed')).why, /ends/);
  await dropped;
  assert.is(place.closed, 1);
});

test.run();
