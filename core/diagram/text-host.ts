/**
 * The host as text (P5): its one kernel, and on it each process space with both numbers of every process, its namespaces and
 * its cgroup; below it the engine's directories, and whose they are.
 */
import { stateWords } from './hand.ts';
import { type Block, cutMiddle, fit, frame, type Line, line, type Style, span } from './layout.ts';
import { gutter, sizeText } from './parts.ts';
import { type Scene, type SceneContainer, withHand } from './scene.ts';
import { ownerText, type SceneStore, type StoreRow } from './store.ts';

export function hostBlock(seen: Scene, width: number): Block {
  const scene = withHand(seen);
  const files = scene.store === undefined ? [] : [line(), ...storeBlock(scene, scene.store, width)];
  return [...kernelBlock(scene, width), ...files];
}

/** So many names that the last command took away. */
const maxGone = 12;

/** The engine's directories, and at the right whose they are. */
function storeBlock(scene: Scene, { root, rows, gone }: SceneStore, width: number): Block {
  const inner = width - 4;
  const lines = rows.flatMap((row): Block => {
    const whose = row.owner === undefined ? '' : ownerText(scene, row.owner);
    const indent = '  '.repeat(Math.max(0, row.level - 1));
    const left = [gutter(row.mark), span(`${indent}${row.level === 0 ? './' : row.name}`), span(` ${row.note}`, 'dim')];
    const room = Math.min(whose.length, Math.floor(inner / 2));
    const right = span(cutMiddle(whose, room), ownerStyle(row));
    return [
      line(...fit(left, inner - room - 1), ' ', right),
      ...(row.more === undefined ? [] : [line(span(`  ${indent}… ${row.more} more of them`, 'dim'))]),
    ];
  });
  const taken = gone.slice(0, maxGone).map((name) => line(span(`− ${name}`, 'gone')));
  const title = line(span(root, 'bold'), ' · what lies where, and whose it is');
  return frame({ border: 'light', style: 'plain', title, width }, lines, ...(taken.length > 0 ? [taken] : []));
}

function ownerStyle({ owner }: StoreRow): Style {
  if (owner?.kind !== 'container') return 'read-only';
  return owner.part === 'init' || owner.part === 'read-write' ? owner.part : 'process';
}

function kernelBlock(scene: Scene, width: number): Block {
  const alive = scene.containers.filter((container) => container.alive);
  const rest = scene.containers.filter((container) => !container.alive);
  const spaces = alive.flatMap((container) => spaceBlock(container, width - 4));
  const none = alive.length === 0 ? [line(span('no container runs: there is no process space', 'dim'))] : [];
  const idle = rest.map((container) =>
    line(
      gutter(container.mark),
      span(container.name, 'bold'),
      ` · ${stateWords(container)}`,
      span(' · files only', 'dim'),
    ),
  );
  const sections = [[...none, ...spaces], ...(idle.length === 0 ? [] : [idle])];
  return frame(
    { border: 'light', style: 'plain', title: line(span('host', 'bold'), ' · one kernel for all'), width },
    ...sections,
  );
}

function spaceBlock(container: SceneContainer, width: number): Block {
  const style = container.frozen ? 'frozen' : 'process';
  const title = line(gutter(container.mark), span(container.name, 'bold'), ` · ${stateWords(container)}`);
  const head = line(span('    inside    on the host', 'dim'));
  const rows = container.processes.map(
    (process): Line =>
      line(
        gutter(process.mark),
        span(`PID ${process.pid}`.padStart(8), process.pid === 1 ? 'process' : 'plain'),
        span(`PID ${process.hostPid}`.padStart(15), 'dim'),
        `  ${process.args.join(' ')}`,
      ),
  );
  const facts = [...namespaceRows(container), ...cgroupRows(container)].map((row) => fit(row, width - 4));
  return frame(
    { border: container.frozen ? 'dashed' : 'heavy', style, title, width },
    [head, ...rows],
    ...(facts.length > 0 ? [facts] : []),
  );
}

function namespaceRows(container: SceneContainer): Line[] {
  const groups = new Map<string, string[]>();
  for (const [kind, whose] of Object.entries(container.namespaces ?? {}))
    groups.set(whose, [...(groups.get(whose) ?? []), kind]);
  return [...groups].map(([whose, kinds]) => {
    const text =
      whose === 'own'
        ? 'namespaces of its own'
        : whose === 'host'
          ? "the host's namespaces"
          : `namespaces of ${whose.slice(10)}`;
    return line(span(`  ${text.padEnd(24)}`, 'dim'), kinds.join(' '));
  });
}

function cgroupRows(container: SceneContainer): Line[] {
  const { cgroup } = container;
  if (cgroup === undefined) return [];
  const limit = cgroup.memoryLimit === undefined ? 'no memory limit' : `memory limit ${sizeText(cgroup.memoryLimit)}`;
  const frozen = cgroup.frozen ? ', frozen' : '';
  return [
    line(
      span(`  ${'cgroup'.padEnd(24)}`, 'dim'),
      `${cgroup.pids} process${cgroup.pids === 1 ? '' : 'es'}, ${limit}${frozen}`,
    ),
  ];
}
