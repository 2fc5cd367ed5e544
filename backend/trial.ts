/**
 * Trials of what namespaces allow here: as root, or as an ordinary user in a user namespace. The probe (probe.ts) and the doctor
 * ask them; each undoes itself with its mount namespace.
 */
import { existsSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { run } from './exec.ts';
import { findMapping, type Mapping, mappingWords } from './rootless.ts';
import { isRootless } from './userns.ts';

/** Root of the machine itself. */
export const isRoot = (): boolean => process.getuid?.() === 0 && !isRootless;

/** `self`: whoever we are, made root of a namespace where we are not; `nobody`: a user without any rights, as root tries it. */
export type Who = 'self' | 'nobody';

const nobody = ['setpriv', '--reuid', '65534', '--regid', '65534', '--clear-groups'];

/** Words before unshare's own flags. */
async function prefix(who: Who): Promise<readonly string[]> {
  if (who === 'nobody') return [...nobody, 'unshare', ...mappingWords('one')];
  if (process.getuid?.() === 0) return ['unshare'];
  return ['unshare', ...mappingWords(await mappingHere())];
}

let mapping: Promise<Awaited<ReturnType<typeof findMapping>>> | undefined;
export const foundMapping = (): NonNullable<typeof mapping> => {
  mapping ??= findMapping();
  return mapping;
};
const mappingHere = async (): Promise<Mapping> => (await foundMapping()).mapping ?? 'one';

export interface Tried {
  readonly ok: boolean;
  /** The first line of what was said about it. */
  readonly said: string;
}

/** Runs a constant script in new namespaces. */
export async function attempt(who: Who, flags: readonly string[], script: string): Promise<Tried> {
  const [first = 'unshare', ...words] = [...(await prefix(who)), ...flags, 'sh', '-c', script, 'try', tmpdir()];
  const ran = await run(first, words, { timeoutMs: 60_000 });
  return { ok: ran.code === 0, said: ran.stderr.trim().split('\n')[0] || 'refused' };
}

const mounts = ['-m', '--propagation', 'private'];

export const tryNamespaces = (who: Who): Promise<Tried> =>
  attempt(who, ['-m', '-u', '-i', '-n', '-p', '-C', '--fork'], 'true');

/** An overlay that holds whiteouts and marks of opaque directories. */
export const tryOverlay = (who: Who): Promise<Tried> => {
  const more = who === 'nobody' || !isRoot() ? ',userxattr' : '';
  const script = `mount -t tmpfs none "$1" && cd "$1" && mkdir l l/d u w m && : >l/f && : >l/d/f &&
mount -t overlay -o lowerdir=l,upperdir=u,workdir=w${more} none m && rm m/f && rm -r m/d && mkdir m/d && test -c u/f && test ! -e m/d/f`;
  return attempt(who, mounts, script);
};

/** What a container's root is furnished with. */
export const tryFurniture = (who: Who): Promise<Tried> =>
  attempt(
    who,
    [...mounts, '-u', '-i', '-n', '-p', '-C', '--fork'],
    `mount -t tmpfs none "$1" && cd "$1" && mkdir p s t q && mount -t proc -o nosuid,nodev,noexec proc p &&
mount -t sysfs -o nosuid,nodev,noexec sysfs s && mount -t devpts -o nosuid,noexec,newinstance,ptmxmode=0666 devpts t && mount -t mqueue -o nosuid,nodev,noexec mqueue q`,
  );

export const tryNetworks = (who: Who): Promise<Tried> =>
  attempt(
    who,
    ['-n'],
    'ip link add b0 type bridge && ip link add v0 type veth peer name v1 && iptables -t nat -A POSTROUTING -j MASQUERADE && iptables -A FORWARD -m conntrack --ctstate ESTABLISHED -j ACCEPT',
  );

const textOf = (file: string): string | undefined => (existsSync(file) ? readFileSync(file, 'utf8').trim() : undefined);

/** Settings of the machine that forbid a user's namespace, with what undoes them; undefined: none does. */
export function forbidden(): { readonly why: string; readonly remedy: string } | undefined {
  if (textOf('/proc/sys/kernel/unprivileged_userns_clone') === '0')
    return {
      why: 'kernel.unprivileged_userns_clone is 0',
      remedy: 'sysctl -w kernel.unprivileged_userns_clone=1',
    };
  if (textOf('/proc/sys/user/max_user_namespaces') === '0')
    return { why: 'user.max_user_namespaces is 0', remedy: 'sysctl -w user.max_user_namespaces=15000' };
  if (textOf('/proc/sys/kernel/apparmor_restrict_unprivileged_userns') === '1')
    return {
      why: 'AppArmor forbids it (kernel.apparmor_restrict_unprivileged_userns is 1)',
      remedy: 'sysctl -w kernel.apparmor_restrict_unprivileged_userns=0, or an AppArmor profile for unshare',
    };
  return undefined;
}
