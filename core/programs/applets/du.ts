/** du: what files take up on disk, or with -b what they hold. */
import type { Sys } from '../../kernel/sys.ts';
import type { Stat } from '../../vfs/fs.ts';
import { type Applet, type Ctx, Die } from '../lib/applet.ts';
import type { Options } from '../lib/getopt.ts';
import { humanSize } from '../lib/size.ts';
import { blocksOf } from './ls.ts';

class DiskUsage {
  private readonly seen = new Set<string>();
  /** Down to which depth is told. */
  private readonly limit: number;

  constructor(
    private readonly ctx: Ctx,
    private readonly options: Options,
  ) {
    const text = options.get('d') ?? '0';
    if (!/^\d+$/.test(text)) throw new Die(`invalid number '${text}'`);
    this.limit = options.has('s') ? 0 : options.has('d') ? Number(text) : Number.POSITIVE_INFINITY;
  }

  /** Bytes of a path and of all below it. */
  walk(path: string, depth: number, device?: string): number {
    const { sys } = this.ctx;
    const { options } = this;
    const follow = options.has('L') || (options.has('H') && depth === 0);
    const stat = follow ? sys.stat(path) : sys.lstat(path);
    const own = deviceOf(sys, path, follow);
    if (options.has('x') && device !== undefined && own !== device) return 0;
    if (!options.has('l') && (stat.type !== 'dir' || follow) && this.again(`${own} ${stat.ino}`, stat)) return 0;
    let total = options.has('b') ? stat.size : blocksOf(stat) * 1024;
    if (stat.type === 'dir')
      for (const { name } of sys.readdir(path))
        total += this.walk(`${path.replace(/\/+$/, '')}/${name}`, depth + 1, own);
    if (depth === 0 || ((stat.type === 'dir' || options.has('a')) && depth <= this.limit))
      this.ctx.out.put(`${this.shown(total)}\t${path}\n`);
    return total;
  }

  private again(node: string, stat: Stat): boolean {
    if (this.seen.has(node)) return true;
    if (stat.nlink > 1) this.seen.add(node);
    return false;
  }

  shown(bytes: number): string {
    if (this.options.has('h')) return humanSize(bytes);
    if (this.options.has('m')) return String(Math.ceil(bytes / 2 ** 20));
    return String(this.options.has('b') ? bytes : bytes / 1024);
  }
}

const deviceOf = (sys: Sys, path: string, follow: boolean): string => sys.device(path, follow).join(':');

export const du: Applet = {
  usage: '[-aHLdclsxhmk] [FILE]...',
  *main(ctx) {
    const options = ctx.options('aHLd:clsxhmkb');
    const usage = new DiskUsage(ctx, options);
    let sum = 0;
    for (const path of options.rest.length === 0 ? ['.'] : options.rest) {
      try {
        sum += usage.walk(path, 0);
      } catch (error) {
        yield* ctx.refused(path, error);
      }
    }
    if (options.has('c')) ctx.out.put(`${usage.shown(sum)}\ttotal\n`);
    return ctx.status;
  },
};
