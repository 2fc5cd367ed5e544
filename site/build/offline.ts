/**
 * Two things for readers without a server: the service worker, written with the list of files that the site was built to,
 * and the page as one classic script for readers who open it from a file (browsers load modules and workers only from servers).
 */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { OutputBundle, OutputChunk } from 'rolldown';
import { build, type Plugin } from 'vite';
import { noWorker } from './engine.ts';

const here = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

export function offline(): Plugin {
  return {
    name: 'cutaway-offline',
    apply: 'build',
    transformIndexHtml: {
      order: 'post',
      // A style sheet that is asked for with CORS is refused when the page comes from a file.
      handler: (html) => html.replace(/(<link rel="stylesheet") crossorigin/g, '$1'),
    },
    generateBundle: {
      order: 'post',
      async handler(_, bundle) {
        const template = await readFile(here('./service-worker.js'), 'utf8');
        const { first, rest } = filesOf(bundle);
        const version = createHash('sha256')
          .update([...first, ...rest].join('\n'))
          .digest('hex')
          .slice(0, 12);
        const source = template
          .replace("'VERSION'", JSON.stringify(version))
          .replace("['FIRST']", JSON.stringify(['./', ...first]))
          .replace("['REST']", JSON.stringify(rest));
        this.emitFile({ type: 'asset', fileName: 'service-worker.js', source });
      },
    },
  };
}

/** Everything that the page may ask for; Mermaid, which is large, apart, and of it only what draws state charts. */
function filesOf(bundle: OutputBundle): { first: string[]; rest: string[] } {
  const first = new Set<string>();
  const rest = new Set<string>();
  const follow = (name: string, into: Set<string>): void => {
    const item = bundle[name];
    if (item === undefined || first.has(name) || rest.has(name)) return;
    into.add(name);
    if (item.type !== 'chunk') return;
    for (const next of item.imports) follow(next, isMermaid(item) ? rest : into);
    for (const next of item.dynamicImports) followLate(next, item, into);
  };
  const followLate = (name: string, from: OutputChunk, into: Set<string>): void => {
    const item = bundle[name];
    if (item?.type !== 'chunk') return;
    if (isMermaid(from)) {
      if (/stateDiagram-v2|dagre/i.test(name)) follow(name, rest);
    } else follow(name, isMermaid(item) ? rest : into);
  };
  for (const item of Object.values(bundle)) {
    if (item.type === 'asset' && !/\.html$|^from-file\.js$/.test(item.fileName)) first.add(item.fileName);
    else if (item.type === 'chunk' && item.isEntry) follow(item.fileName, first);
  }
  return { first: [...first].sort(), rest: [...rest].sort() };
}

const isMermaid = (chunk: OutputChunk): boolean => chunk.moduleIds.some((id) => id.includes('node_modules/mermaid/'));

/** The same page as one script, engine and lessons included, Mermaid left out. */
export function fromFile(config: { readonly root: string; readonly plugins: Plugin[] }): Plugin {
  return {
    name: 'cutaway-from-file',
    apply: 'build',
    async generateBundle() {
      const result = await build({
        ...config,
        plugins: [...config.plugins, noWorker()],
        configFile: false,
        logLevel: 'error',
        publicDir: false,
        resolve: { alias: { mermaid: here('./no-mermaid.ts') } },
        oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
        define: { 'import.meta.url': 'location.href' },
        build: {
          write: false,
          target: 'es2023',
          assetsInlineLimit: 0,
          rolldownOptions: {
            input: `${config.root}/main.tsx`,
            output: { format: 'iife', codeSplitting: false },
          },
        },
      });
      const outputs = [result].flat().flatMap((one) => ('output' in one ? one.output : []));
      const chunk = outputs.find((item): item is OutputChunk => item.type === 'chunk');
      if (chunk === undefined) throw new Error('the page was not built as one script');
      this.emitFile({ type: 'asset', fileName: 'from-file.js', source: chunk.code });
      this.emitFile({ type: 'asset', fileName: 'start.js', source: await readFile(here('./start.js'), 'utf8') });
    },
  };
}
