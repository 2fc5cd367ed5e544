/**
 * What of the host's powers a container gets: `--cap-add`, `--cap-drop`, `--security-opt`, `--read-only` (moby
 * oci/caps/utils.go, daemon/daemon_unix.go parseSecurityOpt), in the words of Docker 20.10.24.
 */
import { allCapabilities, defaultCapabilities } from '../capabilities.ts';
import type { Spawn } from '../op.ts';
import { DockerError } from './errors.ts';
import type { Sharing } from './sharing.ts';

/** All that a container of 20.10 can have: `--privileged`. */
export const privilegedCapabilities = (): readonly string[] => known;

/** Of a HostConfig; as they were typed. */
export interface Security {
  readonly CapAdd?: readonly string[];
  readonly CapDrop?: readonly string[];
  readonly SecurityOpt?: readonly string[];
  readonly ReadonlyRootfs?: boolean;
  readonly sharing?: Sharing;
}

/** Those that 20.10 knows: the ones after CAP_AUDIT_READ are younger. */
const known = allCapabilities.slice(0, 38);

/** Throws a DockerError for what the daemon refuses when a container is created. */
export function checkSecurity({ CapAdd, CapDrop, SecurityOpt }: Security): void {
  normalised('CapAdd', CapAdd);
  normalised('CapDrop', CapDrop);
  for (const option of SecurityOpt ?? []) isQuiet(option);
}

/** What a Spawn for such a container says. */
export function securityOf(
  config: Security,
): Pick<Spawn, 'capabilities' | 'noNewPrivileges' | 'seccomp' | 'readonlyRoot'> {
  const privileged = config.sharing?.Privileged === true;
  const own = config.SecurityOpt?.findLast((option) => /^seccomp[=:]\{/.test(option) || option === 'seccomp=[]')?.slice(
    'seccomp='.length,
  );
  const open = privileged || config.SecurityOpt?.includes('seccomp=unconfined') === true;
  return {
    capabilities: privileged
      ? known
      : tweaked(normalised('CapAdd', config.CapAdd), normalised('CapDrop', config.CapDrop)),
    ...(config.SecurityOpt?.some(isQuiet) === true ? { noNewPrivileges: true } : {}),
    ...(open ? { seccomp: 'unconfined' } : own === undefined ? {} : { seccomp: { profile: own } }),
    ...(config.ReadonlyRootfs === true ? { readonlyRoot: true } : {}),
  };
}

function normalised(field: string, names: readonly string[] = []): readonly string[] {
  return names.map((name) => {
    const upper = name.toUpperCase();
    const whole = upper === 'ALL' || upper.startsWith('CAP_') ? upper : `CAP_${upper}`;
    if (whole === 'ALL' || known.includes(whole)) return whole;
    throw new DockerError(`invalid ${field}: unknown capability: "${whole}"`, 'invalid');
  });
}

/** TweakCapabilities. */
function tweaked(add: readonly string[], drop: readonly string[]): readonly string[] {
  if (add.length + drop.length === 0) return defaultCapabilities;
  if (add.includes('ALL')) return known.filter((name) => !drop.includes(name));
  if (drop.includes('ALL')) return add;
  return [...new Set([...defaultCapabilities.filter((name) => !drop.includes(name)), ...add])];
}

/** Does this option ask for no_new_privs? */
function isQuiet(option: string): boolean {
  if (option === 'no-new-privileges') return true;
  const [, name = '', value = ''] = /^([^=:]*)[=:](.*)$/.exec(option) ?? [];
  if (['label', 'apparmor', 'seccomp'].includes(name)) return false;
  if (name === 'no-new-privileges' && /^(1|t|T|TRUE|true|True)$/.test(value)) return true;
  if (name === 'no-new-privileges' && /^(0|f|F|FALSE|false|False)$/.test(value)) return false;
  throw new DockerError(`invalid --security-opt 2: ${JSON.stringify(option)}`, 'invalid');
}
