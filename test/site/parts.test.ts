/**
 * The engine as the page has it, with no part loaded, against the engine in Node, where all are: for every applet and every verb
 * the same output, exit status, steps and picture. Each line finds an engine to which nothing was loaded before.
 */
import { fileURLToPath } from 'node:url';
import { Script } from 'node:vm';
import { build } from 'esbuild';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { applets, completionTable, type createSimTarget } from '../../core/index.ts';
import { Engine } from '../../site/engine/engine.ts';

interface Made {
  readonly Engine: typeof Engine;
  readonly createSimTarget: typeof createSimTarget;
}

const root = fileURLToPath(new URL('../..', import.meta.url));

/** The engine and all its parts as one script, in which a part is loaded when it is asked for. */
async function bundled(): Promise<Script> {
  const result = await build({
    stdin: {
      contents: "export { Engine } from './site/engine/engine.ts'; export { createSimTarget } from './core/index.ts';",
      resolveDir: root,
    },
    bundle: true,
    write: false,
    format: 'iife',
    globalName: 'made',
    footer: { js: 'made;' },
    logLevel: 'error',
    plugins: [
      {
        name: 'parts are not loaded at once',
        setup: ({ onLoad }) => onLoad({ filter: /core\/parts-all\.ts$/ }, () => ({ contents: '' })),
      },
      {
        // As in vite.config.ts: the core's door is entered without loading what is not asked for.
        name: 'modules of the core do nothing when they are loaded',
        setup: ({ onResolve, resolve }) =>
          onResolve({ filter: /^\./ }, async ({ pluginData, path, ...how }) => {
            if (pluginData === 'asked') return undefined;
            const found = await resolve(path, { ...how, pluginData: 'asked' });
            return { ...found, sideEffects: !found.path.includes('/core/') };
          }),
      },
    ],
  });
  return new Script(result.outputFiles[0]!.text);
}

let script: Script;
const load = (): Made => script.runInThisContext() as Made;
const fresh = (): Engine => new (load().Engine)();

const before = ['docker run -d --name web busybox sleep 1000', 'docker run --name over busybox touch /f'];

async function answers(engine: Engine, lines: readonly string[]): Promise<readonly unknown[]> {
  const found: unknown[] = [];
  for (const [id, line] of lines.entries()) found.push(await engine.answer({ id, kind: 'run', line }));
  return found;
}

async function same(lines: readonly string[]): Promise<void> {
  const asInPage = await answers(fresh(), lines);
  const all = await answers(new Engine(), lines);
  for (const [i, line] of lines.entries()) {
    assert.is((all[i] as { kind: string }).kind, 'answer', line);
    assert.equal(JSON.stringify(asInPage[i]), JSON.stringify(all[i]), line);
  }
}

const parts = suite('parts');

parts.before(async () => {
  script = await bundled();
});

parts('every applet, started in a container and on the host', async () => {
  for (const name of Object.keys(applets)) {
    const word = /^\[/.test(name) ? `'${name}'` : name;
    await same([`docker run busybox ${word} /etc/passwd`, `${word} /etc/hostname`]);
  }
});

parts('every verb of docker, its help too', async () => {
  const { commands } = completionTable();
  assert.ok(commands.length > 40);
  for (const { name } of commands) {
    await same([...before, `docker ${name} web`, `docker ${name} over again`, `docker ${name} --help`]);
  }
});

parts('lists of all commands, unknown ones, groups, mistakes', async () => {
  for (const line of [
    'docker',
    'docker --help',
    'docker image',
    'docker run',
    'docker nonsense',
    'docker container ls -q',
  ])
    await same([line]);
});

parts('what a process needs while another line runs, or none', async () => {
  await same([
    "docker run -d --name later busybox sh -c 'sleep 0.02; date; seq 3 | tac; exec top'",
    'docker unpause nobody',
    'docker unpause nobody',
    'docker logs later',
    'docker top later',
  ]);
  await same(['docker run -d --name shell busybox sh', 'docker save busybox -o b.tar; docker load -i b.tar', 'ls -l']);
  await same(['mkdir a b m', 'mount -t aufs -o br=a=rw:b=ro none m', 'cutaway explain web']);
});

parts.run();
