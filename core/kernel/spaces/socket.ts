/**
 * Sockets, tcp(7) and udp(7): streams and datagrams between programs, carried by the simulated devices (travel.ts).
 *
 * Kept true: a connection is made only when the first packet arrives where somebody listens and its answer finds the way back;
 * bytes arrive only while the way is open, and wait otherwise; ports are unique in their namespace. Who closes with bytes
 * unread, or writes to who has closed, resets the connection.
 */
import { SysError } from '../../errors.ts';
import type { Stat } from '../../vfs/fs.ts';
import { anonymousStat, block, OpenFile } from '../file.ts';
import { Pipe } from '../pipe.ts';
import type { Process } from '../process.ts';
import type { Call, NetSys, Peer } from '../sys.ts';
import { newTrack } from './netfilter.ts';
import { type Bound, freePort, isLocal, type Stack } from './stack.ts';
import { type Arrived, answers, type Fate, type Packet, send, sourceFor } from './travel.ts';

/** SYNs of one connect(2) until it gives up: tcp_syn_retries 6, milliseconds. */
const CONNECT_MS = 127_000;
const BACKLOG = 128;
const QUEUED_DATAGRAMS = 256;
/** Bytes before those of a datagram: headers of IP and UDP. */
const UDP_HEADERS = 28;

/** A connection, or a pair of datagram sockets: what was sent, and where it arrived. */
interface Link {
  readonly from: Stack;
  readonly packet: Packet;
  readonly there: Arrived;
}

export class Socket extends OpenFile implements Bound {
  ip = 0;
  port = 0;
  six = false;
  /** No process holds it: it is the engine's. */
  kernels = false;
  peer: Peer | undefined;
  /** Connections that nobody has accepted yet; only where it listens. */
  waiting: Socket[] | undefined;
  readonly datagrams: { readonly from: Peer; readonly bytes: Uint8Array }[] = [];
  incoming: Pipe | undefined;
  outgoing: Pipe | undefined;
  other: Socket | undefined;
  /** What the next call is refused with. */
  failed: 'ECONNRESET' | 'ECONNREFUSED' | undefined;
  /** The other side knows nothing of this connection any more. */
  private cut = false;
  private link: Link | undefined;
  private open = true;
  private seen = -1;

  constructor(
    readonly stack: Stack,
    readonly kind: 'tcp' | 'udp',
    readonly number: number,
  ) {
    super();
  }

  get label(): string {
    return `socket:[${this.number}]`;
  }

  stat(): Stat {
    return { ...anonymousStat('socket', this.number), mode: 0o777 };
  }

  get bound(): boolean {
    return this.port !== 0;
  }

  /** As /proc/net/tcp calls it. */
  get state(): 'LISTEN' | 'ESTABLISHED' | 'CLOSE_WAIT' | 'FIN_WAIT2' | 'CLOSE' {
    if (this.waiting !== undefined) return 'LISTEN';
    if (this.incoming === undefined || this.outgoing === undefined) return 'CLOSE';
    if (this.outgoing.writers === 0) return 'FIN_WAIT2';
    return this.incoming.writers === 0 ? 'CLOSE_WAIT' : 'ESTABLISHED';
  }

  bind(ip: number, port: number): void {
    if (this.bound || port > 65535) throw new SysError('EINVAL');
    if (ip !== 0 && !isLocal(this.stack, ip)) throw new SysError('EADDRNOTAVAIL');
    const taken = [...this.stack.bound].some(
      (each) => each.kind === this.kind && each.port === port && (each.ip === 0 || ip === 0 || each.ip === ip),
    );
    if (port !== 0 && taken) throw new SysError('EADDRINUSE');
    this.ip = ip;
    this.port = port === 0 ? freePort(this.stack) : port;
    this.stack.bound.add(this);
  }

  listen(): void {
    if (this.kind !== 'tcp') throw new SysError('EOPNOTSUPP');
    if (!this.bound) this.bind(0, 0);
    this.waiting ??= [];
    this.six ||= this.ip === 0;
    this.stack.net.changes += 1;
  }

  /** Joins the two ends of a connection. */
  pair(other: Socket, link: Link): void {
    const [here, there] = [new Pipe(), new Pipe()];
    for (const pipe of [here, there]) {
      pipe.addReader();
      pipe.addWriter();
    }
    [this.incoming, this.outgoing, this.other] = [here, there, other];
    [other.incoming, other.outgoing, other.other] = [there, here, this];
    this.link = link;
    other.link = link;
  }

  /** Does the way between the two ends carry anything now? */
  private get carries(): boolean {
    const { link, stack } = this;
    if (link === undefined || this.seen === stack.net.changes) return this.open;
    this.seen = stack.net.changes;
    const packet = { ...link.packet, established: true, probe: true };
    const there = send(link.from, packet);
    this.open = arrived(there) && there.at === link.there.at && answers(link.from, packet, there);
    return this.open;
  }

