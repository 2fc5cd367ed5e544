/**
 * The programs that the lab needs inside itself: the static busybox and tini as they are, and util-linux' mount, unshare and
 * nsenter, perl and GNU cp together with their libraries and the loader, so that they run from a directory of the lab
 * (`./ld.so --library-path . ./mount …`) whatever its root file system holds.
 */
import { accessSync, constants, existsSync, realpathSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { run } from './exec.ts';

export interface Tools {
  readonly busybox: string;
  readonly tini: string;
  readonly loader: string;
  /** mount, unshare, nsenter, perl, cp, and the libraries they load. */
  readonly files: readonly string[];
}

const dirs = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'];
const loaders = ['/lib64/ld-linux-x86-64.so.2', '/lib/ld-linux-aarch64.so.1', '/lib/ld-linux-armhf.so.3'];

/** Where a program is, in the usual directories. */
export function which(name: string): string | undefined {
  return dirs.map((dir) => `${dir}/${name}`).find(executable);
}

function executable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Names of what is missing, with the Debian package that has it. */
export function missingTools(): readonly { readonly program: string; readonly package: string }[] {
  const needed = [
    ['busybox', 'busybox-static'],
    ['tini-static', 'tini'],
    ['mount', 'mount'],
    ['unshare', 'util-linux'],
    ['nsenter', 'util-linux'],
    ['perl', 'perl-base'],
    ['cp', 'coreutils'],
    ['tar', 'tar'],
  ] as const;
  const missing = needed
    .filter(([program]) => which(program) === undefined)
    .map(([program, pkg]) => ({ program, package: pkg }));
  return loaders.some(executable) ? missing : [...missing, { program: 'ld-linux (glibc)', package: 'libc6' }];
}

/** Programs of a lab with networks, with the Debian packages that have them. */
const netPrograms = [
  ['ip', 'iproute2'],
  ['iptables', 'iptables'],
] as const;

/** What iptables loads for the rules of networks, from the directory that its library says. */
const netModules = ['addrtype', 'conntrack', 'standard', 'tcp', 'udp', 'DNAT', 'SNAT', 'MASQUERADE'];

export interface NetTools {
  /** ip, iptables under `iptables`, its modules, and the libraries that both load. */
  readonly files: readonly string[];
  /** The name that the program of iptables has among them: one program under many names, that asks which is meant. */
  readonly iptables: string;
}

/** Names of what is missing for networks, with the Debian package that has it. */
export const missingNetTools = (): ReturnType<typeof missingTools> =>
  netPrograms.filter(([name]) => which(name) === undefined).map(([name, pkg]) => ({ program: name, package: pkg }));

/** The tools of networks. Throws where one is missing: ask `missingNetTools` first. */
export async function findNetTools(): Promise<NetTools> {
  const loader = loaders.find(executable) ?? '';
  const missing = missingNetTools();
  if (missing.length > 0)
    throw new Error(`networks need what this machine has not: ${missing.map((tool) => tool.program).join(', ')}`);
  const [ip, iptables] = netPrograms.map(([name]) => realpathSync(which(name) as string)) as [string, string];
  const libraries = (await Promise.all([ip, iptables].map((file) => librariesOf(loader, file)))).flat();
  const dir = dirname(realpathSync(libraries.find((file) => basename(file).startsWith('libxtables.')) ?? iptables));
  const modules = netModules.flatMap((name) =>
    [`libxt_${name}.so`, `libipt_${name}.so`].map((each) => `${dir}/xtables/${each}`),
  );
  return {
    files: [...new Set([ip, iptables, ...libraries, ...modules.filter((file) => existsSync(file))])],
    iptables: basename(iptables),
  };
}

let found: Promise<Tools> | undefined;

/** Finds the tools, once. Throws when one is missing: ask `missingTools` first. */
export function findTools(): Promise<Tools> {
  found ??= search();
  return found;
}

async function search(): Promise<Tools> {
  const loader = loaders.find(executable);
  const [busybox, tini] = [which('busybox'), which('tini-static')];
  const programs = ['mount', 'unshare', 'nsenter', 'perl', 'cp'].map(which);
  if (loader === undefined || busybox === undefined || tini === undefined || programs.includes(undefined)) {
    const names = missingTools().map((entry) => `${entry.program} (package ${entry.package})`);
    throw new Error(`not found on this machine: ${names.join(', ')}`);
  }
  const files = programs.filter((file) => file !== undefined);
  const libraries = await Promise.all(files.map((file) => librariesOf(loader, file)));
  return { busybox, tini, loader, files: [...new Set([...files, ...libraries.flat()])] };
}

/** `ld.so --list`: lines of `libc.so.6 => /lib/…/libc.so.6 (0x…)`. */
async function librariesOf(loader: string, file: string): Promise<readonly string[]> {
  const { stdout } = await run(loader, ['--list', file]);
  return [...stdout.matchAll(/=> (\/\S+) \(/g)].map((match) => match[1] as string);
}
