/**
 * xterm.js with short names for its private properties: its own build keeps them as they are in the source, which is a twentieth
 * of what a reader's browser has to be sent.
 *
 * Kept true: only names that begin with one underscore are shortened, none that the package also has as a string, and none that
 * its fit addon reaches for from outside.
 */
import { transform } from 'esbuild';
import type { Plugin } from 'vite';

/** What @xterm/addon-fit reads of a terminal. */
const reached = ['_core', '_renderService'];

export function shortXterm(): Plugin {
  return {
    name: 'cutaway-xterm',
    apply: 'build',
    async transform(code, id) {
      if (!/@xterm\/xterm\/lib\/xterm\.mjs$/.test(id)) return undefined;
      const quoted = [...code.matchAll(/["'`](_[A-Za-z]\w*)["'`]/g)].map(([, name]) => name);
      const kept = new RegExp(`^(?:${[...reached, ...quoted].join('|')})$`);
      const short = await transform(code, {
        format: 'esm',
        target: 'es2023',
        mangleProps: /^_[A-Za-z]/,
        reserveProps: kept,
        sourcemap: true,
      });
      return { code: short.code, map: short.map };
    },
  };
}
