/**
 * `docker inspect`, `docker container inspect`, `docker image inspect`: everything known about an object, as JSON or through
 * a template (docker CLI reference, `docker inspect`).
 *
 * A template is tried on Go structs first and, when a field is missing, on the raw JSON (docker/cli inspect.go): hence two
 * ways to print a nested object, and errors that speak of maps.
 */
import {
  type Container,
  DockerError,
  findContainer,
  findImage,
  inspectContainer,
  inspectImage,
  inspectVolume,
  type Json,
  networking,
} from '../../engine/index.ts';
import type { Flow } from '../../op.ts';
import { type FlagDef, type FlagValues, flag } from '../flags.ts';
import { goJson, goMap, goNil, isRecord, withRawJson } from '../go.ts';
import { type Cli, CliError, type CommandSpec } from '../spec.ts';
import { compile, render, type Template, TemplateExecError, TemplateSyntaxError } from '../template.ts';
import { referenceProblem } from './common.ts';
import { sizesOf } from './sizes.ts';

type Kind = 'container' | 'image' | 'network' | 'volume';
type Inspected = { readonly [key: string]: Json };

const formatFlag = flag('-f, --format', 'string', 'Format the output using the given Go template');
const sizeFlag = (usage: string): FlagDef => flag('-s, --size', 'bool', usage);

const spec = (
  name: string,
  usage: string,
  summary: string,
  flags: readonly FlagDef[],
  kinds?: readonly Kind[],
): CommandSpec => ({
  name,
  usage,
  summary,
  flags,
  acts: ['format', 'size', 'type', 'verbose'],
  args: { rule: 'atLeast', count: 1 },
  *run(cli, values, names): Flow<number> {
    if (values.text('format') !== '') parsed(values.text('format'));
    return yield* inspectAll(cli, values, names, kinds ?? kindsOf(cli, values.text('type')));
  },
});

export const inspect = spec(
  'inspect',
  '[OPTIONS] NAME|ID [NAME|ID...]',
  'Return low-level information on Docker objects',
  [
    formatFlag,
    sizeFlag('Display total file sizes if the type is container'),
    flag('--type', 'string', 'Return JSON for specified type'),
  ],
);

export const inspectContainerCommand = spec(
  'container inspect',
  '[OPTIONS] CONTAINER [CONTAINER...]',
  'Display detailed information on one or more containers',
  [formatFlag, sizeFlag('Display total file sizes')],
  ['container'],
);

export const inspectImageCommand = spec(
  'image inspect',
  '[OPTIONS] IMAGE [IMAGE...]',
  'Display detailed information on one or more images',
  [formatFlag],
  ['image'],
);

export const inspectNetworkCommand = spec(
  'network inspect',
  '[OPTIONS] NETWORK [NETWORK...]',
  'Display detailed information on one or more networks',
  [formatFlag, flag('-v, --verbose', 'bool', 'Verbose output for diagnostics')],
  ['network'],
);

/** Types that this engine has no objects of; asking for one finds nothing. */
const empty = ['config', 'node', 'plugin', 'secret', 'service', 'task'];

function kindsOf({ engine }: Cli, type: string): readonly Kind[] {
  if (type === '')
    return ['container', 'image', ...(engine.facts.bridge === true ? (['network'] as const) : []), 'volume'];
  if (type === 'container' || type === 'image' || type === 'network' || type === 'volume') return [type];
  if (empty.includes(type)) throw new CliError(`cutaway: docker inspect --type ${type} is not simulated yet`, 125);
  throw new CliError(`"${type}" is not a valid value for --type`);
}

function* inspectAll(cli: Cli, flags: FlagValues, names: readonly string[], kinds: readonly Kind[]): Flow<number> {
  const format = flags.text('format');
  const found: Inspected[] = [];
  const errors: string[] = [];
  for (const name of names) {
    const size = flags.known('size') && flags.bool('size');
    const value = yield* find(cli, name, kinds, size);
    if (value !== undefined && size && !('State' in value))
      cli.err(`WARNING: --size ignored for ${'RootFS' in value ? 'image' : 'volume'}\n`);
    if (value !== undefined) found.push(value);
    else errors.push(notFound(name, kinds));
  }
  if (format === '') cli.out(`${JSON.stringify(found, null, 4)}\n`);
  else {
    const { out, err } = evaluateFormat(format, found);
    cli.out(out);
    if (err !== '') errors.push(err);
  }
  if (errors.length > 0) throw new CliError(errors.join('\n'));
  return 0;
}

/** `-f` on objects, one line each (`type`: Go structs of that name, of which there is no raw JSON); when nothing could be printed the client prints an empty line. */
export function evaluateFormat(
  format: string,
  found: readonly Inspected[],
  type?: string,
): { code: number; out: string; err: string } {
  let template: Template;
  try {
    template = parsed(format);
  } catch (error) {
    if (error instanceof CliError) return { code: error.exitCode, out: '', err: error.message };
    throw error;
  }
  let out = '';
  const errors: string[] = [];
  for (const value of found) {
    try {
      out += `${type === undefined ? evaluate(template, value) : render(template, asStruct(value, ''), { type })}\n`;
    } catch (error) {
      if (!(error instanceof TemplateExecError)) throw error;
      errors.push(`template parsing error: ${error.message}`);
    }
  }
  return { code: errors.length > 0 ? 1 : 0, out: out === '' ? '\n' : out, err: errors.join('\n') };
}

