/**
 * Builds the site: site/ → dist/site, with relative addresses, so that it works from any folder of any server.
 */
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';
import { completion } from './site/build/completion.ts';
import { engine } from './site/build/engine.ts';
import { twoFflates } from './site/build/fflate.ts';
import { lessons } from './site/build/lessons.ts';
import { fromFile, offline } from './site/build/offline.ts';
import { shortXterm } from './site/build/xterm.ts';

const path = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

/**
 * Modules of the core do nothing when they are loaded: what is not used of them is left out. So is core/parts-all.ts, which
 * has every part of it loaded at once: here they are chunks of their own, loaded by core/parts.ts when a line needs them.
 */
const treeshake = { moduleSideEffects: (id: string): boolean => !id.includes('/core/') };

export default defineConfig({
  root: path('./site'),
  base: './',
  publicDir: false,
  plugins: [
    lessons(path('./lessons')),
    completion(),
    shortXterm(),
    twoFflates(),
    engine(path('./site/engine/worker.ts')),
    offline(),
    fromFile({ root: path('./site'), plugins: [lessons(path('./lessons')), completion(), shortXterm()] }),
  ],
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    outDir: '../dist/site',
    emptyOutDir: true,
    target: 'es2023',
    // The worker has no document in which a chunk's own imports could be preloaded; style sheets are loaded all the same.
    modulePreload: {
      polyfill: false,
      resolveDependencies: (_, deps, { hostType }) =>
        hostType === 'html' ? deps : deps.filter((name) => name.endsWith('.css')),
    },
    rolldownOptions: { treeshake },
  },
});
