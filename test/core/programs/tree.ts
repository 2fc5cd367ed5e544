/**
 * What a script made of its directory, as lines that can be recorded: type, permissions, owner when it is not root, size and
 * digest (or the target of a link), path. Only what differs from the directory as `setup` of cases.ts left it.
 */
import { digestOf } from '../../../core/image/digest.ts';
import type { NodeType } from '../../../core/vfs/fs.ts';

export interface Entry {
  readonly path: string;
  readonly type: NodeType;
  /** Permission bits, 0o7777. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly bytes?: Uint8Array;
  readonly target?: string;
}

const text = (words: string): Uint8Array => new TextEncoder().encode(words);
const root = { uid: 0, gid: 0 };
const before = new Set(
  [
    { path: 'a', type: 'file', mode: 0o644, ...root, bytes: text('hello\n') } as const,
    { path: 'd', type: 'dir', mode: 0o755, ...root } as const,
    { path: 'f', type: 'file', mode: 0o644, ...root, bytes: text('x\ny\nz\n') } as const,
  ].map(lineOf),
);

/** `+` is new or changed, `-` is gone or was changed. Compressed files are told by name only: their bytes are the compressor's. */
export function treeChanges(entries: readonly Entry[]): string[] {
  const after = new Set(entries.map(lineOf));
  return [
    ...[...before].filter((line) => !after.has(line)).map((line) => `- ${line}`),
    ...[...after].filter((line) => !before.has(line)).map((line) => `+ ${line}`),
  ].sort();
}

function lineOf({ path, type, mode, uid, gid, bytes, target }: Entry): string {
  const owner = uid === 0 && gid === 0 ? '' : ` ${uid}:${gid}`;
  const what =
    target !== undefined
      ? ` -> ${target}`
      : bytes !== undefined && !/gz$/.test(path)
        ? ` ${bytes.length} ${digestOf(bytes).slice(7, 19)}`
        : '';
  const bits = type === 'symlink' ? '' : ` ${mode.toString(8)}`;
  return `${path} ${type}${bits}${owner}${what}`;
}
