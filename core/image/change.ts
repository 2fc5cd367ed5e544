/**
 * `--change` of `docker commit` and `docker import`: instructions of a Dockerfile that only change the config (moby
 * builder/dockerfile BuildFromConfig, buildkit frontend/dockerfile/{parser,instructions,shell}). Messages are the daemon's.
 *
 * Kept true: nothing is changed when any of the instructions is wrong.
 */
import { ChangeError } from './change-error.ts';
import type { RunConfig } from './config.ts';
import { healthcheck } from './healthcheck.ts';
import { jsonList } from './json-list.ts';
import { expand } from './shell-word.ts';

/** One instruction: its name in lower case, its `--flags`, and the rest of the line. */
export interface Instruction {
  readonly name: string;
  readonly flags: readonly string[];
  readonly rest: string;
}

interface State {
  readonly config: RunConfig;
  /** A CMD came before: an ENTRYPOINT does not take it away. */
  readonly cmdSet: boolean;
}

type Apply = (state: State, instruction: Instruction) => State;

/** The instructions of some lines; comments and continued lines as in a Dockerfile. */
function readInstructions(text: string): Instruction[] {
  const lines = text
    .split('\n')
    .filter((line) => !/^\s*#/.test(line))
    .join('\n')
    .replace(/\\[ \t]*\n/g, '')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  if (lines.length === 0) throw new ChangeError('file with no instructions');
  return lines.map((line) => {
    const [, name = '', after = ''] = /^(\S+)\s*(.*)$/s.exec(line) ?? [];
    return { name: name.toLowerCase(), ...flagsOf(after) };
  });
}

function flagsOf(text: string): Pick<Instruction, 'flags' | 'rest'> {
  const flags: string[] = [];
  let rest = text;
  for (let match = /^--(\S*)\s*/.exec(rest); match !== null && match[0] !== '--'; match = /^--(\S*)\s*/.exec(rest)) {
    rest = rest.slice(match[0].length);
    if (match[1] === '') break;
    flags.push(match[1]!);
  }
  return { flags, rest };
}

/** A config with changes applied, before what it leaves open is taken from the container. */
export function changedConfig(config: RunConfig, changes: readonly string[]): RunConfig {
  if (changes.length === 0) return config;
  const instructions = readInstructions(changes.join('\n'));
  for (const { name } of instructions) {
    if (!Object.hasOwn(appliers, name)) throw new ChangeError(`${name} is not a valid change command`);
  }
  let state: State = { config, cmdSet: false };
  for (const instruction of instructions) {
    const [unknown] = instruction.name === 'healthcheck' ? [] : instruction.flags;
    if (unknown !== undefined) throw new ChangeError(`Unknown flag: ${unknown.split('=')[0]}`);
    state = appliers[instruction.name]!(state, instruction);
  }
  return filled(state.config, config);
}

/** What a change took away comes back from the container (daemon/commit.go merge). */
function filled(changed: RunConfig, container: RunConfig): RunConfig {
  const bare = (changed.Entrypoint ?? []).length === 0;
  const Cmd = bare && (changed.Cmd ?? []).length === 0 ? container.Cmd : changed.Cmd;
  return {
    ...changed,
    Cmd,
    Entrypoint: bare && changed.Entrypoint === null ? container.Entrypoint : changed.Entrypoint,
    User: changed.User || container.User,
    WorkingDir: changed.WorkingDir || container.WorkingDir,
  };
}

const appliers: Readonly<Record<string, Apply>> = {
  cmd: (state, { rest }) => {
    const list = jsonList(rest) ?? withShell(state.config, rest);
    return { config: { ...state.config, Cmd: list }, cmdSet: state.cmdSet || list.length > 0 };
  },
  entrypoint: (state, { rest }) => {
    const list = rest === '' ? [] : (jsonList(rest) ?? withShell(state.config, rest));
    const Entrypoint = list.length > 0 ? list : null;
    return { ...state, config: { ...state.config, Entrypoint, Cmd: state.cmdSet ? state.config.Cmd : null } };
  },
  env: (state, { rest }) => {
    let env = state.config.Env ?? [];
    for (const [name, value] of pairs('ENV', rest, env)) {
      if (name === '') throw new ChangeError('ENV names can not be blank');
      const at = env.findIndex((entry) => entry.split('=')[0] === name);
      env = at === -1 ? [...env, `${name}=${value}`] : env.with(at, `${name}=${value}`);
    }
    return { ...state, config: { ...state.config, Env: env } };
  },
  expose: (state, { rest }) => {
    const words = someWords('EXPOSE', rest).flatMap((word) => split(expand(word, state.config.Env ?? [])));
    const ports = Object.fromEntries(words.flatMap(portsOf).map((port) => [port, {}]));
    return { ...state, config: { ...state.config, ExposedPorts: { ...state.config.ExposedPorts, ...ports } } };
  },
  healthcheck: (state, { flags, rest }) => ({
    ...state,
    config: { ...state.config, Healthcheck: healthcheck(flags, rest) },
  }),
  label: (state, { rest }) => {
    const labels = Object.fromEntries(pairs('LABEL', rest, state.config.Env ?? []));
    if ('' in labels) throw new ChangeError('LABEL names can not be blank');
    return { ...state, config: { ...state.config, Labels: { ...state.config.Labels, ...labels } } };
  },
  onbuild: (state, { rest }) => {
    const trigger = split(rest)[0]?.toUpperCase();
    if (trigger === undefined) throw new ChangeError('ONBUILD requires at least one argument');
    if (trigger === 'ONBUILD') throw new ChangeError("Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed");
    if (trigger === 'MAINTAINER' || trigger === 'FROM') {
      throw new ChangeError(`${trigger} isn't allowed as an ONBUILD trigger`);
    }
    return { ...state, config: { ...state.config, OnBuild: [...(state.config.OnBuild ?? []), rest] } };
  },
  user: (state, { rest }) => {
    if (rest === '') throw new ChangeError('USER requires exactly one argument');
    return { ...state, config: { ...state.config, User: expand(rest, state.config.Env ?? []) } };
  },
  volume: (state, { rest }) => {
    const words = jsonList(rest) ?? split(rest);
    if (words.length === 0) throw new ChangeError('VOLUME requires at least one argument');
    const paths = words.map((word) => expand(word, state.config.Env ?? []).trim());
    if (paths.includes('')) throw new ChangeError('VOLUME specified can not be an empty string');
    const volumes = Object.fromEntries(paths.map((path) => [path, {}]));
    return { ...state, config: { ...state.config, Volumes: { ...state.config.Volumes, ...volumes } } };
  },
  workdir: (state, { rest }) => {
    if (rest === '') throw new ChangeError('WORKDIR requires exactly one argument');
    const path = expand(rest, state.config.Env ?? []);
    const WorkingDir = path.startsWith('/') ? path : joined('/', state.config.WorkingDir, path);
    return { ...state, config: { ...state.config, WorkingDir } };
  },
};

const withShell = (config: RunConfig, text: string): readonly string[] => [
  ...(config.Shell ?? ['/bin/sh', '-c']),
  ...(text === '' ? [] : [text]),
];

const split = (text: string): string[] => text.split(/\s+/).filter((word) => word !== '');

function someWords(name: string, text: string): string[] {
  const words = split(text);
  if (words.length === 0) throw new ChangeError(`${name} requires at least one argument`);
  return words;
}

/** `name=value …`, or the old form `name value with spaces`. */
function pairs(name: string, text: string, env: readonly string[]): (readonly [string, string])[] {
  const words = quotedWords(text);
  const [first] = words;
  if (first === undefined) throw new ChangeError(`${name} requires at least one argument`);
  if (!first.includes('=')) {
    const [, key = '', value] = /^(\S+)\s+(.+)$/s.exec(text) ?? [];
    if (value === undefined) throw new ChangeError(`${name} must have two arguments`);
    return [[expand(key, env), expand(value, env)]];
  }
  return words.map((word) => {
    const at = word.indexOf('=');
    if (at === -1) {
      throw new ChangeError(`Syntax error - can't find = in ${JSON.stringify(word)}. Must be of the form: name=value`);
    }
    return [expand(word.slice(0, at), env), expand(word.slice(at + 1), env)] as const;
  });
}

/** Words apart by blanks that are neither quoted nor escaped; quotes and escapes stay. */
function quotedWords(text: string): string[] {
  return text.match(/(?:\\.|"(?:\\.|[^"\\])*"?|'[^']*'?|[^\s"'\\]|\\$)+/gs) ?? [];
}

/** `8080`, `53/udp`, `1000-1002/tcp` (github.com/docker/go-connections/nat ParsePortSpecs). */
function portsOf(spec: string): string[] {
  const slash = spec.indexOf('/');
  const proto = slash === -1 ? 'tcp' : spec.slice(slash + 1).toLowerCase();
  const range = (slash === -1 ? spec : spec.slice(0, slash)).split(':').at(-1)!;
  if (range === '') throw new ChangeError(`No port specified: ${spec}<empty>`);
  const [from, to = from] = range.split('-').map((text) => (/^\d+$/.test(text) ? Number(text) : Number.NaN));
  if (!(from! <= to! && to! <= 65535) || range.split('-').length > 2) {
    throw new ChangeError(`Invalid containerPort: ${range}`);
  }
  if (!['tcp', 'udp', 'sctp'].includes(proto)) throw new ChangeError(`Invalid proto: ${proto}`);
  return Array.from({ length: to! - from! + 1 }, (_, n) => `${from! + n}/${proto}`);
}

/** Go's filepath.Join. */
function joined(...parts: readonly string[]): string {
  const names: string[] = [];
  for (const name of parts.join('/').split('/')) {
    if (name === '..') names.pop();
    else if (name !== '' && name !== '.') names.push(name);
  }
  return `/${names.join('/')}`;
}
