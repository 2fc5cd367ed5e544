/**
 * Networks of a lab, inside the network namespaces of its host and of its containers: bridges, pairs of devices, addresses and
 * routes by ip(8), rules by iptables-restore(8), name servers and proxies by the lab's relay (relay.ts).
 *
 * Kept true: nothing of this machine's own network namespace is read or changed; the calls are those that the steps show
 * (core/shell-network.ts), many in one run of the utility; what belongs to a place of a container (proxies, rules of ports, name
 * server) goes with it, and all goes with the lab's processes.
 */
import { randomBytes } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import {
  answerQuestion,
  type Bridge,
  type Endpoint,
  type NetSpaceFacts,
  networkCalls,
  type Op,
  type OpOf,
  type PublishedPort,
} from '../../core/index.ts';
import { errnoOf, Refused } from '../errno.ts';
import type { Lab } from '../lab.ts';
import { Relay } from './relay.ts';
import { baseRules, dotted, portRules, resolverRules, restoreText } from './rules.ts';
import { netSpacesOf } from './seen.ts';

const docker0: Bridge = { name: 'docker0', ip: 0xac110001, prefix: 16 };

/** A place that a container has on a bridge. */
interface Member {
  /** PID 1 of the container, by the lab's numbers; it stands for the namespace. */
  readonly pid: number;
  endpoint: Endpoint;
  readonly proxies: number[];
}

type Ops =
  | 'bridgeAdd'
  | 'addressAdd'
  | 'linkUp'
  | 'linkRemove'
  | 'rulesAdd'
  | 'rulesRemove'
  | 'pairAdd'
  | 'join'
  | 'rejoin';

/** `ip link …` without its first word, one a line, as `ip -batch` reads it. */
const batch = (calls: readonly (readonly string[])[]): string =>
  calls.map((words) => `${words.slice(1).join(' ')}\n`).join('');

/**
 * With a hardware address drawn by us, as the engine draws one: a bridge that takes over those of its ports changes its own as
 * containers come and go, and is not told to have no carrier while it has none.
 */
function bridgeCalls(op: OpOf<'bridgeAdd'>): readonly (readonly string[])[] {
  const mac = ['02', '42', ...[...randomBytes(4)].map((byte) => byte.toString(16).padStart(2, '0'))].join(':');
  return networkCalls(op).map((words) => [...words.slice(0, 4), 'address', mac, ...words.slice(4)]);
}

export class Networks {
  /** By the name of the host's end. */
  private readonly members = new Map<string, Member>();
  /** How many devices `eth<n>` a container has had: numbers are not given twice. */
  private readonly given = new Map<number, number>();
  private readonly servers = new Set<number>();
  private readonly relay: Relay;
  private files = 0;

  constructor(private readonly lab: Lab) {
    this.relay = new Relay(lab, (pid, question) =>
      answerQuestion(
        question,
        pid,
        [...this.members.values()].map(({ pid: where, endpoint }) => ({ where, endpoint })),
      ),
    );
  }

  readonly handlers: { readonly [N in Ops]: (op: OpOf<N>) => Promise<undefined> } = {
    bridgeAdd: (op) => this.ip(bridgeCalls(op)),
    addressAdd: (op) => this.ip(networkCalls(op)),
    linkUp: (op) => this.ip(networkCalls(op)),
    linkRemove: (op) => this.remove(op),
    rulesAdd: (op) => this.rules(networkCalls(op)),
    rulesRemove: (op) => this.rules(networkCalls(op)),
    pairAdd: (op) => this.pair(op),
    join: (op) => this.join(op.pid, [op.endpoint]),
    rejoin: (op) => this.rejoin(op),
  };

  seen(): Promise<readonly NetSpaceFacts[]> {
    return netSpacesOf(this.lab);
  }

  /** docker0 and the rules that the engine puts when it starts. */
  async prepare(): Promise<void> {
    const { name: device, ip, prefix } = docker0;
    const ops: readonly Extract<Op, { op: Ops }>[] = [
      { op: 'bridgeAdd', bridge: device },
      { op: 'addressAdd', device, ip, prefix },
      { op: 'linkUp', device },
    ];
    await this.ip(ops.flatMap((op) => (op.op === 'bridgeAdd' ? bridgeCalls(op) : networkCalls(op))));
    await this.run(['sysctl', '-q', '-w', 'net.ipv4.ip_forward=1']);
    await this.rules([...baseRules, ...networkCalls({ op: 'rulesAdd', bridge: docker0 })]);
  }

  /** The places of a container that starts. */
  joinFirst(pid: number, endpoints: readonly Endpoint[]): Promise<undefined> {
    this.given.set(pid, 0);
    return this.join(pid, endpoints);
  }

  private async pair(op: OpOf<'pairAdd'>): Promise<undefined> {
    try {
      await this.ip(networkCalls(op));
    } catch (error) {
      await this.ip(networkCalls({ op: 'linkRemove', device: op.endpoint.host })).catch(() => undefined);
      throw error;
    }
  }

  private async join(pid: number, endpoints: readonly Endpoint[]): Promise<undefined> {
    const first = this.given.get(pid) ?? 0;
    this.given.set(pid, first + endpoints.length);
    const named = endpoints.map((endpoint, n) => ({ endpoint, device: `eth${first + n}` }));
    await this.ip(
      named.map(({ endpoint, device }) => ['ip', 'link', 'set', endpoint.peer, 'netns', String(pid), 'name', device]),
    );
    await this.ip(
      named.flatMap(({ endpoint: { ip, prefix, gateway }, device }) => [
        ['ip', 'addr', 'add', `${dotted(ip)}/${prefix}`, 'brd', '+', 'dev', device],
        ['ip', 'link', 'set', device, 'up'],
        ...(gateway === undefined ? [] : [['ip', 'route', 'replace', 'default', 'via', dotted(gateway)]]),
      ]),
      pid,
    );
    for (const endpoint of endpoints) {
      const member: Member = { pid, endpoint, proxies: [] };
      this.members.set(endpoint.host, member);
      try {
        await this.publish(member);
        await this.answerFor(member);
      } catch (error) {
        await this.dismiss(member);
        throw error;
      }
    }
  }

