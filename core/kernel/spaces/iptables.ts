/**
 * iptables(8) of the host, in the words of 1.8.9: lists the tables filter and nat (-L -n, -S). It belongs to the host, as
 * docker-init does, and is in no image.
 */
import { dotted } from '../../ip.ts';
import type { Call, Sys } from '../sys.ts';
import { type Chain, emptyTables, type Net4, type Rule, type TableName, type Tables } from './netfilter.ts';

const numbers = { icmp: 1, tcp: 6, udp: 17 } as const;

export function* iptables(sys: Sys, argv: readonly string[]): Call<number> {
  const { table, action, chain, numeric, verbose, problem } = readArgs(argv.slice(1));
  if (problem !== undefined) return yield* refuse(sys, problem, 2);
  if (sys.uid !== 0)
    return yield* refuse(sys, `Could not fetch rule set generation id: Permission denied (you must be root)`, 4);
  const chains = (sys.more.net.tables() ?? emptyTables())[table];
  if (chain !== undefined && !chains.has(chain))
    return yield* refuse(sys, 'No chain/target/match by that name.', 1, '');
  if (action === 'L' && !numeric) return yield* refuse(sys, 'cutaway: -L without -n is not in the simulation', 2);
  const shown = [...chains].filter(([name]) => chain === undefined || name === chain);
  yield* sys.write(
    1,
    action === 'L'
      ? shown.map(([name, each]) => listing(sys, verbose ? table : undefined, chains, name, each)).join('\n')
      : specification(sys, verbose ? table : undefined, shown),
  );
  return 0;
}

function* refuse(sys: Sys, message: string, code: number, version = ' v1.8.9 (nf_tables)'): Call<number> {
  yield* sys.write(2, `iptables${version}: ${message}\n`);
  return code;
}

interface Args {
  readonly table: TableName;
  readonly action: 'L' | 'S';
  readonly chain?: string | undefined;
  readonly numeric: boolean;
  readonly verbose: boolean;
  readonly problem?: string;
}

function readArgs(args: readonly string[]): Args {
  let [table, action, chain, numeric]: [string, Args['action'] | undefined, string | undefined, boolean] = [
    'filter',
    undefined,
    undefined,
    false,
  ];
  let problem: string | undefined;
  let verbose = false;
  for (let i = 0; i < args.length; i++) {
    const arg = args[i]!;
    const letters = long[arg] ?? (/^-[a-zA-Z]+$/.test(arg) ? arg.slice(1) : undefined);
    if (letters === undefined) chain = arg;
    for (const letter of letters ?? '') {
      if (letter === 't') table = args[++i] ?? '';
      else if (letter === 'n') numeric = true;
      else if (letter === 'v') verbose = true;
      else if (letter === 'L' || letter === 'S') action = letter;
      else if (letter !== 'w') problem ??= `cutaway: -${letter} is not in the simulation`;
    }
  }
  if (table !== 'filter' && table !== 'nat') problem ??= `cutaway: the table ${table} is not in the simulation`;
  if (action === undefined)
    problem ??= "no command specified\nTry `iptables -h' or 'iptables --help' for more information.";
  return {
    ...{ table: table as TableName, action: action ?? 'L', chain, numeric, verbose },
    ...(problem === undefined ? {} : { problem }),
  };
}

const long: Readonly<Record<string, string>> = {
  '--table': 't',
  '--list': 'L',
  '--list-rules': 'S',
  '--numeric': 'n',
  '--verbose': 'v',
  '--wait': 'w',
};

const end = ({ ip, port }: NonNullable<Rule['to']>): string =>
  `${ip === undefined ? '' : dotted(ip)}${port === undefined ? '' : `:${port}`}`;

const net = ({ ip, prefix }: Net4, full: boolean): string =>
  prefix === 32 && !full ? dotted(ip) : `${dotted(ip)}/${prefix}`;

