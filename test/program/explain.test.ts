/** `cutaway explain` as a subcommand and at the prompt, on the simulation itself. */
import { createInterface } from 'node:readline/promises';
import { Readable } from 'node:stream';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Env } from '../../backend/program/env.ts';
import { runProgram } from '../../backend/program/program.ts';
import { openTarget } from '../../backend/targets.ts';
import { gated, needs } from '../support/needs.ts';

const commands = `docker run --name web busybox rm /bin/ls
docker commit web app
docker run -d --name two app sleep 9
`;

interface Said {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

async function cutaway(argv: readonly string[], typed = ''): Promise<Said> {
  const [out, err]: [string[], string[]] = [[], []];
  const env: Env = {
    out: (text) => void out.push(text),
    err: (text) => void err.push(text),
    readText: async () => commands,
    openTarget,
    lines: () => createInterface({ input: Readable.from([typed]) }),
    interactive: false,
    columns: 100,
    colour: false,
    ascii: false,
    vars: {},
  };
  return { code: await runProgram(argv, env), out: out.join(''), err: err.join('') };
}

test('in the world that a file leaves, at any moment of it', async () => {
  const last = await cutaway(['explain', 'two:/bin/ls', 'file']);
  assert.is(last.code, 0, last.err);
  assert.match(last.out, /Layer 2 holds a whiteout/);
  const first = await cutaway(['explain', 'web:/bin/ls', 'file', '--at', '1']);
  assert.match(first.out, /The read-write layer holds a whiteout/);
  const early = await cutaway(['explain', 'two', 'file', '--at', '1']);
  assert.is(early.code, 2);
  assert.match(early.err, /nothing here is called "two"[\s\S]*such as busybox:latest, web/);
});

test('without a file: a fresh host', async () => {
  const { code, out } = await cutaway(['explain', 'busybox']);
  assert.is(code, 0);
  assert.match(out, /which is the name/);
});

test('--json: an object a line', async () => {
  const { out } = await cutaway(['explain', '--json', 'Exited (137)']);
  const answer = JSON.parse(out) as { subject: string; parts: unknown[] };
  assert.is(answer.subject, 'Exited (137)');
  assert.ok(answer.parts.length > 1);
});

test('wrong calls', async () => {
  assert.match(
    (await cutaway(['explain', 'x', 'file', '--at', '9'])).err,
    /--at 9: not a command of this file[\s\S]*it has 3/,
  );
  assert.is((await cutaway(['explain'])).code, 2);
  assert.is((await cutaway(['explain', 'busybox', '--on', 'docker'])).code, 2);
});

test('at the prompt, in both spellings, without steps and picture after it', async () => {
  const { out } = await cutaway([], ':explain <none>\ncutaway explain SIZE\n');
  assert.match(out, /an image without a name/);
  assert.match(out, /bytes of files, layer by layer/);
  assert.not.match(out, /┌|╔/);
});

const linux = gated(test, await needs('root', 'busybox', 'overlay', 'namespaces', 'cgroup', 'tini'));

linux('on a real kernel: hashes are computed from what lies there', async () => {
  const { code, out, err } = await cutaway(['explain', '--on', 'linux', 'app', 'file']);
  assert.is(code, 0, err);
  assert.match(out, /which is the name/);
  assert.match((await cutaway(['explain', '--on', 'linux', 'two:/bin/ls', 'file'])).out, /Layer 2 holds a whiteout/);
});

test.run();
