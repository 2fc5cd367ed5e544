/** `docker port`: published ports, as `80/tcp -> 0.0.0.0:8080`. */
import { findContainer } from './lookup.ts';
import { networking } from './networking.ts';
import type { Engine } from './world.ts';

export function containerPorts(engine: Engine, container: string): readonly string[] {
  const found = findContainer(engine, container);
  return engine.facts.bridge === true ? networking().portLines(found) : [];
}