  /** read(2) has something to say: bytes, the end or a failure. */
  override get readable(): boolean {
    if (this.waiting !== undefined) return this.waiting.length > 0;
    if (this.failed !== undefined || this.datagrams.length > 0) return true;
    return this.incoming?.canRead === true && this.carries;
  }

  private demand(): void {
    const { failed } = this;
    this.failed = undefined;
    if (failed !== undefined) throw new SysError(failed);
  }

  *read(by: Process, max: number): Call<Uint8Array> {
    if (this.kind === 'udp') return (yield* this.receive(by)).bytes;
    if (this.incoming === undefined) throw new SysError('ENOTCONN');
    yield* block(by, 'answer', () => this.readable);
    this.demand();
    return this.incoming.take(max);
  }

  *receive(by: Process): Call<{ readonly from: Peer; readonly bytes: Uint8Array }> {
    yield* block(by, this.peer === undefined ? 'net' : 'answer', () => this.readable);
    this.demand();
    return this.datagrams.shift()!;
  }

  *write(by: Process, data: Uint8Array): Call<void> {
    if (this.kind === 'udp') {
      if (this.peer === undefined) throw new SysError('EDESTADDRREQ');
      this.sendTo(this.peer, data);
      return;
    }
    const { outgoing } = this;
    if (outgoing === undefined) throw new SysError('ENOTCONN');
    for (let rest = data; rest.length > 0; ) {
      yield* block(by, 'net', () => outgoing.canWrite || this.failed !== undefined);
      if (outgoing.writers === 0 || this.cut) {
        by.raise('PIPE');
        throw new SysError('EPIPE');
      }
      this.demand();
      // The other side has closed: it gets these bytes and says so; what comes after them is refused.
      if (outgoing.broken) {
        this.cut = true;
        this.failed = 'ECONNRESET';
        return;
      }
      rest = rest.subarray(outgoing.put(rest));
    }
  }

  /** Nothing is there of a datagram that is lost; where nobody is bound the sender hears it at its next call. */
  sendTo(to: Peer, bytes: Uint8Array): void {
    this.demand();
    if (!this.bound) this.bind(0, 0);
    const packet = { ...this.packetTo(to), size: bytes.length + UDP_HEADERS };
    const there = send(this.stack, packet);
    if (there === 'lost') return;
    if ('errno' in there) {
      if (there.afterMs === 0) throw new SysError(there.errno);
      return;
    }
    const target = boundAt(there, 'udp');
    if (target !== undefined) target.arrive(there.packet, bytes);
    else if (this.peer !== undefined && answers(this.stack, packet, there)) this.failed = 'ECONNREFUSED';
  }

  /** A datagram has come for it. */
  arrive({ src, sport }: Packet, bytes: Uint8Array): void {
    if (this.datagrams.length < QUEUED_DATAGRAMS) this.datagrams.push({ from: { ip: src, port: sport }, bytes });
  }

  packetTo({ ip, port }: Peer): Packet {
    return { kind: this.kind, src: this.ip, sport: this.port, dst: ip, dport: port, track: newTrack() };
  }

  shutdown(): void {
    if (this.outgoing === undefined) throw new SysError('ENOTCONN');
    this.outgoing.writers = 0;
  }

  override close(): void {
    this.stack.bound.delete(this);
    this.stack.net.changes += 1;
    for (const each of this.waiting ?? []) each.close();
    const { incoming, outgoing, other } = this;
    if (incoming === undefined || outgoing === undefined || other === undefined) return;
    if (incoming.length > 0) other.failed = 'ECONNRESET';
    incoming.readers = 0;
    outgoing.writers = 0;
  }
}

export const arrived = (fate: Fate): fate is Arrived => typeof fate !== 'string' && !('errno' in fate);

/** Who gets what arrives for an address: the one bound to it before the one bound to all. */
export function boundAt({ at, packet }: Arrived, kind: 'tcp' | 'udp'): Socket | undefined {
  const all = [...at.bound].filter(
    (each): each is Socket =>
      each instanceof Socket &&
      each.kind === kind &&
      each.port === packet.dport &&
      (kind === 'udp' || each.waiting !== undefined),
  );
  return all.find(({ ip }) => ip === packet.dst) ?? all.find(({ ip }) => ip === 0);
}

/** One try to connect: done, a refusal (with the time that it takes to come), or nothing comes back. */
function knock(socket: Socket, to: Peer): 'done' | 'lost' | Exclude<Fate, Arrived | string> {
  const packet = { ...socket.packetTo(to), src: socket.ip === 0 ? (sourceFor(socket.stack, to.ip) ?? 0) : socket.ip };
  const there = send(socket.stack, packet);
  if (!arrived(there)) return there;
  if (!answers(socket.stack, packet, there)) return 'lost';
  const listener = boundAt(there, 'tcp');
  if (listener?.waiting === undefined) return { errno: 'ECONNREFUSED', afterMs: 0 };
  if (listener.waiting.length >= BACKLOG) return 'lost';
  const other = new Socket(there.at, 'tcp', socket.number + 1);
  [other.ip, other.port] = [there.packet.dst, there.packet.dport];
  other.six = listener.six;
  other.peer = { ip: there.packet.src, port: there.packet.sport };
  [socket.ip, socket.peer] = [packet.src, to];
  socket.pair(other, { from: socket.stack, packet, there });
  listener.waiting.push(other);
  return 'done';
}

