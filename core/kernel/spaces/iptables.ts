/**
 * iptables(8) of the host, in the words of 1.8.9: lists the tables filter and nat (-L -n, -S). It belongs to the host, as
 * docker-init does, and is in no image.
 */
import { dotted } from '../../ip.ts';
import type { Call, Sys } from '../sys.ts';
import { type Chain, emptyTables, type Net4, type Rule, type TableName, type Tables } from './netfilter.ts';

const numbers = { icmp: 1, tcp: 6, udp: 17 } as const;

export function* iptables(sys: Sys, argv: readonly string[]): Call<number> {
  const { table, action, chain, numeric, problem } = readArgs(argv.slice(1));
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
    action === 'L' ? shown.map(([name, each]) => listing(chains, name, each)).join('\n') : specification(shown),
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
  for (let i = 0; i < args.length; i++) {
    const arg = args[i]!;
    const letters = long[arg] ?? (/^-[a-zA-Z]+$/.test(arg) ? arg.slice(1) : undefined);
    if (letters === undefined) chain = arg;
    for (const letter of letters ?? '') {
      if (letter === 't') table = args[++i] ?? '';
      else if (letter === 'n') numeric = true;
      else if (letter === 'L' || letter === 'S') action = letter;
      else if (letter !== 'w') problem ??= `cutaway: -${letter} is not in the simulation`;
    }
  }
  if (table !== 'filter' && table !== 'nat') problem ??= `cutaway: the table ${table} is not in the simulation`;
  if (action === undefined)
    problem ??= "no command specified\nTry `iptables -h' or 'iptables --help' for more information.";
  return {
    ...{ table: table as TableName, action: action ?? 'L', chain, numeric },
    ...(problem === undefined ? {} : { problem }),
  };
}

const long: Readonly<Record<string, string>> = {
  '--table': 't',
  '--list': 'L',
  '--list-rules': 'S',
  '--numeric': 'n',
  '--wait': 'w',
};

const net = ({ ip, prefix }: Net4, full: boolean): string =>
  prefix === 32 && !full ? dotted(ip) : `${dotted(ip)}/${prefix}`;

function listing(chains: Tables['nat'], name: string, { policy, rules }: Chain): string {
  const calls = [...chains.values()].flatMap((each) => each.rules).filter(({ target }) => target === name).length;
  const about = policy === undefined ? `${calls} references` : `policy ${policy}`;
  const head = `Chain ${name} (${about})\ntarget     prot opt source               destination         \n`;
  return head + rules.map(row).join('');
}

function row({ target, proto, src, dst, toLocal, established, dport, to }: Rule): string {
  const place = (wanted: Net4 | undefined): string =>
    `${wanted?.not === true ? '!' : ' '}${(wanted === undefined ? '0.0.0.0/0' : net(wanted, false)).padEnd(19)} `;
  const more = [
    ...(toLocal === true ? ['ADDRTYPE match dst-type LOCAL'] : []),
    ...(established === true ? ['ctstate RELATED,ESTABLISHED'] : []),
    ...(dport === undefined ? [] : [`${proto} dpt:${dport}`]),
    ...(to === undefined ? [] : [`to:${dotted(to.ip)}${to.port === undefined ? '' : `:${to.port}`}`]),
  ];
  const number = String(proto === undefined ? 0 : numbers[proto]);
  return `${target.padEnd(9)}  ${number.padEnd(4)} -- ${place(src)}${place(dst)}${more.map((each) => ` ${each}`).join('')}\n`;
}

function specification(chains: readonly (readonly [string, Chain])[]): string {
  const heads = chains.map(([name, { policy }]) => (policy === undefined ? `-N ${name}\n` : `-P ${name} ${policy}\n`));
  const rules = chains.flatMap(([name, each]) => each.rules.map((rule) => `-A ${name} ${words(rule).join(' ')}\n`));
  return [...heads, ...rules].join('');
}

function words(rule: Rule): string[] {
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
    ...(rule.dport === undefined ? [] : ['-m', rule.proto ?? 'tcp', '--dport', String(rule.dport)]),
    ...(rule.toLocal === true ? ['-m', 'addrtype', '--dst-type', 'LOCAL'] : []),
    ...(rule.established === true ? ['-m', 'conntrack', '--ctstate', 'RELATED,ESTABLISHED'] : []),
    ...['-j', rule.target],
    ...(rule.to === undefined
      ? []
      : ['--to-destination', `${dotted(rule.to.ip)}${rule.to.port === undefined ? '' : `:${rule.to.port}`}`]),
  ];
}
