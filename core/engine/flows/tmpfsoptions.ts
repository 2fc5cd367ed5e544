/** Options of a tmpfs, the last of each kind winning (moby sys/mount MergeTmpfsOptions). */
import { DockerError } from '../errors.ts';

/** Words that set or clear the same flag. */
const flags: readonly (readonly string[])[] = [
  ['ro', 'rw'],
  ['suid', 'nosuid'],
  ['dev', 'nodev'],
  ['exec', 'noexec'],
  ['sync', 'async'],
  ['dirsync'],
  ['remount'],
  ['mand', 'nomand'],
  ['atime', 'noatime'],
  ['diratime', 'nodiratime'],
  ['bind'],
  ['rbind'],
  ['relatime', 'norelatime'],
  ['strictatime', 'nostrictatime'],
  ['unbindable', 'runbindable', 'private', 'rprivate', 'shared', 'rshared', 'slave', 'rslave'],
];
const values = ['size', 'mode', 'uid', 'gid', 'nr_inodes', 'nr_blocks', 'mpol'];

/** Throws DockerError for what is no option of a tmpfs. */
export function tmpfsFlags(options: readonly string[]): readonly string[] {
  const seen = new Set<string>();
  const kept: string[] = [];
  for (const option of options.toReversed()) {
    if (option === 'defaults') continue;
    const [name = ''] = option.split('=', 1);
    const key = option.includes('=') ? values.find((value) => value === name) : flagOf(option);
    if (key === undefined) {
      const parts = option.includes('=') ? [name, option.slice(name.length + 1)] : [option];
      throw new DockerError(`invalid tmpfs option [${parts.map((part) => JSON.stringify(part)).join(' ')}]`, 'system');
    }
    if (seen.has(key)) continue;
    seen.add(key);
    kept.unshift(option);
  }
  return kept;
}

const flagOf = (word: string): string | undefined => flags.find((kind) => kind.includes(word))?.[0];
