/** A container by name or ID, by the directory of its layer, or by the PID of its first process. */

import { type Container, type Engine, statusOf } from '../engine/index.ts';
import { snapshotterOf } from '../engine/storage.ts';
import { shortId } from '../image/digest.ts';
import { type Flow, nsKinds, type ProcessInfo, perform } from '../op.ts';
import { type Explanation, facts, type Part, table, text, tryIt } from './explanation.ts';
import { nameOf } from './image.ts';

const counted = (n: number, what: string): string => `${n} ${what}${n === 1 ? '' : 's'}`;

export function* explainContainer(engine: Engine, subject: string, container: Container): Flow<Explanation> {
  const snapshotter = snapshotterOf(engine);
  const paths = snapshotter.paths(container.layer);
  const { dataRoot } = engine.facts;
  return {
    subject,
    title: `container ${container.name}, ID ${shortId(container.id)}, ${statusOf(container)}`,
    parts: [
      text(
        'A container ID is 64 random hexadecimal digits, drawn when it was created: no hash of anything. The first twelve are shown, any beginning that is unique will do, and they are its hostname unless another was asked for.',
      ),
      facts(
        ['ID', container.id],
        ['image', `${nameOf(engine, container.imageId)} (${shortId(container.imageId)})`],
        ['records', `${dataRoot}/containers/${container.id}`],
        ['read-write layer', paths.upper],
        ['init layer', paths.init],
        ['union view', paths.merged],
        ['stands on', counted(container.layer.lower.length, 'read-only layer')],
      ),
      ...(yield* processPart(container)),
      tryIt(`docker diff ${container.name}`, `ls -la ${paths.upper}`, `cutaway explain ${container.name}:/bin`),
    ],
  };
}

/** What of the kernel belongs to it while its first process lives. */
function* processPart(container: Container): Flow<readonly Part[]> {
  if (container.pid === 0) {
    return [text('No process of it exists now: no namespaces, no cgroup. What it wrote is all still there.')];
  }
  const own = yield* perform('read its namespaces', { op: 'namespaces', pid: container.pid }, { quiet: true });
  const host = yield* perform('read the host’s namespaces', { op: 'namespaces', pid: 1 }, { quiet: true });
  return [
    text(`Its first process is PID ${container.pid} on the host and PID 1 inside: one process, two names.`),
    table(
      ['namespace', 'of the container', 'of the host', ''],
      nsKinds.map((kind) => [kind, own[kind], host[kind], own[kind] === host[kind] ? 'shared' : 'its own']),
    ),
  ];
}

export function explainPid(subject: string, container: Container, process: ProcessInfo): Explanation {
  return {
    subject,
    title: `PID ${process.pid} of the host: a process of container ${container.name}`,
    parts: [
      text(
        'One process, two numbers: the host’s PID namespace sees all processes, a container’s sees its own only and counts from 1.',
      ),
      facts(
        ['on the host', String(process.pid)],
        ['inside', String(process.inner)],
        ['command', process.args.join(' ')],
        ['cgroup', `docker/${container.id}`],
      ),
      tryIt(`docker top ${container.name}`, `ls -l /proc/${process.pid}/ns`, `cat /proc/${process.pid}/cgroup`),
    ],
  };
}
