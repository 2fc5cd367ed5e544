/**
 * Builds the terminal program: dist/cutaway.mjs and, beside it, the parts that are loaded only when they are needed
 * (Markdown, the real targets, each subcommand), so that it starts fast.
 */
import { chmod, rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
// The site, built on its own, stays.
for (const part of ['cutaway.mjs', 'bench.mjs', 'parts'])
  await rm(`${root}/dist/${part}`, { recursive: true, force: true });
await build({
  absWorkingDir: root,
  // The bench shares the program's parts, so that what it measures is what runs.
  entryPoints: {
    cutaway: 'backend/main.ts',
    ...(process.argv.includes('--bench') ? { bench: 'test/bench/main.ts' } : {}),
  },
  outdir: 'dist',
  outExtension: { '.js': '.mjs' },
  chunkNames: 'parts/[name]-[hash]',
  bundle: true,
  splitting: true,
  platform: 'node',
  format: 'esm',
  target: 'node20',
  minifySyntax: true,
  minifyWhitespace: true,
  legalComments: 'none',
  banner: {
    // Some dependencies are CommonJS and ask for Node's own modules by require().
    js: "import { createRequire as $createRequire } from 'node:module'; const require = $createRequire(import.meta.url);",
  },
  logLevel: 'warning',
});
await chmod(`${root}/dist/cutaway.mjs`, 0o755);
