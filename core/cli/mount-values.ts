/**
 * `-v`, `--mount`, `--tmpfs`, `--volumes-from` as the client reads them (docker/cli opts/mount.go, cli/compose/loader/volume.go); the
 * daemon looks at the rest.
 */
import type { CreateSpec } from '../engine/index.ts';
import type { Mounting, MountSpec } from '../engine/volumes.ts';
import { csvFields } from './csv.ts';
import { type FlagValues, parseBool, ramInBytes } from './flags.ts';
import type { MountValues } from './mount-door.ts';

type Open<T> = { -readonly [K in keyof T]: T[K] };

function mounting(flags: FlagValues): Pick<CreateSpec, 'mounting' | 'volumes'> {
  const typed = [...new Set(flags.list('volume'))];
  const binds = typed.filter(hasSource);
  const volumes = typed.filter((text) => !hasSource(text));
  const driver = flags.text('volume-driver');
  const tmpfs = flags.list('tmpfs').map((text) => {
    const colon = text.indexOf(':');
    return colon < 0 ? [text, ''] : [text.slice(0, colon), text.slice(colon + 1)];
  });
  const asked: Mounting = {
    ...(binds.length === 0 ? {} : { Binds: binds }),
    ...(driver === '' ? {} : { VolumeDriver: driver }),
    ...(flags.has('volumes-from') ? { VolumesFrom: flags.list('volumes-from') } : {}),
    ...(tmpfs.length === 0 ? {} : { Tmpfs: Object.fromEntries(tmpfs) }),
    ...(flags.has('mount') ? { Mounts: flags.list('mount').map(mountOf) } : {}),
  };
  return {
    ...(Object.keys(asked).length === 0 ? {} : { mounting: asked }),
    ...(volumes.length === 0 ? {} : { volumes }),
  };
}

/** A single letter before the colon is a drive of Windows, not a source. */
const hasSource = (text: string): boolean => text.length > 2 && /^(?:[A-Za-z]:[^:]+|[^:]{2,}|[^:A-Za-z]):/s.test(text);

/** Fields of `--mount` that need no `=`. */
const bare = ['readonly', 'ro', 'volume-nocopy', 'bind-nonrecursive'];

/** One value of `--mount`. Throws a plain Error. */
export function mountOf(text: string): MountSpec {
  let type = 'volume';
  const own: Open<Pick<MountSpec, 'Source' | 'Target' | 'ReadOnly' | 'Consistency'>> = {};
  let bind: Open<NonNullable<MountSpec['BindOptions']>> | undefined;
  let tmpfs: Open<NonNullable<MountSpec['TmpfsOptions']>> | undefined;
  let volume:
    | { nocopy?: boolean; labels: Record<string, string>; options: Record<string, string>; driver?: string }
    | undefined;
  const ofVolume = () => (volume ??= { labels: {}, options: {} });
  for (const field of csvFields(text)) {
    const equals = field.indexOf('=');
    const key = (equals < 0 ? field : field.slice(0, equals)).toLowerCase();
    if (equals < 0 && !bare.includes(key)) throw new Error(`invalid field '${field}' must be a key=value pair`);
    const value = equals < 0 ? 'true' : field.slice(equals + 1);
    const invalid = (): Error => new Error(`invalid value for ${key}: ${value}`);
    const yes = (): boolean => {
      const answer = parseBool(value);
      if (answer === undefined) throw invalid();
      return answer;
    };
    switch (key) {
      case 'type':
        type = value.toLowerCase();
        break;
      case 'source':
      case 'src':
        own.Source = value;
        break;
      case 'target':
      case 'dst':
      case 'destination':
        own.Target = value;
        break;
      case 'readonly':
      case 'ro':
        own.ReadOnly = yes();
        break;
      case 'consistency':
        own.Consistency = value.toLowerCase();
        break;
      case 'bind-propagation':
        bind = { ...bind, Propagation: value.toLowerCase() };
        break;
      case 'bind-nonrecursive':
        bind = { ...bind, NonRecursive: yes() };
        break;
      case 'volume-nocopy':
        ofVolume().nocopy = yes();
        break;
      case 'volume-label':
        setPair(ofVolume().labels, value);
        break;
      case 'volume-driver':
        ofVolume().driver = value;
        break;
      case 'volume-opt':
        setPair(ofVolume().options, value);
        break;
      case 'tmpfs-size':
        tmpfs = { ...tmpfs, SizeBytes: sizeOf(value, invalid) };
        break;
      case 'tmpfs-mode':
        if (!/^[0-7]+$/.test(value)) throw invalid();
        tmpfs = { ...tmpfs, Mode: Number.parseInt(value, 8) };
        break;
      default:
        throw new Error(`unexpected key '${key}' in '${field}'`);
    }
  }
  if (type === '') throw new Error('type is required');
  if ((own.Target ?? '') === '') throw new Error('target is required');
  const mixed = (kind: string): never => {
    throw new Error(`cannot mix '${kind}-*' options with mount type '${type}'`);
  };
  if (volume !== undefined && type !== 'volume') mixed('volume');
  if (bind !== undefined && type !== 'bind') mixed('bind');
  if (tmpfs !== undefined && type !== 'tmpfs') mixed('tmpfs');
  return {
    Type: type,
    ...(own.Source ? { Source: own.Source } : {}),
    ...(own.Target === undefined ? {} : { Target: own.Target }),
    ...(own.ReadOnly === true ? { ReadOnly: true } : {}),
    ...(own.Consistency ? { Consistency: own.Consistency } : {}),
    ...(bind === undefined ? {} : { BindOptions: filled(bind) }),
    ...(volume === undefined ? {} : { VolumeOptions: volumeOptions(volume) }),
    ...(tmpfs === undefined ? {} : { TmpfsOptions: filled(tmpfs) }),
  };
}

/** JSON leaves out what is empty. */
const filled = <T extends object>(fields: T): T =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => Boolean(value))) as T;

function volumeOptions(asked: {
  readonly nocopy?: boolean;
  readonly labels: Record<string, string>;
  readonly options: Record<string, string>;
  readonly driver?: string;
}): NonNullable<MountSpec['VolumeOptions']> {
  const { nocopy = false, labels, options, driver = '' } = asked;
  return {
    ...(nocopy ? { NoCopy: true } : {}),
    ...(Object.keys(labels).length === 0 ? {} : { Labels: sorted(labels) }),
    DriverConfig: {
      ...(driver === '' ? {} : { Name: driver }),
      ...(Object.keys(options).length === 0 ? {} : { Options: sorted(options) }),
    },
  };
}

const sorted = (map: Record<string, string>): Record<string, string> =>
  Object.fromEntries(Object.entries(map).sort(([a], [b]) => (a < b ? -1 : 1)));

function setPair(map: Record<string, string>, text: string): void {
  const equals = text.indexOf('=');
  map[equals < 0 ? text : text.slice(0, equals)] = equals < 0 ? '' : text.slice(equals + 1);
}

function sizeOf(text: string, invalid: () => Error): number {
  try {
    return ramInBytes(text);
  } catch {
    throw invalid();
  }
}

export const mountValues: MountValues = {
  mounting,
  check(value) {
    mountOf(value);
    return value;
  },
};
