/**
 * The files by which a container knows names: its addresses in /etc/hosts, and who is asked for others in /etc/resolv.conf
 * (libnetwork sandbox_dns_unix.go).
 */
import { digestOf } from '../../image/digest.ts';
import { type Digest, type Flow, perform } from '../../op.ts';
import { dottedIp } from '../network.ts';
import { containerDir } from '../records.ts';
import type { Container, Engine } from '../world.ts';

/** Its own addresses. */
export const hostLines = (places: NonNullable<Container['places']>, hostname: string): string =>
  Object.values(places)
    .map(({ device }) => (device === undefined ? '' : `${dottedIp(device.ip)}\t${hostname}\n`))
    .join('');

/** Is it on a network of which the engine tells the names? */
const asksEngine = (places: NonNullable<Container['places']>): boolean =>
  Object.values(places).some(({ device }) => device?.known !== undefined);

interface Servers {
  readonly text: string;
  readonly digest: Digest;
}

/** resolv.conf at a start. `host`: that of the host; `filtered`: without servers that the host alone can reach. */
export function serversOf(places: NonNullable<Container['places']>, host: string, filtered: string): Servers {
  const isHost = Object.keys(places).join() === 'host';
  const text = isHost ? host : asksEngine(places) ? ownResolvConf(filtered) : filtered;
  return { text, digest: digestOf(text) };
}

/** hosts and resolv.conf of a container that runs, after its networks have changed. Its name server stays once it has one. */
export function* writeNames(engine: Engine, id: string, change: (hosts: string) => string): Flow<void> {
  const { places } = engine.world.containers[id]!;
  const path = `${containerDir(engine, id)}/hosts`;
  const before = yield* perform('read its names', { op: 'readFile', path }, { quiet: true });
  yield* perform(
    'write its addresses into its /etc/hosts',
    { op: 'writeFile', path, data: change(before), mode: 0o644 },
    { undo: { op: 'writeFile', path, data: before, mode: 0o644 } },
  );
  const servers = `${containerDir(engine, id)}/resolv.conf`;
  const old = yield* perform('read its name servers', { op: 'readFile', path: servers }, { quiet: true });
  if (places === undefined || !asksEngine(places) || old.includes('nameserver 127.0.0.11')) return;
  yield* perform(
    'name the engine as its name server',
    { op: 'writeFile', path: servers, data: ownResolvConf(old), mode: 0o644 },
    { undo: { op: 'writeFile', path: servers, data: old, mode: 0o644 } },
  );
}

/** The same for a container whose names the engine tells: it alone is asked (libnetwork sandbox_dns_unix.go rebuildDNS). */
function ownResolvConf(host: string): string {
  const [search] = host.match(/^\s*search\s.*$/m) ?? [];
  const [, options = ''] = /^\s*options\s+(.*)$/m.exec(host) ?? [];
  const all = /\bndots:/.test(options) ? options : `${options} ndots:0`.trim();
  return `${search === undefined ? '' : `${search.trim()}\n`}nameserver 127.0.0.11\noptions ${all}\n`;
}
