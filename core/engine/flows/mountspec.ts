/**
 * What `-v` and `--mount` say, read and checked as the daemon does it (moby volume/mounts linux_parser.go).
 */
import { DockerError } from '../errors.ts';
import type { MountPoint, MountSpec } from '../volumes.ts';

/** `path.Clean` of Go. */
export function cleanPath(path: string): string {
  const kept: string[] = [];
  for (const part of path.split('/')) {
    if (part === '..' && (path.startsWith('/') || kept.length > 0)) kept.pop();
    else if (part !== '' && part !== '.') kept.push(part);
  }
  return path.startsWith('/') ? `/${kept.join('/')}` : kept.join('/') || '.';
}

const propagations = ['private', 'rprivate', 'slave', 'rslave', 'shared', 'rshared'];
/** Of each kind a mode may name one. */
const kinds: readonly (readonly string[])[] = [
  ['rw', 'ro'],
  ['Z', 'z'],
  propagations,
  ['nocopy'],
  ['', 'consistent', 'cached', 'delegated', 'default'],
];

export function isMode(mode: string): boolean {
  if (mode === '') return true;
  const words = mode.split(',');
  const known = words.every((word) => kinds.some((kind) => kind.includes(word)));
  return known && kinds.every((kind) => words.filter((word) => kind.includes(word)).length <= 1);
}

export const propagationIn = (mode: string): string | undefined =>
  mode.split(',').find((word) => propagations.includes(word));

export const isCopyless = (mode: string): boolean => mode.split(',').includes('nocopy');

/** `SOURCE:PATH[:MODE]`. */
export function pointOfBind(raw: string, driver?: string): MountPoint {
  const invalid = (why = ''): DockerError =>
    new DockerError(`invalid volume specification: '${raw}'${why === '' ? '' : `: ${why}`}`, 'invalid');
  const parts = raw.split(':');
  const [source = '', target = '', mode = ''] = parts;
  if (source === '' || parts.length > 3) throw invalid();
  if (parts.length === 2 && isMode(target)) throw invalid();
  if (!isMode(mode)) throw new DockerError(`invalid mode: ${mode}`, 'invalid');
  const isBind = source.startsWith('/');
  const propagation = propagationIn(mode);
  const named = !isBind && driver !== undefined;
  const spec: MountSpec = {
    Type: isBind ? 'bind' : 'volume',
    Source: source,
    Target: target,
    ...(mode.split(',').includes('ro') ? { ReadOnly: true } : {}),
    ...(propagation === undefined ? {} : { BindOptions: { Propagation: propagation } }),
    ...(named || isCopyless(mode)
      ? {
          VolumeOptions: {
            ...(isCopyless(mode) ? { NoCopy: true } : {}),
            ...(named ? { DriverConfig: { Name: driver } } : {}),
          },
        }
      : {}),
  };
  try {
    return { ...pointOf(spec), mode };
  } catch (error) {
    if (error instanceof DockerError) throw invalid(error.message);
    throw error;
  }
}

/** Throws DockerError. */
export function pointOf(spec: MountSpec): MountPoint {
  const { Type = '', Source = '', Target = '', ReadOnly = false, VolumeOptions, BindOptions } = spec;
  const refuse = (why: string): never => {
    throw new DockerError(`invalid mount config for type ${JSON.stringify(Type)}: ${why}`, 'invalid');
  };
  if (Target === '') refuse('field Target must not be empty');
  checkTarget(Target, refuse);
  const common = { at: cleanPath(Target), writable: !ReadOnly, mode: '', spec };
  if (Type === 'bind') {
    if (Source === '') refuse('field Source must not be empty');
    const { Propagation = '' } = BindOptions ?? {};
    if (Propagation !== '' && !propagations.includes(Propagation)) refuse(`invalid propagation mode: ${Propagation}`);
    if (VolumeOptions !== undefined) refuse('field VolumeOptions must not be specified');
    if (!Source.startsWith('/')) refuse(`invalid mount path: '${Source}' mount path must be absolute`);
    return { ...common, type: Type, source: cleanPath(Source), propagation: Propagation || 'rprivate' };
  }
  if (Type !== 'volume' && Type !== 'tmpfs') return refuse('mount type unknown');
  if (BindOptions !== undefined) refuse('field BindOptions must not be specified');
  if (Type === 'tmpfs') {
    if (Source !== '') refuse('field Source must not be specified');
    return { ...common, type: Type, propagation: '' };
  }
  if (Source === '' && ReadOnly) refuse('must not set ReadOnly mode when using anonymous volumes');
  return {
    ...common,
    type: Type,
    ...(Source === '' ? {} : { name: Source }),
    propagation: '',
    ...(VolumeOptions?.NoCopy === true ? {} : { copies: true }),
  };
}

function checkTarget(target: string, refuse: (why: string) => never): void {
  if (cleanPath(target) === '/') refuse("invalid specification: destination can't be '/'");
  if (!target.startsWith('/')) refuse(`invalid mount path: '${target}' mount path must be absolute`);
}

/** Where `--tmpfs` may lie. Throws DockerError. */
export const tmpfsPath = (at: string): void =>
  checkTarget(at, (why) => {
    throw new DockerError(why, 'invalid');
  });

/** The options of mount(2) for a tmpfs of `--mount`. */
export function tmpfsData({ ReadOnly, TmpfsOptions: { Mode = 0, SizeBytes = 0 } = {} }: MountSpec): string {
  const units = [
    ['g', 2 ** 30],
    ['m', 2 ** 20],
    ['k', 2 ** 10],
  ] as const;
  const [suffix, unit] = units.find(([, bytes]) => SizeBytes % bytes === 0) ?? ['', 1];
  const words = [
    ReadOnly === true ? 'ro' : '',
    Mode === 0 ? '' : `mode=${Mode.toString(8)}`,
    SizeBytes === 0 ? '' : `size=${SizeBytes / unit}${suffix}`,
  ];
  return words.filter((word) => word !== '').join(',');
}
