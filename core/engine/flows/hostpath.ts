/** What lies at a path of the host. */
import type { Flow, ListEntry, Step } from '../../op.ts';

/** Links are followed; undefined: nothing is there. */
export function* lookAt(path: string, hops = 0): Flow<ListEntry | undefined> {
  const [, dir = '', name = ''] = /^(.*)\/([^/]+)\/?$/.exec(path) ?? [];
  if (name === '') return { path: '/', type: 'dir', size: 0 };
  const step: Step = {
    title: `look at ${path}`,
    op: { op: 'list', path: dir === '' ? '/' : dir, depth: 1, text: 0 },
    quiet: true,
  };
  const outcome = yield step;
  if (!outcome.ok) return undefined;
  const all = outcome.value as readonly ListEntry[];
  const found = all.find((entry) => entry.path === `/${name}`);
  if (found?.type !== 'symlink' || hops > 8) return found;
  const target = found.target ?? '';
  return yield* lookAt(target.startsWith('/') ? target : `${dir}/${target}`, hops + 1);
}
