/**
 * A namespace as a file, ioctl_ns(2) "nsfs": what one opens in /proc/<pid>/ns and hands to setns(2), and what keeps a namespace when it
 * is bind-mounted.
 *
 * Kept true: a file system shows one namespace; whoever opens its root gets that namespace.
 */
import { SysError } from '../../errors.ts';
import type { Fs, Stat } from '../../vfs/fs.ts';
import { TreeFs } from '../../vfs/tree.ts';
import { anonymousStat, OpenFile } from '../file.ts';
import type { NewMount } from '../mount.ts';
import { type Namespace, nsLink } from '../namespace.ts';
import type { Call } from '../sys.ts';

export class NsFile extends OpenFile {
  constructor(readonly ns: Namespace) {
    super();
  }

  get label(): string {
    return nsLink(this.ns);
  }

  stat(): Stat {
    return { ...anonymousStat('file', this.ns.ino), mode: 0o444 };
  }

  *read(): Call<Uint8Array> {
    throw new SysError('EINVAL');
  }

  *write(): Call<void> {
    throw new SysError('EINVAL');
  }

  override shown(): NewMount {
    const fs = new TreeFs('nsfs');
    const root = fs.create(fs.root, 'ns', { type: 'file', mode: 0o444, uid: 0, gid: 0, mtime: 0 });
    mounted.set(fs, this.ns);
    return { fs, root, rootPath: this.label, type: 'nsfs', source: 'nsfs' };
  }
}

const mounted = new WeakMap<Fs, Namespace>();

/** The namespace behind an open file. EINVAL: there is none. */
export function nsOf(file: OpenFile): Namespace {
  const ns = file instanceof NsFile ? file.ns : file.path === undefined ? undefined : mounted.get(file.path.mount.fs);
  if (ns === undefined) throw new SysError('EINVAL');
  return ns;
}
