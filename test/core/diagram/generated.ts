/** Generated scenes for tests of layouts. */
import * as fc from 'fast-check';
import type { Scene, SceneContainer, SceneLayer } from '../../../core/index.ts';
import type { Digest } from '../../../core/op.ts';

export const digest = (n: number): Digest => `sha256:${n.toString(16).padStart(64, '0')}`;
const mark = fc.constantFrom(undefined, undefined, 'new' as const, 'changed' as const);
const name = fc.oneof(
  fc.string({ maxLength: 60, unit: 'grapheme' }),
  fc.constantFrom('web', 'x'.repeat(300), '漢字'.repeat(30)),
);
const withMark = (value: 'new' | 'changed' | undefined): { mark?: 'new' | 'changed' } =>
  value === undefined ? {} : { mark: value };

/** Layer n stands on a layer before it, or on the ground. */
const layers = fc
  .array(fc.record({ under: fc.nat(), createdBy: name, size: fc.nat(), mark }), { maxLength: 7 })
  .map((items) => {
    const out: SceneLayer[] = [];
    for (const [i, item] of items.entries()) {
      const parent = item.under % 3 === 0 ? undefined : out[item.under % Math.max(1, i)];
      out.push({
        chainId: digest(i + 1),
        ...(parent === undefined ? {} : { parent: parent.chainId }),
        depth: (parent?.depth ?? 0) + 1,
        size: item.size,
        createdBy: item.createdBy,
        entries: item.size % 1000,
        ...withMark(item.mark),
      });
    }
    return out;
  });

const paths = fc
  .uniqueArray(fc.tuple(name, fc.nat(3)), { maxLength: 40, selector: ([text]) => text })
  .map((items) => items.map(([text, deep]) => `${'/dir'.repeat(deep)}/${text}`));

const container = (layersThere: readonly SceneLayer[]) =>
  fc
    .record({
      name,
      status: fc.constantFrom(
        'created' as const,
        'running' as const,
        'paused' as const,
        'exited' as const,
        'dead' as const,
      ),
      stands: fc.nat(),
      processes: fc.array(fc.record({ ppid: fc.nat(9), args: fc.array(name, { maxLength: 4 }), mark }), {
        maxLength: 12,
      }),
      upper: paths,
      rows: paths,
      cells: fc.array(fc.constantFrom('none' as const, 'visible' as const, 'hidden' as const, 'whiteout' as const), {
        minLength: 3,
        maxLength: 3,
      }),
      mark,
    })
    .map((item): Omit<SceneContainer, 'id'> => {
      const on = layersThere[item.stands % (layersThere.length + 1)];
      const alive = item.status === 'running' || item.status === 'paused';
      return {
        name: item.name,
        image: 'busybox',
        imageId: digest(0xaa),
        status: item.status,
        exitCode: 0,
        oomKilled: false,
        command: [],
        alive,
        frozen: item.status === 'paused',
        processes: alive
          ? item.processes.map(({ ppid, args, mark: m }, i) => ({
              pid: i + 1,
              ppid,
              hostPid: 4000 + i,
              args,
              ...withMark(m),
            }))
          : [],
        ...(on === undefined ? {} : { standsOn: on.chainId }),
        init: [{ path: '/.dockerenv', type: 'file', opaque: false }],
        upper: item.upper.map((path) => ({
          path,
          type: 'file',
          kind: 'A' as const,
          opaque: false,
          ...withMark(item.mark),
        })),
        union: {
          columns: [
            { kind: 'layer', name: 'layer 1', short: '1', chainId: digest(1) },
            { kind: 'init', name: 'init layer', short: 'init' },
            { kind: 'read-write', name: 'read-write layer', short: 'rw' },
          ],
          rows: item.rows.map((path) => {
            const from = item.cells.lastIndexOf('visible');
            return {
              path,
              type: 'file',
              cells: item.cells,
              visible: from >= 0,
              ...(from < 0 ? {} : { from }),
              opaque: false,
              overwrites: false,
              folded: path.length % 3,
            };
          }),
        },
        ...withMark(item.mark),
      };
    });

/** Scenes as no engine makes them: any names, numbers and combinations. */
export const scenes: fc.Arbitrary<Scene> = layers.chain((there) =>
  fc.record({
    layers: fc.constant(there),
    images: fc.constant(
      there.map((layer, i) => ({
        id: digest(100 + i),
        tags: i % 2 === 0 ? [`image-${i}:latest`] : [],
        layers: [layer.chainId],
        command: [],
      })),
    ),
    containers: fc
      .array(container(there), { maxLength: 30, size: 'small' })
      .map((items) => items.map((item, i) => ({ ...item, id: (i + 1).toString(16).padStart(64, '0') }))),
    gone: fc.array(fc.record({ kind: fc.constant('file' as const), name }), { maxLength: 8 }),
  }),
);
