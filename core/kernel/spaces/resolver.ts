/**
 * The name server of the engine, 127.0.0.11 in containers of networks that somebody made (libnetwork resolver.go): it listens
 * on ports that nobody chose, to which rules in the container's own namespace lead what is sent to port 53.
 *
 * Kept true: it knows the members of the networks that its own container is on, and nobody else. For other names it would ask
 * the name servers of the host; there is none that it could reach, so it says nothing, as dockerd does then.
 */
import { type Asked, readQuestion, reply, replyName } from '../../dns.ts';
import type { Kernel } from '../kernel.ts';
import type { Member } from './docker.ts';
import { emptyTables, type Rule, type Tables } from './netfilter.ts';
import { arrived, boundAt, Socket } from './socket.ts';
import { freePort, type Stack } from './stack.ts';
import { type Packet, send } from './travel.ts';

const SERVER = 0x7f00000b;
const PORT = 53;
/** Types of what is asked for, RFC 1035 and RFC 3596. */
const [A, PTR, AAAA] = [1, 12, 28];

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
    const asked = readQuestion(bytes);
    const said = asked === undefined ? undefined : this.answer(asked);
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

  /** Members of the networks that the asker is on; those of one network only, of the first that knows the name. */
  private answer(asked: Asked): Uint8Array | undefined {
    const all = this.members().filter(({ endpoint }) => endpoint.known !== undefined);
    const own = all.filter(({ stack }) => stack === this.stack).sort((a, b) => (domain(a) < domain(b) ? -1 : 1));
    const near = own.map(({ endpoint }) => all.filter((each) => each.endpoint.bridge === endpoint.bridge));
    if (asked.type === PTR) {
      const ip = reversed(asked.name);
      const found = near.flat().find(({ endpoint }) => endpoint.ip === ip);
      return found === undefined ? undefined : replyName(asked, `${found.endpoint.known!.names[0]}.${domain(found)}`);
    }
    const name = asked.name.toLowerCase();
    const found = near.map((some) => some.filter((each) => isCalled(each, name))).find((some) => some.length > 0);
    if (found === undefined || (asked.type !== A && asked.type !== AAAA)) return undefined;
    return reply(asked, asked.type === A ? found.map(({ endpoint }) => endpoint.ip) : [], true);
  }
}

const domain = ({ endpoint }: Member): string => endpoint.known!.network;

const isCalled = (member: Member, name: string): boolean =>
  member.endpoint.known!.names.some((each) => {
    const own = each.toLowerCase();
    return name === own || name === `${own}.${domain(member).toLowerCase()}`;
  });

/** The address in `2.0.18.172.in-addr.arpa`. */
function reversed(name: string): number | undefined {
  const [, text] = /^((?:\d+\.){4})in-addr\.arpa$/.exec(name) ?? [];
  return text?.split('.').reduceRight((sum, part) => (part === '' ? sum : sum * 256 + Number(part)), 0);
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