  private async rejoin({ pid, endpoint }: OpOf<'rejoin'>): Promise<undefined> {
    const member = this.members.get(endpoint.host);
    if (member === undefined || member.pid !== pid) throw new Refused('ENODEV', endpoint.host);
    const before = member.endpoint;
    if (before.gateway !== endpoint.gateway && endpoint.gateway !== undefined)
      await this.ip([['ip', 'route', 'replace', 'default', 'via', dotted(endpoint.gateway)]], pid);
    if (JSON.stringify(before.ports) === JSON.stringify(endpoint.ports)) {
      member.endpoint = endpoint;
      return;
    }
    await this.unpublish(member);
    member.endpoint = endpoint;
    await this.publish(member);
  }

  /** What belongs to the place goes first: sockets and rules hold on to nothing then. */
  private async remove(op: OpOf<'linkRemove'>): Promise<undefined> {
    const member = this.members.get(op.device);
    if (member !== undefined) await this.dismiss(member);
    await this.ip(networkCalls(op));
  }

  private async dismiss(member: Member): Promise<void> {
    this.members.delete(member.endpoint.host);
    await this.unpublish(member);
    const { pid } = member;
    const others = [...this.members.values()].some((each) => each.pid === pid);
    if (others) return;
    if (this.servers.delete(pid)) await this.relay.cease(pid);
  }

  /** Proxies first: a port that is taken is noticed by who listens. */
  private async publish(member: Member): Promise<void> {
    const { ip, bridge, ports } = member.endpoint;
    if (ports.length === 0) return;
    try {
      for (const port of ports) await this.proxies(member, port);
    } catch (error) {
      await this.withdraw(member);
      throw error;
    }
    await this.rules(ports.flatMap((port) => portRules('-A', { ...port, ip, bridge })));
  }

  private async proxies({ endpoint, proxies }: Member, port: PublishedPort): Promise<void> {
    const { hostIp, hostPort, hostPort6 = hostPort, proto } = port;
    const ip = dotted(endpoint.ip);
    const at = hostIp === '' ? '0.0.0.0' : hostIp;
    try {
      proxies.push(await this.relay.publish(port, { ip: at, port: hostPort }, ip));
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      const why = error.message.toLowerCase();
      throw new Refused(error.errno, `listen ${proto}4 ${at}:${hostPort}: bind: ${why}`);
    }
    if (hostIp !== '') return;
    // A kernel without version 6 has nobody there who could ask.
    const six = await this.relay.publish(port, { ip: '::', port: hostPort6 }, ip).catch(() => undefined);
    if (six !== undefined) proxies.push(six);
  }

  private async withdraw({ proxies }: Member): Promise<void> {
    for (const pid of proxies.splice(0)) await this.relay.withdraw(pid);
  }

  private async unpublish(member: Member): Promise<void> {
    const { ip, bridge, ports } = member.endpoint;
    const had = member.proxies.length > 0;
    await this.withdraw(member);
    if (had) await this.rules(ports.flatMap((port) => portRules('-D', { ...port, ip, bridge })));
  }

  /** The name server of a container, once. */
  private async answerFor({ pid, endpoint }: Member): Promise<void> {
    if (endpoint.known === undefined || this.servers.has(pid)) return;
    const { udp, tcp } = await this.relay.serve(pid, pid);
    this.servers.add(pid);
    await this.restore(restoreText(resolverRules(udp, tcp)), pid);
  }

  private async rules(calls: readonly (readonly string[])[]): Promise<undefined> {
    try {
      await this.restore(restoreText(calls));
    } catch (error) {
      // Somebody has taken one of them away by hand: the others go one by one.
      if (!calls.every((words) => words.includes('-D'))) throw error;
      for (const words of calls) await this.restore(restoreText([words])).catch(() => undefined);
    }
  }

  private restore(text: string, pid?: number): Promise<undefined> {
    const program = ['env', 'XTABLES_LIBDIR=.', './ld.so', '--library-path', '.', './xtables'];
    return this.withFile(text, (file) => this.run([...program, 'iptables-restore', '--noflush', file], pid));
  }

  /** `ip` calls in the host's namespace, or in that of a container. */
  private ip(calls: readonly (readonly string[])[], pid?: number): Promise<undefined> {
    if (calls.length === 0) return Promise.resolve(undefined);
    const program = ['./ld.so', '--library-path', '.', './ip', '-batch'];
    return this.withFile(batch(calls), (file) => this.run([...program, file], pid));
  }

  private async withFile(text: string, use: (file: string) => Promise<undefined>): Promise<undefined> {
    this.files += 1;
    const file = `jobs/net.${this.files}`;
    writeFileSync(`${this.lab.toolDir}/${file}`, text);
    try {
      return await use(file);
    } finally {
      rmSync(`${this.lab.toolDir}/${file}`, { force: true });
    }
  }

  private async run(words: readonly string[], pid?: number): Promise<undefined> {
    const inside = pid === undefined ? [] : ['nsenter', '-t', String(pid), '-n', '-w.'];
    const ran = await this.lab.inside([...inside, ...words]);
    if (ran.code === 0) return;
    const said = ran.stderr.replace(/Command failed \S+$/, '').trim();
    throw new Refused(/cannot find device|does not exist/i.test(said) ? 'ENODEV' : errnoOf(said), said);
  }
}
