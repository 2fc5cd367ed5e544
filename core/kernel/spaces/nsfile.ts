/**
 * A namespace as a file, ioctl_ns(2) "nsfs": what one opens in /proc/<pid>/ns and hands to setns(2), and what keeps a namespace when it
 * is bind-mounted.
 *
 * Kept true: a file system shows one namespace; whoever opens its root gets that namespace.
 */
import { SysError } from '../../errors.ts';
import type { Dirent, Stat } from '../../vfs/fs.ts';
import { anonymousStat, OpenFile } from '../file.ts';
import type { NewMount } from '../mount.ts';
import { type Namespace, nsLink } from '../namespace.ts';
import { Pseudo } from '../pseudo.ts';
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
    mounted = true;
    return { fs: new NsFs(this.ns), rootPath: this.label, type: 'nsfs', source: 'nsfs' };
  }
}

/** Some namespace was mounted once: from then on mounts are looked at for those that keep one. */
let mounted = false;
export const anyMounted = (): boolean => mounted;

/** Nothing but one file. */
export class NsFs extends Pseudo {
  readonly type = 'nsfs';
  readonly root = 1;
  protected readonly refusal = 'EPERM';

  constructor(readonly ns: Namespace) {
    super();
  }

  lookup(): undefined {
    return undefined;
  }

  stat(): Stat {
    return { ...anonymousStat('file', this.ns.ino), mode: 0o444 };
  }

  readdir(): readonly Dirent[] {
    throw new SysError('ENOTDIR');
  }

  protected text(): string {
    throw new SysError('EINVAL');
  }

  protected act(): void {
    throw new SysError('EINVAL');
  }
}

/** The namespace behind an open file. EINVAL: there is none. */
export function nsOf(file: OpenFile): Namespace {
  if (file instanceof NsFile) return file.ns;
  const fs = file.path?.mount.fs;
  if (fs instanceof NsFs) return fs.ns;
  throw new SysError('EINVAL');
}
