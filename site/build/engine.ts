/**
 * The engine's worker as one more entry of the page's own build, `virtual:engine` its address: what both need is one chunk
 * that is sent once. (As Vite builds a worker by itself, it would be a second program with everything in it again.)
 */
import type { Plugin } from 'vite';

const NAME = 'virtual:engine';

export function engine(worker: string): Plugin {
  let serving = false;
  return {
    name: 'cutaway-engine',
    configResolved: ({ command }) => {
      serving = command === 'serve';
    },
    resolveId: (id) => (id === NAME ? `\0${id}` : undefined),
    load(id) {
      if (id !== `\0${NAME}`) return undefined;
      if (serving) return `export { default } from ${JSON.stringify(`${worker}?worker&url`)};`;
      const reference = this.emitFile({ type: 'chunk', id: worker, name: 'engine' });
      return `export default import.meta.ROLLUP_FILE_URL_${reference};`;
    },
  };
}

/** Stands in for it in the page that is opened from a file, where browsers start no worker. */
export function noWorker(): Plugin {
  return {
    name: 'cutaway-no-worker',
    resolveId: (id) => (id === NAME ? `\0${id}` : undefined),
    load: (id) => (id === `\0${NAME}` ? "export default '';" : undefined),
  };
}
