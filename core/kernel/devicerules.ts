/**
 * Which devices a control group may use: the device controller of cgroups v1 (Documentation/admin-guide/cgroup-v1/devices.rst,
 * security/device_cgroup.c), and the BPF program that stands for it in v2, which no file shows.
 *
 * Kept true: a group allows all devices but some (`allow`), or none but some (`deny`); no group allows what the one above does
 * not. A group that was told nothing does as the one above.
 */
import { SysError } from '../errors.ts';
import type { Cgroup } from './cgroup.ts';
import type { FileTable } from './cgroupvalues.ts';
import { named, shows, takes } from './cgroupvalues.ts';
import type { Process } from './process.ts';

type Access = 'r' | 'w' | 'm';

interface Rule {
  readonly type: 'b' | 'c';
  /** -1: any. */
  readonly major: number;
  readonly minor: number;
  readonly access: string;
}

interface Rules {
  readonly behaviour: 'allow' | 'deny';
  /** Denied, or allowed: in the order in which they were told. */
  readonly exceptions: readonly Rule[];
}

const all: Rules = { behaviour: 'allow', exceptions: [] };
const ALL = 'a *:* rwm';

/** Under this name a group keeps its rules; in v2 it is the name of no file. */
const KEY = 'devices.list';

/** The rules of nearly all groups are the same text. */
const known = new Map<string, Rules>();
const MOST_KNOWN = 100;

function ruleOf(text: string): Rule {
  const match = /^([bc])\s(\d+|\*):(\d+|\*)\s([rwm]{1,3})$/.exec(text);
  if (match === null) throw new SysError('EINVAL');
  const number = (part: string): number => (part === '*' ? -1 : Number(part));
  const access = [...'rwm'].filter((letter) => match[4]!.includes(letter)).join('');
  return { type: match[1] as 'b' | 'c', major: number(match[2]!), minor: number(match[3]!), access };
}

const star = (number: number): string => (number < 0 ? '*' : String(number));
const textOf = ({ type, major, minor, access }: Rule): string => `${type} ${star(major)}:${star(minor)} ${access}`;

function rulesOf(group: Cgroup): Rules {
  for (let at: Cgroup | undefined = group; at !== undefined; at = at.parent) {
    const text = at.values.get(KEY);
    if (text !== undefined) return parsed(text);
  }
  return all;
}

function parsed(text: string): Rules {
  let rules = known.get(text);
  if (rules === undefined) {
    const [behaviour, ...lines] = text.split('\n');
    rules = { behaviour: behaviour as Rules['behaviour'], exceptions: lines.map(ruleOf) };
    if (known.size >= MOST_KNOWN) known.clear();
    known.set(text, rules);
  }
  return rules;
}

const keep = (group: Cgroup, { behaviour, exceptions }: Rules): void =>
  group.set(KEY, [behaviour, ...exceptions.map(textOf)].join('\n'));

const same = (a: Rule, b: Rule): boolean => a.type === b.type && a.major === b.major && a.minor === b.minor;

/** dev_exception_add: a rule for the same device grows. */
function withRule(list: readonly Rule[], rule: Rule): readonly Rule[] {
  if (!list.some((each) => same(each, rule))) return [...list, rule];
  const both = (a: string, b: string): string => [...'rwm'].filter((x) => a.includes(x) || b.includes(x)).join('');
  return list.map((each) => (same(each, rule) ? { ...each, access: both(each.access, rule.access) } : each));
}

/** dev_exception_rm: only from a rule for the very same device. */
function withoutRule(list: readonly Rule[], rule: Rule): readonly Rule[] {
  return list.flatMap((each) => {
    if (!same(each, rule)) return [each];
    const access = [...each.access].filter((letter) => !rule.access.includes(letter)).join('');
    return access === '' ? [] : [{ ...each, access }];
  });
}

const covers = (rule: number, asked: number): boolean => rule < 0 || rule === asked;
const meets = (rule: number, asked: number): boolean => rule < 0 || asked < 0 || rule === asked;

