/**
 * The name server of the engine, 127.0.0.11 in containers of networks that somebody made (libnetwork resolver.go): it listens
 * on ports that nobody chose, to which rules in the container's own namespace lead what is sent to port 53. What it says is
 * nameserver.ts's.
 */
import { answerQuestion } from '../../nameserver.ts';
import type { Kernel } from '../kernel.ts';
import type { Member } from './docker.ts';
import { emptyTables, type Rule, type Tables } from './netfilter.ts';
import { arrived, boundAt, Socket } from './socket.ts';
import { freePort, type Stack } from './stack.ts';
import { type Packet, send } from './travel.ts';

const SERVER = 0x7f00000b;
const PORT = 53;

type Members = () => readonly Member[];

class Resolver extends Socket {
  override kernels = true;

  constructor(
    stack: Stack,
    kind: 'tcp' | 'udp',
    number: number,
    private readonly members: Members,
  ) {
    super(stack, kind, number);
    this.bind(SERVER, freePort(stack));
    if (kind === 'tcp') this.listen();
  }

  override arrive(packet: Packet, bytes: Uint8Array): void {
    const placed = this.members().map(({ stack, endpoint }) => ({ where: stack, endpoint }));
    const said = answerQuestion(bytes, this.stack, placed);
    if (said === undefined) return;
    const { src, dst, sport, dport, kind, track } = packet;
    const back: Packet = {
      kind,
      src: dst,
      dst: src,
      sport: dport,
      dport: sport,
      track,
      answer: true,
      established: true,
    };
    const there = send(this.stack, back);
    if (arrived(there)) boundAt(there, 'udp')?.arrive(there.packet, said);
  }
}

/** Sets the name server up in a namespace, once. */
export function answerNames(kernel: Kernel, stack: Stack, members: Members): void {
  if (stack.tables !== undefined) return;
  const [tcp, udp] = (['tcp', 'udp'] as const).map((kind) => new Resolver(stack, kind, kernel.anonymousIno(), members));
  stack.tables = tablesOf(tcp!.port, udp!.port);
}

function tablesOf(tcp: number, udp: number): Tables {
  const tables = emptyTables();
  const server = { ip: SERVER, prefix: 32 };
  const ports = [
    ['tcp', tcp],
    ['udp', udp],
  ] as const;
  const put = (name: string, rules: readonly Rule[]): void => {
    const policy = tables.nat.get(name)?.policy;
    tables.nat.set(name, { rules, ...(policy === undefined ? {} : { policy }) });
  };
  put('OUTPUT', [{ dst: server, target: 'DOCKER_OUTPUT' }]);
  put('POSTROUTING', [{ dst: server, target: 'DOCKER_POSTROUTING' }]);
  put(
    'DOCKER_OUTPUT',
    ports.map(([proto, port]) => ({ dst: server, proto, dport: PORT, target: 'DNAT', to: { ip: SERVER, port } })),
  );
  put(
    'DOCKER_POSTROUTING',
    ports.map(([proto, port]) => ({ src: server, proto, sport: port, target: 'SNAT', to: { port: PORT } })),
  );
  return tables;
}
