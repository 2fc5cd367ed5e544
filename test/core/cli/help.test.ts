/**
 * The help of every verb equals, byte for byte, what the real client printed (test/fixtures/docker-help/record.sh).
 */
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import '../../../core/cli/commands/index.ts';
import { docker } from '../../../core/cli/docker.ts';
import type { Cli } from '../../../core/cli/spec.ts';
import type { Engine } from '../../../core/engine/index.ts';

const fixtures = new URL('../../fixtures/docker-help/', import.meta.url);
const recorded = (name: string): string => readFileSync(new URL(`${name}.txt`, fixtures), 'utf8');

/** Runs a command that must not come to the engine. */
function run(...argv: string[]): { code: number; out: string; err: string } {
  const said = { out: '', err: '' };
  const cli: Cli = {
    engine: new Proxy({} as Engine, {
      get: (_, name) => {
        throw new Error(`the engine was asked for ${String(name)}`);
      },
    }),
    stdin: undefined,
    interactive: false,
    env: {},
    cwd: '/',
    foreground: undefined,
    attached: undefined,
    view: undefined,
    window: { rows: 24, columns: 80 },
    out: (text) => {
      said.out += text;
    },
    err: (text) => {
      said.err += text;
    },
  };
  const turn = docker(cli, argv).next(undefined as never);
  assert.is(turn.done, true);
  return { code: turn.value as number, ...said };
}

const names = readdirSync(fixtures)
  .filter((name) => name.endsWith('.txt'))
  .map((name) => name.replace('.txt', ''));

test('fixtures are there', () => assert.ok(names.length > 55));

for (const name of names) {
  test(`help of ${name}`, () => {
    const words = name === 'docker' ? [] : name.split('-');
    assert.equal(run(...words, '--help'), { code: 0, out: recorded(name), err: '' });
  });
}

test('docker alone prints its help on standard error', () =>
  assert.equal(run(), { code: 0, out: '', err: recorded('docker') }));

