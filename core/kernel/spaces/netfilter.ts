/**
 * Packet filter and address translation of a network namespace, as iptables(8) has them: tables of chains of rules.
 *
 * Kept true: only the first packet of a connection goes through the table `nat`; what was decided there is kept with the
 * connection (`Track`) and done to all that belongs to it, backwards for the answers.
 */
import { type Counter, type Device, isLocal, newCounter, type Stack, within } from './stack.ts';
import { add, type Packet } from './travel.ts';

export type TableName = 'filter' | 'nat';
export type Hook = 'PREROUTING' | 'INPUT' | 'FORWARD' | 'OUTPUT' | 'POSTROUTING';

export interface Net4 {
  readonly ip: number;
  readonly prefix: number;
  readonly not?: boolean;
}

interface Name {
  readonly name: string;
  readonly not?: boolean;
}

/** One rule; what is absent matches all. */
export interface Rule {
  readonly in?: Name;
  readonly out?: Name;
  readonly src?: Net4;
  readonly dst?: Net4;
  readonly proto?: Packet['kind'];
  readonly dport?: number;
  readonly sport?: number;
  /** `addrtype --dst-type LOCAL`. */
  readonly toLocal?: boolean;
  /** `conntrack --ctstate RELATED,ESTABLISHED`. */
  readonly established?: boolean;
  /** ACCEPT, DROP, RETURN, REJECT, DNAT, SNAT, MASQUERADE or a chain. */
  readonly target: string;
  /** Of DNAT and SNAT. */
  readonly to?: { readonly ip?: number; readonly port?: number };
}

export interface Chain {
  policy?: 'ACCEPT' | 'DROP';
  rules: readonly Rule[];
}

export type Tables = Readonly<Record<TableName, Map<string, Chain>>>;

const hooks: Readonly<Record<TableName, readonly Hook[]>> = {
  filter: ['INPUT', 'FORWARD', 'OUTPUT'],
  nat: ['PREROUTING', 'INPUT', 'OUTPUT', 'POSTROUTING'],
};

export function emptyTables(): Tables {
  const made = (table: TableName): Map<string, Chain> =>
    new Map(hooks[table].map((name) => [name, { policy: 'ACCEPT', rules: [] } as Chain]));
  return { filter: made('filter'), nat: made('nat') };
}

/** What was done to the addresses of a connection, and where. */
export interface Track {
  readonly to: Map<Stack, { readonly before: End; readonly after: End }>;
  readonly from: Map<Stack, { readonly before: number; readonly after: number }>;
}

interface End {
  readonly ip: number;
  readonly port: number;
}

export const newTrack = (): Track => ({ to: new Map(), from: new Map() });

interface Way {
  readonly in?: Device | undefined;
  readonly out?: Device | undefined;
}

const named = (wanted: Name | undefined, device: Device | undefined): boolean =>
  wanted === undefined || (wanted.name === device?.name) !== (wanted.not === true);

const inside = (wanted: Net4 | undefined, ip: number): boolean =>
  wanted === undefined || within(ip, wanted.ip, wanted.prefix) !== (wanted.not === true);

const matches = (stack: Stack, rule: Rule, packet: Packet, way: Way): boolean =>
  named(rule.in, way.in) &&
  named(rule.out, way.out) &&
  inside(rule.src, packet.src) &&
  inside(rule.dst, packet.dst) &&
  (rule.proto === undefined || rule.proto === packet.kind) &&
  (rule.dport === undefined || rule.dport === packet.dport) &&
  (rule.sport === undefined || rule.sport === packet.sport) &&
  (rule.toLocal !== true || isLocal(stack, packet.dst)) &&
  (rule.established !== true || packet.established === true);

/** How often a rule was used. Rules that are put anew and are the same go on counting. */
export function counterOf(stack: Stack, chains: Map<string, Chain>, name: string, rule: Rule): Counter {
  const key = `${chains.has('PREROUTING') ? 'nat' : 'filter'} ${name} ${JSON.stringify(rule)}`;
  let counter = stack.counters.get(key);
  if (counter === undefined) {
    counter = newCounter();
    stack.counters.set(key, counter);
  }
  return counter;
}

/** The rule that decides; 'RETURN' and the end of a chain lead back to where it was called from. */
function decide(stack: Stack, chains: Map<string, Chain>, name: string, packet: Packet, way: Way): Rule | undefined {
  for (const rule of chains.get(name)?.rules ?? []) {
    if (!matches(stack, rule, packet, way)) continue;
    if (packet.probe !== true) add(counterOf(stack, chains, name, rule), packet);
    if (rule.target === 'RETURN') return undefined;
    if (!chains.has(rule.target)) return rule;
    const found = decide(stack, chains, rule.target, packet, way);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Packets of a hook of `filter` that no rule was for. */
export const policyCounter = (stack: Stack, hook: string): Counter =>
  counterOf(stack, new Map(), hook, { target: 'policy' });

/** Is a packet let through? */
export function verdict(stack: Stack, hook: Hook, packet: Packet, way: Way): 'ACCEPT' | 'DROP' | 'REJECT' {
  const chains = stack.tables?.filter;
  if (chains === undefined) return 'ACCEPT';
  const rule = decide(stack, chains, hook, packet, way);
  const target = rule?.target ?? chains.get(hook)?.policy;
  if (rule === undefined && packet.probe !== true) add(policyCounter(stack, hook), packet);
  return target === 'DROP' || target === 'REJECT' ? target : 'ACCEPT';
}

/** A packet after PREROUTING or OUTPUT: perhaps for somebody else. */
export function redirected(stack: Stack, hook: 'PREROUTING' | 'OUTPUT', packet: Packet, way: Way): Packet {
  const { track } = packet;
  if (packet.answer === true) {
    const source = track.from.get(stack);
    return source === undefined || source.after !== packet.dst ? packet : { ...packet, dst: source.before };
  }
  const known = track.to.get(stack);
  if (known !== undefined) return { ...packet, dst: known.after.ip, dport: known.after.port };
  const chains = stack.tables?.nat;
  if (chains === undefined || packet.established === true) return packet;
  const rule = decide(stack, chains, hook, packet, way);
  if (rule?.target !== 'DNAT' || rule.to === undefined) return packet;
  const after = { ip: rule.to.ip ?? packet.dst, port: rule.to.port ?? packet.dport };
  track.to.set(stack, { before: { ip: packet.dst, port: packet.dport }, after });
  return { ...packet, dst: after.ip, dport: after.port };
}

/** A packet after POSTROUTING: perhaps as if this namespace itself had sent it. `own`: its address on the way out. */
export function masqueraded(stack: Stack, packet: Packet, out: Device, own: number): Packet {
  const { track } = packet;
  if (packet.answer === true) return restored(stack, packet);
  const known = track.from.get(stack);
  if (known !== undefined) return { ...packet, src: known.after };
  const chains = stack.tables?.nat;
  if (chains === undefined || packet.established === true) return packet;
  if (decide(stack, chains, 'POSTROUTING', packet, { out })?.target !== 'MASQUERADE') return packet;
  track.from.set(stack, { before: packet.src, after: own });
  return { ...packet, src: own };
}

/** An answer bears the address again that the question was sent to. */
export function restored(stack: Stack, packet: Packet): Packet {
  const target = packet.answer === true ? packet.track.to.get(stack) : undefined;
  if (target === undefined || target.after.ip !== packet.src) return packet;
  return { ...packet, src: target.before.ip, sport: target.before.port };
}
