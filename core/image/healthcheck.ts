/** HEALTHCHECK: how often a container is asked whether it is well, and by what (buildkit instructions/parse.go parseHealthcheck). */
import { ChangeError } from './change-error.ts';
import { jsonList } from './json-list.ts';

/** moby's HealthConfig; durations in nanoseconds. */
export interface Healthcheck {
  readonly Test: readonly string[];
  readonly Interval?: number;
  readonly Timeout?: number;
  readonly StartPeriod?: number;
  readonly Retries?: number;
}

/** `flags` without their dashes, `rest` what stands behind them. */
export function healthcheck(flags: readonly string[], rest: string): Healthcheck {
  const [, kind = '', command = ''] = /^(\S*)\s*(.*)$/s.exec(rest) ?? [];
  if (kind === '') throw new ChangeError('HEALTHCHECK requires at least one argument');
  const type = kind.toUpperCase();
  if (type === 'NONE') {
    if (command !== '') throw new ChangeError('HEALTHCHECK NONE takes no arguments');
    return { Test: ['NONE'] };
  }
  if (type !== 'CMD') throw new ChangeError(`Unknown type ${JSON.stringify(type)} in HEALTHCHECK (try CMD)`);
  if (command === '') throw new ChangeError('Missing command after HEALTHCHECK CMD');
  const list = jsonList(command);
  const times = Object.fromEntries(flags.map(readFlag));
  const { Interval, Timeout, StartPeriod, Retries } = times;
  return {
    Test: list === undefined ? ['CMD-SHELL', command] : ['CMD', ...list],
    ...(Interval === undefined ? {} : { Interval }),
    ...(Timeout === undefined ? {} : { Timeout }),
    ...(StartPeriod === undefined ? {} : { StartPeriod }),
    ...(Retries === undefined ? {} : { Retries }),
  };
}

const fields: Readonly<Record<string, string>> = {
  interval: 'Interval',
  timeout: 'Timeout',
  'start-period': 'StartPeriod',
  retries: 'Retries',
};

function readFlag(text: string): readonly [string, number] {
  const [name = '', value = ''] = [text.split('=')[0], text.slice(text.indexOf('=') + 1)];
  const field = fields[name];
  if (field === undefined) throw new ChangeError(`Unknown flag: ${name}`);
  if (!text.includes('=')) throw new ChangeError(`Missing a value on flag: ${name}`);
  if (name !== 'retries') return [field, duration(name, value)];
  if (!/^[+-]?\d+$/.test(value)) {
    throw new ChangeError(`strconv.ParseInt: parsing ${JSON.stringify(value)}: invalid syntax`);
  }
  if (Number(value) < 1) throw new ChangeError(`--retries must be at least 1 (not ${Number(value)})`);
  return [field, Number(value)];
}

const units: Readonly<Record<string, number>> = {
  ns: 1,
  us: 1e3,
  µs: 1e3,
  ms: 1e6,
  s: 1e9,
  m: 60e9,
  h: 3600e9,
};

/** Go's time.ParseDuration, and what the builder allows: a millisecond at least. */
function duration(name: string, text: string): number {
  const quoted = JSON.stringify(text);
  const [, sign = '', all = ''] = /^([+-]?)(.*)$/s.exec(text) ?? [];
  const parts = [...all.matchAll(/(\d+\.?\d*|\.\d+)([^\d.]*)/g)];
  if (all === '' || parts.map(([part]) => part).join('') !== all)
    throw new ChangeError(`time: invalid duration ${quoted}`);
  let sum = 0;
  for (const [, number, unit = ''] of parts) {
    if (unit === '' && Number(number) === 0 && parts.length === 1) break;
    if (unit === '') throw new ChangeError(`time: missing unit in duration ${quoted}`);
    if (units[unit] === undefined)
      throw new ChangeError(`time: unknown unit ${JSON.stringify(unit)} in duration ${quoted}`);
    sum += Number(number) * units[unit]!;
  }
  const value = sign === '-' ? -sum : sum;
  if (value < 1e6) throw new ChangeError(`Interval ${JSON.stringify(name)} cannot be less than 1ms`);
  return value;
}
