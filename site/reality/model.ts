/**
 * The follower's own simulation, in a worker of its own: it keeps step with the real target, not with the page, which may be
 * far ahead.
 */
import type { Observation } from '../../core/index.ts';
import { type Client, startEngine } from '../engine/client.ts';
import type { Model } from './follower.ts';

export interface OwnModel extends Model {
  close(): void;
}

/** With what is observed after it. */
async function seen<T>(client: Client, ran: T): Promise<T & { readonly observation: Observation }> {
  return { ...ran, observation: await client.ask('observe', {}) };
}

export function startModel(): OwnModel {
  const starting = startEngine();
  return {
    restart: async () => {
      const client = await starting;
      await client.ask('seek', { entries: [] });
      return client.ask('observe', {});
    },
    run: async (line) => seen(await starting, await (await starting).ask('run', { line })),
    give: async (given) => seen(await starting, await (await starting).ask('give', { given })),
    close: () => void starting.then((client) => client.close()),
  };
}
