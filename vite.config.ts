/**
 * Builds the site: site/ → dist/site, with relative addresses, so that it works from any folder of any server.
 */
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';
import { lessons } from './site/build/lessons.ts';
import { fromFile, offline } from './site/build/offline.ts';

const path = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

/** Modules of the core do nothing when they are loaded: what is not used of them is left out. */
const treeshake = { moduleSideEffects: (id: string): boolean => !id.includes('/core/') };

export default defineConfig({
  root: path('./site'),
  base: './',
  publicDir: false,
  plugins: [
    lessons(path('./lessons')),
    offline(),
    fromFile({ root: path('./site'), plugins: [lessons(path('./lessons'))] }),
  ],
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    outDir: '../dist/site',
    emptyOutDir: true,
    target: 'es2023',
    modulePreload: { polyfill: false },
    rolldownOptions: { treeshake },
  },
  worker: { format: 'es', rolldownOptions: { treeshake } },
});