function* connect(self: Process, socket: Socket, to: Peer): Call<void> {
  if (socket.peer !== undefined) throw new SysError('EISCONN');
  if (!socket.bound) socket.bind(0, 0);
  // Any address of one's own means the loopback.
  const target = to.ip === 0 ? { ...to, ip: 0x7f000001 } : to;
  if (socket.kind === 'udp') {
    const source = sourceFor(socket.stack, target.ip);
    if (source === undefined) throw new SysError('ENETUNREACH');
    [socket.ip, socket.peer] = [source, target];
    return;
  }
  const { net } = socket.stack;
  const { kernel } = self;
  const began = kernel.now();
  for (;;) {
    const seen = net.changes;
    const said = knock(socket, target);
    if (said === 'done') return;
    const [errno, afterMs] = said === 'lost' ? (['ETIMEDOUT', CONNECT_MS] as const) : [said.errno, said.afterMs];
    const until = began + afterMs;
    if (kernel.now() >= until) throw new SysError(errno);
    if (self.caught.length > 0) throw new SysError('EINTR');
    yield { why: 'net', until, ready: () => net.changes !== seen || self.caught.length > 0 };
  }
}

type Calls = Pick<
  NetSys,
  'socket' | 'bind' | 'listen' | 'accept' | 'connect' | 'shutdown' | 'sendTo' | 'receive' | 'ends' | 'sockets' | 'poll'
>;

export function socketCalls(stack: Stack, self: Process): Calls {
  const { kernel } = self;
  const socket = (fd: number): Socket => {
    const file = self.file(fd);
    if (!(file instanceof Socket)) throw new SysError('ENOTSOCK');
    return file;
  };
  return {
    socket: (kind) => self.install(new Socket(stack, kind, kernel.anonymousIno())),
    bind(fd, ip, port) {
      if (port > 0 && port < 1024 && !self.can('CAP_NET_BIND_SERVICE', self.ns.net)) throw new SysError('EACCES');
      socket(fd).bind(ip, port);
    },
    listen: (fd) => socket(fd).listen(),
    *accept(fd) {
      const listener = socket(fd);
      const { waiting } = listener;
      if (waiting === undefined) throw new SysError('EINVAL');
      yield* block(self, 'net', () => waiting.length > 0);
      return self.install(waiting.shift()!);
    },
    connect: (fd, ip, port) => connect(self, socket(fd), { ip, port }),
    shutdown: (fd) => socket(fd).shutdown(),
    sendTo: (fd, to, bytes) => socket(fd).sendTo(to, bytes),
    receive: (fd) => socket(fd).receive(self),
    ends(fd) {
      const { ip, port, peer } = socket(fd);
      return { own: { ip, port }, ...(peer === undefined ? {} : { peer }) };
    },
    sockets: () => shownSockets(kernel.processes.values(), stack),
    *poll(fds, until) {
      const files = fds.map((fd) => [fd, self.file(fd)] as const);
      const ready = (): readonly number[] => files.filter(([, file]) => file.readable).map(([fd]) => fd);
      const deadline = until === undefined ? {} : { until };
      const asks = files.some(([, file]) => file instanceof Socket && file.peer !== undefined);
      const why = files.some(([, file]) => !(file instanceof Socket)) ? 'read' : asks ? 'answer' : 'net';
      while (ready().length === 0 && (until === undefined || kernel.now() < until)) {
        if (self.caught.length > 0) throw new SysError('EINTR');
        yield { why, ...deadline, ready: () => self.caught.length > 0 || ready().length > 0 };
      }
      return ready();
    },
  };
}

/** The sockets of a namespace that somebody holds, in the order of their numbers. */
function shownSockets(processes: Iterable<Process>, stack: Stack): ReturnType<NetSys['sockets']> {
  const found = new Set<Socket>();
  for (const { fds } of processes)
    for (const { file } of fds.values()) if (file instanceof Socket && file.stack === stack) found.add(file);
  for (const each of stack.bound) if (each instanceof Socket && each.kernels) found.add(each);
  return [...found]
    .filter(({ bound, peer }) => bound || peer !== undefined)
    .sort((a, b) => a.number - b.number)
    .map(({ kind, ip, port, peer, state, number, incoming, six }) => ({
      ...{ kind, state, number, six, own: { ip, port }, unread: incoming?.length ?? 0 },
      ...(peer === undefined ? {} : { peer }),
    }));
}
