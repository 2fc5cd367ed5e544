/**
 * docker-proxy: a process of the host for each published port, that takes connections which no rule redirects (those to
 * 127.0.0.1) and passes them on to the container. It ends with the container.
 */

import { SysError } from '../../errors.ts';
import { dotted } from '../../ip.ts';
import type { PublishedPort } from '../../op.ts';
import type { Kernel } from '../kernel.ts';
import { openFile } from '../pathcalls.ts';
import { bear, type Process } from '../process.ts';
import type { Call, Peer, Sys } from '../sys.ts';
import type { Member } from './docker.ts';

const numberOf = (text: string): number =>
  text === '' ? 0 : text.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);

/** Starts a proxy for each port of an endpoint; gives what ends them. EADDRINUSE. */
export function publish(kernel: Kernel, member: Member): () => void {
  const { ip, ports } = member.endpoint;
  const { daemon } = kernel;
  const wanted = (): boolean => member.process.alive;
  const started: Process[] = [];
  const end = (): void => {
    for (const proxy of started) if (proxy.alive) kernel.terminate(proxy, { signal: 'KILL' });
  };
  try {
    for (const each of ports) {
      const { port, proto, hostIp, hostPort, hostPort6 } = each;
      const start = (host: string, on: number, listening: boolean): void => {
        const proxy = bear(kernel, { parent: daemon });
        started.push(proxy);
        proxy.argv = [
          '/usr/sbin/docker-proxy',
          ...['-proto', proto, '-host-ip', host, '-host-port', String(on)],
          ...['-container-ip', dotted(ip), '-container-port', String(port)],
        ];
        proxy.comm = 'docker-proxy';
        kernel.equip(proxy);
        for (const fd of [0, 1, 2]) proxy.install(openFile(daemon, '/dev/null', { read: true, write: true }), fd);
        const work = listening ? (proto === 'tcp' ? serve : relay) : idle;
        const socket = listening ? listen(proxy.sys, each) : -1;
        proxy.program = work(proxy.sys, socket, { ip, port }, wanted);
        kernel.scheduler.wake(proxy);
      };
      start(hostIp === '' ? '0.0.0.0' : hostIp, hostPort, true);
      // The simulated wire carries version 4 alone: nobody ever calls the one for version 6.
      if (hostIp === '') start('::', hostPort6 ?? hostPort, false);
    }
  } catch (error) {
    end();
    throw error;
  }
  return end;
}

function listen({ more: { net } }: Sys, { proto, hostIp, hostPort: port }: PublishedPort): number {
  const fd = net.socket(proto);
  try {
    net.bind(fd, numberOf(hostIp), port);
  } catch (error) {
    if (!(error instanceof SysError)) throw error;
    const at = `${hostIp === '' ? '0.0.0.0' : hostIp}:${port}`;
    throw new SysError(error.errno, '', `listen ${proto}4 ${at}: bind: ${error.message.toLowerCase()}`);
  }
  if (proto === 'tcp') net.listen(fd);
  return fd;
}

interface Target {
  readonly ip: number;
  readonly port: number;
}

/** Until nobody wants it any more. */
function* idle(sys: Sys, _none: number, _target: Target, wanted: () => boolean): Call<number> {
  while (wanted()) yield { why: 'net', ready: () => !wanted() };
  return sys.pid > 0 ? 0 : 1;
}

/** Until there is something to read: true; or until nobody wants it any more. */
function* awaited(sys: Sys, fds: () => readonly number[], wanted: () => boolean): Call<readonly number[]> {
  const waiting = sys.more.net.poll(fds());
  for (let next = waiting.next(); ; next = waiting.next()) {
    if (next.done === true) return wanted() ? next.value : [];
    const { ready } = next.value;
    if (!wanted()) return [];
    yield { ...next.value, ready: () => !wanted() || ready?.() === true };
  }
}

/** Datagrams both ways: one socket towards the container for each of those who ask. */
function* relay(sys: Sys, listener: number, { ip, port }: Target, wanted: () => boolean): Call<number> {
  const { net } = sys.more;
  const askers = new Map<string, { readonly fd: number; readonly peer: Peer }>();
  for (;;) {
    const ready = yield* awaited(sys, () => [listener, ...[...askers.values()].map(({ fd }) => fd)], wanted);
    if (ready.length === 0) return 0;
    for (const fd of ready) {
      try {
        const { from, bytes } = yield* net.receive(fd);
        if (fd !== listener) {
          const asker = [...askers.values()].find((each) => each.fd === fd);
          if (asker !== undefined) net.sendTo(listener, asker.peer, bytes);
          continue;
        }
        const key = `${from.ip}:${from.port}`;
        let asker = askers.get(key);
        if (asker === undefined) {
          asker = { fd: net.socket('udp'), peer: from };
          yield* net.connect(asker.fd, ip, port);
          askers.set(key, asker);
        }
        yield* sys.write(asker.fd, bytes);
      } catch (error) {
        if (!(error instanceof SysError)) throw error;
      }
    }
  }
}

function* serve(sys: Sys, listener: number, target: Target, wanted: () => boolean): Call<number> {
  sys.sigaction('CHLD', 'ignore');
  for (;;) {
    if ((yield* awaited(sys, () => [listener], wanted)).length === 0) return 0;
    const fd = yield* sys.more.net.accept(listener);
    sys.fork(function* child(own) {
      own.close(listener);
      return yield* passOn(own, fd, target);
    });
    sys.close(fd);
  }
}

/** Both ways, until both have ended. */
function* passOn(sys: Sys, from: number, { ip, port }: Target): Call<number> {
  const { net } = sys.more;
  const to = net.socket('tcp');
  try {
    yield* net.connect(to, ip, port);
    const open = new Set([from, to]);
    while (open.size > 0) {
      for (const fd of yield* net.poll([...open])) {
        const other = fd === from ? to : from;
        const bytes = yield* sys.read(fd);
        if (bytes.length > 0) yield* sys.write(other, bytes);
        else {
          open.delete(fd);
          net.shutdown(other);
        }
      }
    }
    return 0;
  } catch (error) {
    if (error instanceof SysError) return 1;
    throw error;
  }
}
