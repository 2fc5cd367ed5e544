/** `docker logs`: the json-file log, one object a line, written since the container was created. */
import type { Flow, OutputChunk } from '../../op.ts';
import { findContainer } from '../lookup.ts';
import { logPath } from '../records.ts';
import type { Engine } from '../world.ts';

/** `tail`: the last so many lines; `since`: milliseconds since the epoch. */
export function* containerLogs(
  engine: Engine,
  container: string,
  options: { tail?: number; since?: number } = {},
): Flow<readonly OutputChunk[]> {
  const { id } = findContainer(engine, container);
  const outcome = yield { title: 'read the log', op: { op: 'readFile', path: logPath(engine, id) } };
  if (!outcome.ok) return [];
  const chunks = (outcome.value as string).split('\n').flatMap(parseLine);
  const recent = chunks.filter(({ time }) => time >= (options.since ?? 0));
  return options.tail === undefined ? recent : recent.slice(Math.max(0, recent.length - options.tail));
}

/** Nothing, for a line that was cut off when its writer was killed. */
function parseLine(line: string): readonly OutputChunk[] {
  try {
    const { log, stream, time } = JSON.parse(line) as { log: string; stream: 'stdout' | 'stderr'; time: string };
    return [{ text: log, stream, time: Date.parse(time) }];
  } catch {
    return [];
  }
}
