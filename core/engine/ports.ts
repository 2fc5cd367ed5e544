/** `docker port`: published ports, as `80/tcp -> 0.0.0.0:8080`. */
import { findContainer } from './lookup.ts';
import { publishedOn } from './network.ts';
import type { Engine } from './world.ts';

export function containerPorts(engine: Engine, container: string): readonly string[] {
  return publishedOn(findContainer(engine, container)).map(
    ({ port, shown, hostPort }) => `${port}/tcp -> ${shown}:${hostPort}`,
  );
}
