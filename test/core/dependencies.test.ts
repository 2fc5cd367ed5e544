/**
 * The dependency rules of the architecture, read from the imports themselves: core is pure and layered, backend and site
 * enter core by its one door, kernel and engine meet only at Op.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Rank of each part of core: an import may only go to the same or a lower rank. Files directly in core/ not named here are rank 0. */
const ranks: Readonly<Record<string, number>> = {
  machines: 0,
  vfs: 0,
  image: 1,
  snapshot: 1,
  kernel: 1,
  programs: 2,
  engine: 2,
  byhand: 2,
  build: 2,
  cli: 3,
  diagram: 3,
  transcript: 3,
  explain: 4,
  lesson: 4,
  'parts.ts': 4,
  'parts-all.ts': 4,
  'session.ts': 4,
  'simtarget.ts': 4,
  'index.ts': 5,
};

function sources(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts') && !entry.name.endsWith('.d.ts'))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
    .filter((file) => !file.includes('node_modules'));
}

/** Every module that a file names in import, export … from, and import(). */
function imports(file: string): string[] {
  const text = readFileSync(join(root, file), 'utf8');
  const found = text.matchAll(
    /^\s*(?:import|export)\b[^'";]*?from\s*'([^']+)'|^\s*import\s*'([^']+)'|\bimport\(\s*'([^']+)'/gm,
  );
  return [...found].map((match) => match[1] ?? match[2] ?? match[3] ?? '');
}

const inRepo = (file: string, target: string): string => relative(root, resolve(join(root, dirname(file)), target));
const part = (file: string): string => file.split('/')[1] ?? '';

test('core imports nothing of Node, the DOM, or the other parts', () => {
  const allowed = /^(\.|xstate($|\/)|@noble\/hashes\/|fflate$|fzstd$|valibot$|markdown-it$)/;
  const files = sources('core');
  assert.ok(files.length > 10, 'core is there');
  for (const file of files) {
    for (const target of imports(file)) {
      assert.ok(allowed.test(target), `${file} imports ${target}`);
      if (target.startsWith('.'))
        assert.ok(inRepo(file, target).startsWith('core/'), `${file} imports ${target} outside core`);
    }
  }
});

test('core is deterministic: no clock, randomness, console or timers', () => {
  const forbidden =
    /\b(Date\.now|new Date\(\)|Math\.random|console\.|setTimeout|setInterval|queueMicrotask|process\.env|globalThis)\b/;
  for (const file of sources('core')) {
    const code = readFileSync(join(root, file), 'utf8')
      .replace(/\/\*[\s\S]*?\*\//g, '')
      .replace(/^\s*\/\/.*$/gm, '');
    const hit = forbidden.exec(code);
    assert.is(hit?.[0], undefined, `${file} uses ${hit?.[0]}`);
  }
});

test('inside core the arrows go one way, and kernel and engine meet only at Op', () => {
  for (const file of sources('core')) {
    const from = part(file);
    for (const target of imports(file).filter((name) => name.startsWith('.'))) {
      const to = part(inRepo(file, target));
      assert.ok((ranks[to] ?? 0) <= (ranks[from] ?? 0), `${file} (${from}) imports ${to}, which stands above it`);
      const pair = [from, to].sort().join();
      assert.is.not(pair, 'engine,kernel', `${file} ties kernel and engine together`);
    }
  }
});

test('backend and site enter core by its one door; site does not know backend', () => {
  for (const folder of ['backend', 'site']) {
    let files: string[] = [];
    try {
      files = sources(folder);
    } catch {
      continue; // a part that does not exist yet keeps every rule
    }
    for (const file of files) {
      for (const target of imports(file).filter((name) => name.startsWith('.'))) {
        const path = inRepo(file, target);
        if (path.startsWith('core/')) assert.is(path, 'core/index.ts', `${file} imports ${path}`);
        if (folder === 'site') assert.not.ok(path.startsWith('backend/'), `${file} imports ${path}`);
      }
    }
  }
});

test('execa is imported in one place', () => {
  const users = sources('backend').filter((file) => imports(file).includes('execa'));
  assert.equal(users, ['backend/exec.ts']);
});

test.run();