/** May these rules let somebody do that much? match_exception, match_exception_partial. */
function permits({ behaviour, exceptions }: Rules, { type, major, minor, access }: Rule): boolean {
  if (behaviour === 'deny') {
    return exceptions.some(
      (rule) =>
        rule.type === type &&
        covers(rule.major, major) &&
        covers(rule.minor, minor) &&
        [...access].every((letter) => rule.access.includes(letter)),
    );
  }
  return !exceptions.some(
    (rule) =>
      rule.type === type &&
      meets(rule.major, major) &&
      meets(rule.minor, minor) &&
      [...access].some((letter) => rule.access.includes(letter)),
  );
}

/** What a runtime sets in one go: nothing but these. */
export function restrictDevices(group: Cgroup, rules: readonly string[]): void {
  group.set(KEY, rules.includes(ALL) ? 'allow' : ['deny', ...rules].join('\n'));
}

/** EPERM unless the process may do that with the device. */
export function demandDevice(by: Process, type: 'char' | 'block', rdev: readonly [number, number], want: Access): void {
  const [major, minor] = rdev;
  const asked: Rule = { type: type === 'char' ? 'c' : 'b', major, minor, access: want };
  const of = by.cgroups.find(({ hierarchy: { version, controllers } }) =>
    version === 'v1' ? controllers.includes('devices') : controllers.length > 0,
  );
  for (let at = of; at !== undefined; at = at.hierarchy.version === 'v2' ? at.parent : undefined)
    if (!permits(rulesOf(at), asked)) throw new SysError('EPERM');
}

/** Groups below that were told nothing go on as they were. */
function settleBelow(group: Cgroup): void {
  const rules = rulesOf(group);
  for (const child of group.children.values()) if (!child.values.has(KEY)) keep(child, rules);
}

function allowAll(group: Cgroup): void {
  const above = group.parent === undefined ? all : rulesOf(group.parent);
  if (above.behaviour === 'deny') throw new SysError('EPERM');
  keep(group, above);
}

function allow(group: Cgroup, rule: Rule): void {
  const { behaviour, exceptions } = rulesOf(group);
  const above = group.parent === undefined ? all : rulesOf(group.parent);
  if (behaviour === 'allow') {
    const still = above.behaviour === 'allow' && above.exceptions.some((each) => same(each, rule));
    if (still) throw new SysError('EPERM');
    keep(group, { behaviour, exceptions: withoutRule(exceptions, rule) });
    return;
  }
  if (!permits(above, rule)) throw new SysError('EPERM');
  keep(group, { behaviour, exceptions: withRule(exceptions, rule) });
}

function deny(group: Cgroup, rule: Rule): void {
  const { behaviour, exceptions } = rulesOf(group);
  const left = behaviour === 'deny' ? withoutRule(exceptions, rule) : withRule(exceptions, rule);
  const rules: Rules = { behaviour, exceptions: left };
  keep(group, rules);
  for (const child of group.children.values()) {
    const own = rulesOf(child);
    if (own.behaviour === 'allow' && behaviour === 'allow') deny(child, rule);
    else if (own.behaviour === 'deny') {
      keep(child, { ...own, exceptions: own.exceptions.filter((each) => permits(rules, each)) });
      settleBelow(child);
    }
  }
}

function told(how: 'allow' | 'deny', group: Cgroup, value: string): void {
  if (/^a/.test(value)) {
    if (how === 'deny' && group.children.size > 0) throw new SysError('EINVAL');
    settleBelow(group);
    if (how === 'allow') allowAll(group);
    else keep(group, { behaviour: 'deny', exceptions: [] });
    return;
  }
  const rule = ruleOf(value);
  settleBelow(group);
  if (how === 'allow') allow(group, rule);
  else deny(group, rule);
}

/** Of a group that allows all but some, what is denied is not shown. */
export const deviceFiles: FileTable = named({
  'devices.list': shows((_kernel, group) => {
    const { behaviour, exceptions } = rulesOf(group);
    return behaviour === 'allow' ? `${ALL}\n` : exceptions.map((rule) => `${textOf(rule)}\n`).join('');
  }),
  'devices.allow': takes((kernel, group, value) => {
    told('allow', group, value);
    kernel.cgroups.devicesLimited = true;
  }),
  'devices.deny': takes((kernel, group, value) => {
    told('deny', group, value);
    kernel.cgroups.devicesLimited = true;
  }),
});
