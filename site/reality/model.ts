/**
 * The follower's own simulation, in a worker of its own: it keeps step with the real target, not with the page, which may be
 * far ahead.
 */
import { startEngine } from '../engine/client.ts';
import type { Model } from './follower.ts';

export interface OwnModel extends Model {
  close(): void;
}

export function startModel(): OwnModel {
  const starting = startEngine();
  return {
    restart: async () => (await (await starting).ask('seek', { entries: [] })).observation,
    run: async (line) => (await starting).ask('run', { line }),
    give: async (given) => (await starting).ask('give', { given }),
    close: () => void starting.then((client) => client.close()),
  };
}