/** command line, exit code, standard error: as the real client said it. */
const mistakes: [line: string, code: number, err: string][] = [
  ['run --foo busybox', 125, "unknown flag: --foo\nSee 'docker run --help'.\n"],
  ['run -z busybox', 125, "unknown shorthand flag: 'z' in -z\nSee 'docker run --help'.\n"],
  ['run -dz busybox', 125, "unknown shorthand flag: 'z' in -z\nSee 'docker run --help'.\n"],
  ['stop --name', 125, "unknown flag: --name\nSee 'docker stop --help'.\n"],
  ['run --name', 125, "flag needs an argument: --name\nSee 'docker run --help'.\n"],
  ['run -w', 125, "flag needs an argument: 'w' in -w\nSee 'docker run --help'.\n"],
  ['kill -s', 125, "flag needs an argument: 's' in -s\nSee 'docker kill --help'.\n"],
  [
    'stop -t x a',
    125,
    `invalid argument "x" for "-t, --time" flag: strconv.ParseInt: parsing "x": invalid syntax\nSee 'docker stop --help'.\n`,
  ],
  [
    'stop -tz',
    125,
    `invalid argument "z" for "-t, --time" flag: strconv.ParseInt: parsing "z": invalid syntax\nSee 'docker stop --help'.\n`,
  ],
  [
    'run -d=maybe busybox',
    125,
    `invalid argument "maybe" for "-d, --detach" flag: strconv.ParseBool: parsing "maybe": invalid syntax\nSee 'docker run --help'.\n`,
  ],
  [
    'run --memory=abc busybox true',
    125,
    `invalid argument "abc" for "-m, --memory" flag: invalid size: 'abc'\nSee 'docker run --help'.\n`,
  ],
  [
    'run --cpus x busybox',
    125,
    `invalid argument "x" for "--cpus" flag: failed to parse x as a rational number\nSee 'docker run --help'.\n`,
  ],
  [
    'run --rm -e =x busybox',
    125,
    `invalid argument "=x" for "-e, --env" flag: invalid environment variable: =x\nSee 'docker run --help'.\n`,
  ],
  [
    'run --rm -a foo busybox',
    125,
    `invalid argument "foo" for "-a, --attach" flag: valid streams are STDIN, STDOUT and STDERR\nSee 'docker run --help'.\n`,
  ],
  [
    'ps -f foo',
    125,
    `invalid argument "foo" for "-f, --filter" flag: bad format of filter (expected name=value)\nSee 'docker ps --help'.\n`,
  ],
  ['container ls --foo', 125, "unknown flag: --foo\nSee 'docker container ls --help'.\n"],
  ['foo', 1, "docker: 'foo' is not a docker command.\nSee 'docker --help'\n"],
  ['help foo', 1, 'unknown help topic: foo\n'],
  [
    'stop',
    1,
    '"docker stop" requires at least 1 argument.\nSee \'docker stop --help\'.\n\nUsage:  docker stop [OPTIONS] CONTAINER [CONTAINER...]\n\nStop one or more running containers\n',
  ],
  [
    'container stop',
    1,
    '"docker container stop" requires at least 1 argument.\nSee \'docker container stop --help\'.\n\nUsage:  docker container stop [OPTIONS] CONTAINER [CONTAINER...]\n\nStop one or more running containers\n',
  ],
  [
    'rename a',
    1,
    '"docker rename" requires exactly 2 arguments.\nSee \'docker rename --help\'.\n\nUsage:  docker rename CONTAINER NEW_NAME\n\nRename a container\n',
  ],
  [
    'ps extra',
    1,
    '"docker ps" accepts no arguments.\nSee \'docker ps --help\'.\n\nUsage:  docker ps [OPTIONS]\n\nList containers\n',
  ],
  [
    'images a b',
    1,
    '"docker images" requires at most 1 argument.\nSee \'docker images --help\'.\n\nUsage:  docker images [OPTIONS] [REPOSITORY[:TAG]]\n\nList images\n',
  ],
  [
    'exec a',
    1,
    '"docker exec" requires at least 2 arguments.\nSee \'docker exec --help\'.\n\nUsage:  docker exec [OPTIONS] CONTAINER COMMAND [ARG...]\n\nRun a command in a running container\n',
  ],
  [
    'commit',
    1,
    "\"docker commit\" requires at least 1 and at most 2 arguments.\nSee 'docker commit --help'.\n\nUsage:  docker commit [OPTIONS] CONTAINER [REPOSITORY[:TAG]]\n\nCreate a new image from a container's changes\n",
  ],
  [
    'cp a',
    1,
    '"docker cp" requires exactly 2 arguments.\nSee \'docker cp --help\'.\n\nUsage:  docker cp [OPTIONS] CONTAINER:SRC_PATH DEST_PATH|-\n\tdocker cp [OPTIONS] SRC_PATH|- CONTAINER:DEST_PATH\n\nCopy files/folders between a container and the local filesystem\n',
  ],
  ['cp a b', 1, 'must specify at least one container source\n'],
  ['cp a:b c:d', 1, 'copying between containers is not supported\n'],
  ['update a', 1, 'you must provide one or more flags when using this command\n'],
  ['start -a a b', 1, 'you cannot start and attach multiple containers at once\n'],
  ['inspect --type foo x', 1, '"foo" is not a valid value for --type\n'],
  [
    'run --rm --restart always busybox',
    125,
    "docker: Conflicting options: --restart and --rm.\nSee 'docker run --help'.\n",
  ],
  [
    'run --restart on-failure:x busybox',
    125,
    "docker: maximum retry count must be an integer.\nSee 'docker run --help'.\n",
  ],
  ['run BAD', 125, "docker: invalid reference format: repository name must be lowercase.\nSee 'docker run --help'.\n"],
  ['create BAD', 1, 'invalid reference format: repository name must be lowercase\n'],
  ['run -d -a stdout busybox', 1, 'Conflicting options: -a and -d\n'],
  ['run -it busybox', 1, 'the input device is not a TTY\n'],
  ['inspect -f {{foo}} x', 64, 'template parsing error: template: :1: function "foo" not defined\n'],
  // Ours: what is understood and not carried out is said, never ignored.
  ['run --gpus all busybox', 125, 'cutaway: docker run --gpus is not simulated yet\n'],
  ['pull busybox', 125, 'cutaway: docker pull is not simulated yet\n'],
  ['secret ls', 125, 'cutaway: docker secret ls is not simulated yet\n'],
];

for (const [line, code, err] of mistakes) {
  test(`docker ${line}`, () => assert.equal(run(...line.split(' ')), { code, out: '', err }));
}

test('an unknown global flag prints the whole help, without completion', () => {
  const help = recorded('docker').replace(/ {2}completion .*\n/, '');
  assert.equal(run('--foo'), { code: 125, out: '', err: `unknown flag: --foo\nSee 'docker --help'.\n${help}\n` });
});

test('an unknown command of a group prints the group', () =>
  assert.equal(run('container', 'foo'), { code: 1, out: '', err: recorded('container') }));

test('-h is --help where it means nothing else', () => {
  const out = `Flag shorthand -h has been deprecated, please use --help\n${recorded('stop')}`;
  assert.equal(run('stop', '-h'), { code: 0, out, err: '' });
});

test('--version', () =>
  assert.equal(run('--version'), { code: 0, out: 'Docker version 20.10.24+dfsg1, build 297e128\n', err: '' }));

test.run();
