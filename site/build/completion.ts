/** What the Tab key offers, made when the site is built: `virtual:completion`. So no verb has to be loaded to know its flags. */
import type { Plugin } from 'vite';
import { completionTable } from '../../core/index.ts';

const NAME = 'virtual:completion';

export function completion(): Plugin {
  return {
    name: 'cutaway-completion',
    resolveId: (id) => (id === NAME ? `\0${id}` : undefined),
    load: (id) => (id === `\0${NAME}` ? `export default ${JSON.stringify(completionTable())};` : undefined),
  };
}
