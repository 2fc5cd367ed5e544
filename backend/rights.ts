/**
 * What the linux target can do here as root and what as an ordinary user, tried one by one: the second table of `cutaway doctor`.
 *
 * Kept true: nothing is concluded from versions; what cannot be tried by who asks (root's part by a user) is not answered.
 */
import { existsSync, readFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { ownHierarchies } from './hierarchies.ts';
import { missingNetTools, which } from './tools.ts';
import {
  attempt,
  forbidden,
  foundMapping,
  isRoot,
  type Tried,
  tryFurniture,
  tryNamespaces,
  tryNetworks,
  tryOverlay,
  type Who,
} from './trial.ts';
import { hasOneOwner, isRootless } from './userns.ts';

export interface Right {
  readonly what: string;
  /** undefined: only root can try it, and we are not. */
  readonly root?: boolean;
  readonly user: boolean;
  /** What is refused, or what to do. */
  readonly remark: string;
}

interface Trial {
  readonly what: string;
  readonly as: (who: Who) => Promise<Tried>;
  /** Where it fails for a user. */
  readonly remedy: string;
}

const trials: readonly Trial[] = [
  { what: 'user namespace', as: (who) => attempt(who, [], 'true'), remedy: 'without it the linux target needs root' },
  { what: 'mnt uts ipc net pid cgroup', as: tryNamespaces, remedy: 'without it the linux target needs root' },
  {
    what: 'proc sysfs devpts mqueue',
    as: tryFurniture,
    remedy: 'a container that hides parts of /proc forbids it: use the machine itself',
  },
  { what: 'overlay', as: tryOverlay, remedy: 'a kernel from 6.6 on has user.* attributes on tmpfs' },
  { what: 'bridge veth iptables', as: networks, remedy: 'no --bridge' },
];

async function networks(who: Who): Promise<Tried> {
  const missing = missingNetTools().map((tool) => tool.program);
  return missing.length > 0 ? { ok: false, said: `no ${missing.join(', ')}` } : tryNetworks(who);
}

export async function rights(): Promise<readonly Right[]> {
  const root = isRoot();
  const tried = trials.map(async ({ what, as, remedy }): Promise<Right> => {
    const [own, user] = [root ? await as('self') : undefined, await as(root ? 'nobody' : 'self')];
    const why = user.ok ? '' : `${(what === 'user namespace' ? forbidden()?.why : undefined) ?? user.said}; ${remedy}`;
    return { what, ...(own === undefined ? {} : { root: own.ok }), user: user.ok, remark: why };
  });
  return [...(await Promise.all(tried)), await numbers(root), devices(root), groups(root)];
}

const asRoot = (root: boolean): Pick<Right, 'root'> => (root ? { root: true } : {});

/** Users and groups other than one's own. */
async function numbers(root: boolean): Promise<Right> {
  const what = 'other users and groups';
  if (isRootless)
    return { what, user: !hasOneOwner, remark: hasOneOwner ? 'all files are root’s, --user is refused' : '' };
  const refused = 'all files are root’s, --user is refused: ';
  if (which('newuidmap') === undefined)
    return { what, ...asRoot(root), user: false, remark: `${refused}apt-get install uidmap` };
  if (root) return { what, root, user: true, remark: 'for users with a line in /etc/subuid and /etc/subgid' };
  const { name } = whoAmI();
  const lines = ['/etc/subuid', '/etc/subgid'].filter((file) => !hasLine(file, name));
  if (lines.length > 0)
    return {
      what,
      user: false,
      remark: `${refused}no line for ${name} in ${lines.join(' and ')} (usermod --add-subuids 100000-165535 --add-subgids 100000-165535 ${name})`,
    };
  const { mapping, why } = await foundMapping();
  return { what, user: mapping === 'many', remark: mapping === 'many' ? '' : `${refused}${why}` };
}

function whoAmI(): { readonly name: string } {
  try {
    return { name: userInfo().username };
  } catch {
    return { name: String(process.getuid?.()) };
  }
}

const hasLine = (file: string, name: string): boolean =>
  existsSync(file) &&
  readFileSync(file, 'utf8')
    .split('\n')
    .some((line) => line.startsWith(`${name}:`) || line.startsWith(`${process.getuid?.()}:`));

const devices = (root: boolean): Right => ({
  what: 'device nodes',
  ...asRoot(root),
  user: false,
  remark: 'the usual ones are bound from the machine, --device is refused',
});

/** Limits, pause and stats. */
function groups(root: boolean): Right {
  const delegated = !root && ownHierarchies().length > 0;
  const remark = delegated ? 'delegated to this user' : 'limits, pause, stats and --pid are refused: not delegated';
  return { what: 'control groups', ...asRoot(root), user: delegated, remark };
}
