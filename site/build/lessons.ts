/**
 * The lessons as modules, read when the site is built: `virtual:lessons` is their list, with a function each that loads the
 * rest. So a reader's browser needs no Markdown parser, and a lesson with a mistake fails the build.
 */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Plugin } from 'vite';
import { parseLesson } from '../../core/index.ts';

const LIST = 'virtual:lessons';
const ONE = 'virtual:lesson/';

export function lessons(folder: string): Plugin {
  const files = async (): Promise<string[]> =>
    (await readdir(folder)).filter((name) => /^\d\d-.*\.md$/.test(name)).sort();
  const load = async (name: string) => parseLesson(await readFile(join(folder, name), 'utf8'), name);
  return {
    name: 'cutaway-lessons',
    resolveId: (id) => (id === LIST || id.startsWith(ONE) ? `\0${id}` : undefined),
    async load(id) {
      if (id.startsWith(`\0${ONE}`)) {
        const name = id.slice(ONE.length + 1);
        this.addWatchFile(join(folder, name));
        return `export default ${JSON.stringify(await load(name))};`;
      }
      if (id !== `\0${LIST}`) return undefined;
      const rows = (await files()).map(async (name) => {
        const { id, title, minutes, needs } = await load(name);
        const about = JSON.stringify({ id, title, minutes, needs });
        return `{ ...${about}, load: () => import(${JSON.stringify(ONE + name)}).then((module) => module.default) }`;
      });
      return `export default [${(await Promise.all(rows)).join(',\n')}];`;
    },
  };
}
