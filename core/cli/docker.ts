/**
 * One call of the docker client: from the words after `docker` to the command, its flags and arguments checked as the client
 * checks them, carried out on the engine. Help and usage errors never reach the engine.
 */
import type { Flow } from '../op.ts';
import { commandNamed } from './commands/catalogue.ts';
import { refusal } from './commands/common.ts';
import { groupNamed, isGroup, isKnownOnly, managementCommands, topCommands } from './commands/groups.ts';
import { FlagError, flag, type ParsedFlags, parseFlags } from './flags.ts';
import { argumentError, commandHelp, groupHelp, rootHelp } from './help.ts';
import { imitated } from './imitated.ts';
import { type Cli, CliError, type CommandSpec } from './spec.ts';

const globalFlags = [
  flag('--config', 'string', 'Location of client config files', { default: '/root/.docker' }),
  flag(
    '-c, --context',
    'string',
    'Name of the context to use to connect to the daemon (overrides DOCKER_HOST env var and default context set with "docker context use")',
  ),
  flag('-D, --debug', 'bool', 'Enable debug mode'),
  flag('-H, --host', 'list', 'Daemon socket(s) to connect to'),
  flag('-l, --log-level', 'string', 'Set the logging level ("debug"|"info"|"warn"|"error"|"fatal")', {
    default: 'info',
  }),
  flag('--tls', 'bool', 'Use TLS; implied by --tlsverify'),
  flag('--tlscacert', 'string', 'Trust certs signed only by this CA', { default: '/root/.docker/ca.pem' }),
  flag('--tlscert', 'string', 'Path to TLS certificate file', { default: '/root/.docker/cert.pem' }),
  flag('--tlskey', 'string', 'Path to TLS key file', { default: '/root/.docker/key.pem' }),
  flag('--tlsverify', 'bool', 'Use TLS and verify the remote'),
  flag('-v, --version', 'bool', 'Print version information and quit'),
];

const wholeHelp = (completion: boolean): string =>
  rootHelp(
    globalFlags,
    managementCommands.filter(([name]) => completion || name !== 'completion'),
    topCommands(),
  );

/** Carries out `docker <argv>`; returns the exit code. What a person did wrong ends in text, never in a throw. */
export function* docker(cli: Cli, argv: readonly string[]): Flow<number> {
  try {
    return yield* dispatch(cli, argv);
  } catch (error) {
    cli.err(`${refusal(error)}\n`);
    return error instanceof CliError ? error.exitCode : 1;
  }
}

function* dispatch(cli: Cli, argv: readonly string[]): Flow<number> {
  const root = parse(globalFlags, argv, false, 'docker', () =>
    `\n\n${wholeHelp(false).slice(1)}`.replace(/^\n\n/, '\n\n'),
  );
  if (root.flags.bool('version')) {
    cli.out(`Docker version ${imitated}, build 297e128\n`);
    return 0;
  }
  const wanted = root.args[0] === 'help' ? root.args.slice(1) : root.args;
  const help = root.help || root.args[0] === 'help';
  const unsupported = root.flags.given()[0];
  if (unsupported !== undefined) throw new CliError(`cutaway: docker --${unsupported} is not simulated yet`, 125);
  const [first, second] = wanted;
  if (first === undefined) {
    (help ? cli.out : cli.err)(wholeHelp(true));
    return 0;
  }
  if (isGroup(first)) return yield* inGroup(cli, first, wanted.slice(1), help);
  const spec = commandNamed(first);
  if (spec !== undefined) return yield* command(cli, spec, wanted.slice(1), help);
  if (isKnownOnly(first))
    throw new CliError(`cutaway: docker ${first}${groupWord(first, second)} is not simulated yet`, 125);
  if (root.args[0] === 'help') throw new CliError(`unknown help topic: ${first}`);
  throw new CliError(`docker: '${first}' is not a docker command.\nSee 'docker --help'`);
}

const groupWord = (first: string, second: string | undefined): string =>
  second !== undefined && /^[a-z]/.test(second) && managementCommands.some(([name]) => name === first)
    ? ` ${second}`
    : '';

function* inGroup(cli: Cli, name: string, argv: readonly string[], help: boolean): Flow<number> {
  const usage = (): string => groupHelp(groupNamed(name));
  const parsed = parse([], argv, false, `docker ${name}`, () => `\n${usage()}`);
  const [verb, ...rest] = parsed.args;
  const spec = verb === undefined ? undefined : commandNamed(`${name} ${verb}`);
  if (spec !== undefined) return yield* command(cli, spec, rest, help || parsed.help);
  if (verb !== undefined && groupNamed(name).commands.some(([known]) => known === verb))
    throw new CliError(`cutaway: docker ${name} ${verb} is not simulated yet`, 125);
  const asked = help || parsed.help;
  (asked ? cli.out : cli.err)(usage());
  return asked || verb === undefined ? 0 : 1;
}

function* command(cli: Cli, spec: CommandSpec, argv: readonly string[], help: boolean): Flow<number> {
  const parsed = parse(spec.flags, argv, spec.flagsFirst !== true, `docker ${spec.name}`);
  if (parsed.deprecatedHelp) cli.out('Flag shorthand -h has been deprecated, please use --help\n');
  if (help || parsed.help) {
    cli.out(commandHelp(spec));
    return 0;
  }
  const complaint = argumentError(spec, parsed.args.length);
  if (complaint !== undefined) throw new CliError(complaint);
  const unsupported = parsed.flags.given().find((name) => !spec.acts.includes(name));
  if (unsupported !== undefined)
    throw new CliError(`cutaway: docker ${spec.name} --${unsupported} is not simulated yet`, 125);
  return yield* spec.run(cli, parsed.flags, parsed.args);
}

function parse(
  defs: CommandSpec['flags'],
  argv: readonly string[],
  interspersed: boolean,
  path: string,
  usage: () => string = () => '',
): ParsedFlags {
  try {
    return parseFlags(defs, argv, interspersed);
  } catch (error) {
    if (error instanceof FlagError) throw new CliError(`${error.message}\nSee '${path} --help'.${usage()}`, 125);
    throw error;
  }
}
