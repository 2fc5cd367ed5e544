/** `docker port`: published ports. Containers have a network of their own that nothing is published from. */
import { findContainer } from './lookup.ts';
import type { Engine } from './world.ts';

export function containerPorts(engine: Engine, container: string): readonly string[] {
  findContainer(engine, container);
  return [];
}
