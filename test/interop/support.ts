/**
 * What the tests of other tools share: folders that go away again, archives brought out of the simulation and out of a lab,
 * and the tools called as a person would call them, each with a store of its own.
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { lstatSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { machineBusybox } from '../../backend/base.ts';
import { createLinuxTarget, type LinuxTarget } from '../../backend/linux-target.ts';
import { createSimTarget, type Digest, makeBusybox, type SimTarget } from '../../core/index.ts';
import { content } from '../../core/kernel/pathcalls.ts';
import { contentBytes } from '../../core/vfs/content.ts';

/** A folder for one test file. */
export function scratch(): { readonly path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), 'cutaway-interop-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

/** The simulation with the real bytes of this machine's busybox, so that its archives are real. */
export async function exactSim(): Promise<SimTarget> {
  const { bytes, applets } = await machineBusybox();
  return createSimTarget({ base: [makeBusybox(bytes, applets).description] });
}

export const openLab = (): Promise<LinuxTarget> => createLinuxTarget();

/** Brings a file of the target's host to this machine. */
export function bringOut(target: SimTarget | LinuxTarget, path: string, to: string): void {
  const bytes =
    target.name === 'sim'
      ? contentBytes(content(target.driver.kernel.daemon, path))
      : readFileSync(target.driver.lab.path(path));
  writeFileSync(to, bytes);
}

/** Calls a tool; what it printed. The error says what it complained of. */
export function tool(file: string, args: readonly string[], input?: Uint8Array): string {
  return execFileSync(file, args, {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    stdio: ['pipe', 'pipe', 'pipe'],
    ...(input === undefined ? {} : { input }),
  });
}

export const skopeo = (...args: readonly string[]): string => tool('skopeo', ['--insecure-policy', ...args]);

/** podman with a store below `root`, which `podman system reset` empties. */
export function podman(root: string, ...args: readonly string[]): string {
  const policy = join(root, 'policy.json');
  writeFileSync(policy, '{"default":[{"type":"insecureAcceptAnything"}]}');
  const own = ['--root', join(root, 'store'), '--runroot', join(root, 'run'), '--storage-driver', 'vfs'];
  const [verb = '', ...rest] = args;
  const trusting = verb === 'load' || verb === 'pull' ? [verb, '--signature-policy', policy] : [verb];
  return tool('podman', [...own, '--cgroup-manager', 'cgroupfs', ...trusting, ...rest]);
}

/** A tree as lines: type, mode, owner, what is in it; sorted, times left out. */
export function treeOf(root: string): readonly string[] {
  const lines: string[] = [];
  const inodes = new Map<string, string>();
  const walk = (path: string): void => {
    for (const name of readdirSync(root + path).sort()) {
      const at = `${path}/${name}`;
      const stat = lstatSync(root + at);
      const first = stat.isDirectory() ? undefined : inodes.get(`${stat.dev}:${stat.ino}`);
      inodes.set(`${stat.dev}:${stat.ino}`, first ?? at);
      const what = stat.isFile()
        ? createHash('sha256')
            .update(readFileSync(root + at))
            .digest('hex')
            .slice(0, 16)
        : stat.isSymbolicLink()
          ? readlinkSync(root + at)
          : '';
      lines.push(
        `${at} ${stat.mode.toString(8)} ${stat.uid}:${stat.gid} ${what}${first === undefined ? '' : ` = ${first}`}`,
      );
      if (stat.isDirectory()) walk(at);
    }
  };
  walk('');
  return lines;
}

/** Without what only the engine puts into a container, and what is no business of an image. */
export function contentOf(tree: readonly string[]): readonly string[] {
  const engines = /^\/(\.dockerenv|dev(\/.*)?|proc|sys|etc|etc\/(hostname|hosts|resolv\.conf|mtab)) /;
  return tree.filter((line) => !engines.test(line));
}

export const hexOf = (digest: Digest): string => digest.slice('sha256:'.length);
