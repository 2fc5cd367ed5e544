/**
 * docker-proxy: a process of the host for each published port, that takes connections which no rule redirects (those to
 * 127.0.0.1) and passes them on to the container. It ends with the container.
 */

import { SysError } from '../../errors.ts';
import { dotted } from '../../ip.ts';
import type { Endpoint } from '../../op.ts';
import type { Kernel } from '../kernel.ts';
import { openFile } from '../pathcalls.ts';
import { bear, type Process } from '../process.ts';
import type { Call, Sys } from '../sys.ts';

const numberOf = (text: string): number =>
  text === '' ? 0 : text.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);

export function publish(kernel: Kernel, daemon: Process, container: Process, { ip, ports }: Endpoint): void {
  const started: Process[] = [];
  try {
    for (const { port, hostIp, hostPort } of ports) {
      const proxy = bear(kernel, { parent: daemon });
      started.push(proxy);
      proxy.argv = [
        '/usr/bin/docker-proxy',
        ...['-proto', 'tcp', '-host-ip', hostIp === '' ? '0.0.0.0' : hostIp, '-host-port', String(hostPort)],
        ...['-container-ip', dotted(ip), '-container-port', String(port)],
      ];
      proxy.comm = 'docker-proxy';
      kernel.equip(proxy);
      for (const fd of [0, 1, 2]) proxy.install(openFile(daemon, '/dev/null', { read: true, write: true }), fd);
      const listener = listen(proxy.sys, hostIp, hostPort);
      proxy.program = serve(proxy.sys, listener, { ip, port }, () => container.alive);
      kernel.scheduler.wake(proxy);
    }
  } catch (error) {
    for (const proxy of started) kernel.terminate(proxy, { signal: 'KILL' });
    throw error;
  }
}

function listen({ more: { net } }: Sys, hostIp: string, port: number): number {
  const fd = net.socket('tcp');
  try {
    net.bind(fd, numberOf(hostIp), port);
  } catch (error) {
    if (!(error instanceof SysError)) throw error;
    const at = `${hostIp === '' ? '0.0.0.0' : hostIp}:${port}`;
    throw new SysError(error.errno, '', `listen tcp4 ${at}: bind: ${error.message.toLowerCase()}`);
  }
  net.listen(fd);
  return fd;
}

interface Target {
  readonly ip: number;
  readonly port: number;
}

function* serve(sys: Sys, listener: number, target: Target, wanted: () => boolean): Call<number> {
  sys.sigaction('CHLD', 'ignore');
  for (;;) {
    const waiting = sys.more.net.poll([listener]);
    for (let next = waiting.next(); next.done !== true; next = waiting.next()) {
      const { ready } = next.value;
      if (!wanted()) return 0;
      yield { ...next.value, ready: () => !wanted() || ready?.() === true };
    }
    if (!wanted()) return 0;
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
