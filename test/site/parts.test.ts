/**
 * The engine as the page has it, with no part loaded, against the engine in Node, where all are: for every applet and every verb
 * the same output, exit status, steps and picture, and the same completions. Each line finds an engine to which nothing was
 * loaded before; that this is so is tested as well: every part is missed by some line, until it is loaded.
 */
import { fileURLToPath } from 'node:url';
import { Script } from 'node:vm';
import { build } from 'esbuild';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import * as core from '../../core/index.ts';
import { Engine } from '../../site/engine/engine.ts';

const { applets, complete, completionTable } = core;

type Made = Pick<
  typeof core,
  'complete' | 'completionTable' | 'createSimTarget' | 'loadPart' | 'PartNeeded' | 'partNames'
> & { readonly Engine: typeof Engine };

const root = fileURLToPath(new URL('../..', import.meta.url));

/** The engine and all its parts as one script, in which a part is loaded when it is asked for. */
async function bundled(): Promise<Script> {
  const result = await build({
    stdin: {
      contents: `export { Engine } from './site/engine/engine.ts';
        export { complete, completionTable, createSimTarget, loadPart, PartNeeded, partNames } from './core/index.ts';`,
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

/** The parts that something asks for, one after the other, until it can be done. */
async function missed({ loadPart, PartNeeded }: Made, work: () => unknown): Promise<readonly string[]> {
  const asked: string[] = [];
  for (;;) {
    try {
      work();
      return asked;
    } catch (error) {
      if (!(error instanceof PartNeeded)) throw error;
      assert.not.ok(asked.includes(error.part), `${error.part} was loaded, and is missed again`);
      asked.push(error.part);
      await loadPart(error.part);
    }
  }
}

parts('no part is there from the start, and each is missed by a line that needs it, once', async () => {
  const found = new Set<string>();
  for (const line of [
    'docker run busybox true',
    'ls | sort',
    'docker inspect nothing',
    'docker ps',
    'docker run --cpus 0.5 --device /dev/full:/dev/x busybox true',
    'docker save -o b.tar busybox; docker load -i b.tar',
    'cutaway explain /etc/passwd',
    'mkdir a b m; mount -t aufs -o br=a=rw:b=ro none m',
    'unshare --user --map-root-user id',
    'docker volume ls',
    'docker network ls',
    ...Object.keys(applets).map((name) => (/^\[/.test(name) ? `'${name}'` : name)),
  ]) {
    const made = load();
    const asked = await missed(made, () => made.createSimTarget().runSync(line));
    assert.ok(asked.length > 0, `“${line}” needs no part: they are there before they are loaded`);
    for (const part of asked) found.add(part);
  }
  assert.equal([...found].sort(), [...load().partNames].sort(), 'every part is missed by one of these lines');
});

parts('completion: the table is the same once the parts are there, and so is what it offers', async () => {
  const made = load();
  const asked = await missed(made, () => made.completionTable());
  assert.ok(asked.length > 0, 'the commands are in parts');
  const table = made.completionTable();
  const here = completionTable();
  assert.equal(table, here);
  // A page has the table as text, made when the site was built.
  const sent = JSON.parse(JSON.stringify(table)) as typeof table;
  const names = { containers: ['cradle', 'web'], images: ['busybox', 'happy'] };
  const lines = table.commands.flatMap(({ name }) => [
    `docker ${name}`,
    `docker ${name.slice(0, -1)}`,
    `docker ${name} `,
    `docker ${name} -`,
    `docker ${name} --n`,
    `docker ${name} c`,
    `docker ${name} b`,
  ]);
  for (const line of [...lines, '', 'd', 'l', 'docker', 'ls | s', 'docker ps; docker st'])
    assert.equal(made.complete(sent, names, line), complete(here, names, line), line);
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