/** With `table`: how often rules were used, and devices. */
function listing(
  sys: Sys,
  table: TableName | undefined,
  chains: Tables['nat'],
  name: string,
  { policy, rules }: Chain,
): string {
  const calls = [...chains.values()].flatMap((each) => each.rules).filter(({ target }) => target === name).length;
  const { net } = sys.more;
  const used = table === undefined ? undefined : net.used(table, name);
  const traffic = used === undefined ? '' : ` ${used.packets} packets, ${used.bytes} bytes`;
  const about = policy === undefined ? `${calls} references` : `policy ${policy}${traffic}`;
  const more = ['pkts bytes ', 'in     out     '].map((each) => (table === undefined ? '' : each));
  const head = `Chain ${name} (${about})\n${table === undefined ? '' : ' '}${more[0]}target     prot opt ${more[1]}source               destination         \n`;
  const counted = (rule: Rule): string => {
    if (table === undefined) return '';
    const { packets, bytes } = net.used(table, name, rule);
    return `${count(packets).padStart(5)} ${count(bytes).padStart(5)} `;
  };
  return head + rules.map((rule) => counted(rule) + row(rule, table !== undefined)).join('');
}

/** Five digits at most, then thousands. */
function count(value: number): string {
  if (value <= 99999) return String(value);
  const kilo = Math.round(value / 1000);
  return kilo <= 9999 ? `${kilo}K` : `${Math.round(kilo / 1000)}M`;
}

function row(rule: Rule, devices: boolean): string {
  const { target, proto, src, dst, toLocal, established, dport, to } = rule;
  const over = (wanted: Rule['in']): string =>
    `${wanted === undefined ? '*' : `${wanted.not === true ? '!' : ''}${wanted.name}`}`.padEnd(6);
  const ways = devices ? `${over(rule.in)} ${over(rule.out)} ` : '';
  const place = (wanted: Net4 | undefined): string =>
    `${wanted?.not === true ? '!' : ' '}${(wanted === undefined ? '0.0.0.0/0' : net(wanted, false)).padEnd(19)} `;
  const more = [
    ...(toLocal === true ? ['ADDRTYPE match dst-type LOCAL'] : []),
    ...(established === true ? ['ctstate RELATED,ESTABLISHED'] : []),
    ...(dport === undefined ? [] : [`${proto} dpt:${dport}`]),
    ...(to === undefined ? [] : [`to:${end(to)}`]),
  ];
  const number = String(proto === undefined ? 0 : numbers[proto]);
  return `${target.padEnd(9)}  ${number.padEnd(4)} -- ${ways === '' ? '' : ` ${ways}`}${place(src)}${place(dst)}${more.map((each) => ` ${each}`).join('')}\n`;
}

function specification(sys: Sys, table: TableName | undefined, chains: readonly (readonly [string, Chain])[]): string {
  const { net } = sys.more;
  const counted = (name: string, rule?: Rule): string => {
    if (table === undefined) return '';
    const { packets, bytes } = net.used(table, name, rule);
    return ` -c ${packets} ${bytes}`;
  };
  const heads = chains.map(([name, { policy }]) =>
    policy === undefined ? `-N ${name}\n` : `-P ${name} ${policy}${counted(name)}\n`,
  );
  const rules = chains.flatMap(([name, each]) =>
    each.rules.map((rule) => `-A ${name} ${words(rule, counted(name, rule)).join(' ')}\n`),
  );
  return [...heads, ...rules].join('');
}

function words(rule: Rule, counted: string): string[] {
  const maybe = (flag: string, value: string | undefined, not = false): string[] =>
    value === undefined ? [] : [...(not ? ['!'] : []), flag, value];
  const place = (flag: string, wanted: Net4 | undefined): string[] =>
    maybe(flag, wanted === undefined ? undefined : net(wanted, true), wanted?.not);
  return [
    ...place('-s', rule.src),
    ...place('-d', rule.dst),
    ...maybe('-i', rule.in?.name, rule.in?.not),
    ...maybe('-o', rule.out?.name, rule.out?.not),
    ...maybe('-p', rule.proto),
    ...(rule.sport === undefined ? [] : ['-m', rule.proto ?? 'tcp', '--sport', String(rule.sport)]),
    ...(rule.dport === undefined ? [] : ['-m', rule.proto ?? 'tcp', '--dport', String(rule.dport)]),
    ...(rule.toLocal === true ? ['-m', 'addrtype', '--dst-type', 'LOCAL'] : []),
    ...(rule.established === true ? ['-m', 'conntrack', '--ctstate', 'RELATED,ESTABLISHED'] : []),
    ...(counted === '' ? [] : [counted.trim()]),
    ...['-j', rule.target],
    ...(rule.to === undefined ? [] : [rule.target === 'SNAT' ? '--to-source' : '--to-destination', end(rule.to)]),
  ];
}