function parsed(format: string): Template {
  try {
    return compile(format);
  } catch (error) {
    if (error instanceof TemplateSyntaxError) throw new CliError(`template parsing error: ${error.message}`, 64);
    throw error;
  }
}

function* find(cli: Cli, name: string, kinds: readonly Kind[], size: boolean): Flow<Inspected | undefined> {
  for (const kind of kinds) {
    try {
      if (kind === 'container') return yield* inspected(cli, findContainer(cli.engine, name), size);
      const volume = cli.engine.world.volumes?.[name];
      if (kind === 'image') return inspectImage(cli.engine, findImage(cli.engine, name).id);
      if (kind === 'network') {
        const { networkJson, findNetwork } = networking();
        return networkJson(cli.engine, findNetwork(cli.engine, name));
      }
      if (volume !== undefined) return inspectVolume(cli.engine, volume);
    } catch (error) {
      if (!(error instanceof DockerError)) throw error;
    }
  }
  return undefined;
}

/** Asked for images alone, the client hands on what the engine says of a name that is none. */
function notFound(name: string, kinds: readonly Kind[]): string {
  if (kinds.length > 1) return `Error: No such object: ${name}`;
  const problem = kinds[0] === 'image' ? referenceProblem(name) : undefined;
  if (problem !== undefined) return `Error response from daemon: no such image: ${name}: ${problem}`;
  return `Error: No such ${kinds[0]}: ${name}`;
}

/** `-s` puts two fields before `Mounts`. */
function* inspected(cli: Cli, container: Container, size: boolean): Flow<Inspected> {
  const value = inspectContainer(cli.engine, container.id);
  if (!size) return value;
  const { rw, rootFs } = yield* sizesOf(cli.engine, container);
  const fields = Object.entries(value);
  const at = fields.findIndex(([name]) => name === 'Mounts');
  return Object.fromEntries([...fields.slice(0, at), ['SizeRw', rw], ['SizeRootFs', rootFs], ...fields.slice(at)]);
}

function evaluate(template: Template, value: Inspected): string {
  try {
    return render(template, asStruct(value, ''));
  } catch (error) {
    if (!(error instanceof TemplateExecError)) throw error;
    return render(template, sortedRecord(value), { raw: true });
  }
}

/** A Go map has no order of its own, and is printed by its keys. */
function sorted(value: Json): Json {
  if (Array.isArray(value)) return value.map(sorted);
  return isRecord(value) ? sortedRecord(value) : value;
}

function sortedRecord(value: { readonly [key: string]: Json }): { readonly [key: string]: Json } {
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, item]) => [key, sorted(item)]));
}

/** Fields that are Go maps; every other object is a struct. */
const maps = new Set(
  'Labels Volumes ExposedPorts Ports Networks Containers Data Config.LogConfig Options Sysctls StorageOpt Tmpfs DriverOpts Annotations PortBindings'.split(
    ' ',
  ),
);
/** Fields that are pointers: nil prints as `<nil>`. */
const pointers = new Set(
  'Health Init OomKillDisable PidsLimit MemorySwappiness SizeRw SizeRootFs IPAMConfig StopTimeout Healthcheck Node'.split(
    ' ',
  ),
);

function asStruct(value: Json, name: string): unknown {
  if (value === null) return pointers.has(name) ? null : goNil(maps.has(name) ? 'map' : 'slice');
  if (Array.isArray(value)) return value.map((item: Json) => asStruct(item, ''));
  if (!isRecord(value)) return value;
  const fields = Object.fromEntries(
    Object.entries(value).map(([key, field]) => [
      key,
      asStruct(field as Json, key === 'Config' && name === 'LogConfig' ? 'Config.LogConfig' : key),
    ]),
  );
  if (maps.has(name)) return goMap(fields);
  // Go names the field ID: `{{.Id}}` is found in the raw JSON only, where the keys of all objects are sorted.
  const { Id, ...named } = fields;
  const struct = name === '' && Id !== undefined ? { ...named, ID: Id } : fields;
  return withRawJson({ ...struct, ...absent(fields, name) }, () => goJson(fields, false));
}

/** Fields that JSON leaves out when they are nil, and the one that Go names otherwise. */
function absent(fields: Readonly<Record<string, unknown>>, name: string): Readonly<Record<string, unknown>> {
  const nil: Record<string, readonly string[]> = {
    State: ['Health'],
    HostConfig: ['Init', 'Mounts'],
    '': ['SizeRw', 'SizeRootFs'],
  };
  const missing = (nil[name] ?? []).filter((key) => !(key in fields));
  const lists = Object.entries({ Config: 'ExposedPorts', HostConfig: 'Tmpfs' }).flatMap(([of, key]) =>
    of === name && !(key in fields) ? [[key, goNil('map')] as const] : [],
  );
  return { ...Object.fromEntries(missing.map((key) => [key, null])), ...Object.fromEntries(lists) };
}
