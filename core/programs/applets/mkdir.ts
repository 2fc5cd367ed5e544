/** mkdir [-m MODE] [-p] DIRECTORY... */
import type { Call } from '../../kernel/sys.ts';
import { type Applet, attempt, type Ctx, Die, Usage } from '../lib/applet.ts';
import type { Options } from '../lib/getopt.ts';
import { parseMode } from '../lib/mode.ts';

export const mkdir: Applet = {
  usage: '[-m MODE] [-p] DIRECTORY...',
  *main(ctx) {
    const options = ctx.options('m:pv', { mode: 'm', parents: 'p', verbose: 'v' });
    if (options.rest.length === 0) throw new Usage();
    const text = options.get('m');
    const mode = text === undefined ? undefined : parseMode(text, 0o777, true, 0);
    if (text !== undefined && mode === undefined) throw new Die(`invalid mode '${text}'`);
    for (const path of options.rest) yield* make(ctx, path, options, mode);
    return ctx.status;
  },
};

function* make(ctx: Ctx, path: string, options: Options, mode: number | undefined): Call<void> {
  // busybox takes it for made.
  if (path === '.') return;
  const { sys } = ctx;
  const parents = options.has('p');
  const trimmed = path.replace(/(?!^)\/+$/, '');
  try {
    if (parents) {
      for (let at = trimmed.indexOf('/', 1); at > 0; at = trimmed.indexOf('/', at + 1)) {
        const parent = trimmed.slice(0, at);
        const there = attempt(() => sys.stat(parent))?.type;
        if (there === undefined) sys.mkdir(parent, 0o777);
        else if (there !== 'dir') {
          yield* ctx.warn(`can't create directory '${parent}/': Not a directory`);
          return;
        }
      }
      if (attempt(() => sys.stat(trimmed))?.type === 'dir') return;
    }
    sys.mkdir(path, 0o777);
    if (mode !== undefined) sys.chmod(path, mode);
    if (options.has('v')) ctx.out.put(`created directory: '${path}'\n`);
  } catch (error) {
    yield* ctx.refused(`can't create directory '${path}'`, error);
  }
}
