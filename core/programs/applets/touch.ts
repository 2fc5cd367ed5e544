/** touch [-ch] [-d DATE] [-r FILE] FILE... */
import { type Applet, attempt, Die, Usage } from '../lib/applet.ts';
import { parseDate } from '../lib/datestr.ts';

export const touch: Applet = {
  usage: '[-cham] [-d DATE] [-t DATE] [-r FILE] FILE...',
  *main(ctx) {
    const options = ctx.options('chamd:t:r:', { 'no-create': 'c', date: 'd', reference: 'r' });
    const { sys } = ctx;
    if (options.rest.length === 0) throw new Usage();
    const date = options.get('d') ?? options.get('t');
    const reference = options.get('r');
    let mtime = sys.now();
    if (reference !== undefined) mtime = sys.stat(reference).mtime;
    else if (date !== undefined) {
      const parsed = parseDate(date, sys.now());
      if (parsed === undefined) throw new Die(`invalid date '${date}'`);
      mtime = parsed;
    }
    for (const path of options.rest) {
      try {
        const there = attempt(() => (options.has('h') ? sys.lstat(path) : sys.stat(path)));
        if (there === undefined) {
          if (options.has('c')) continue;
          sys.close(sys.open(path, { write: true, create: true }, 0o666));
        }
        // Times of access are not kept.
        if (options.has('a') && !options.has('m')) continue;
        if (reference !== undefined || date !== undefined) sys.setattr(path, { mtime }, !options.has('h'));
        else if (there !== undefined) sys.touch(path, !options.has('h'));
      } catch (error) {
        yield* ctx.refused(path, error);
      }
    }
    return ctx.status;
  },
};
