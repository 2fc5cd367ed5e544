/**
 * The config of an image that comes from outside: checked against what Docker 20.10 takes it for (moby image.Image,
 * container.Config), refused in its words.
 *
 * Kept true: nothing of a config gets further that is not of the type that the rest of the program expects.
 */
import type { ImageConfig } from './config.ts';
import { GoJsonError, parseGoJson } from './go-json.ts';
import { fit, type Shape, shape } from './go-shape.ts';

const { any, bool, int, list, map, string, struct, text, time } = shape;
const nothing = struct('struct {}', {});

const healthcheck = struct('container.HealthConfig', {
  Test: list(text),
  Interval: int,
  Timeout: int,
  StartPeriod: int,
  Retries: int,
});

const runConfig: Shape = struct('container.Config', {
  Hostname: text,
  Domainname: text,
  User: text,
  AttachStdin: bool,
  AttachStdout: bool,
  AttachStderr: bool,
  ExposedPorts: map(nothing, 'nat.PortSet'),
  Tty: bool,
  OpenStdin: bool,
  StdinOnce: bool,
  Env: list(text),
  Cmd: shape.words,
  Healthcheck: healthcheck,
  ArgsEscaped: bool,
  Image: text,
  Volumes: map(nothing, 'map[string]struct {}'),
  WorkingDir: text,
  Entrypoint: shape.words,
  NetworkDisabled: bool,
  MacAddress: text,
  OnBuild: list(text),
  Labels: map(text),
  StopSignal: text,
  StopTimeout: int,
  Shell: list(text),
});

const history = struct('image.History', {
  created: time,
  author: text,
  created_by: text,
  comment: text,
  empty_layer: bool,
});

const image: Shape = struct('image.Image', {
  id: text,
  parent: text,
  comment: text,
  created: time,
  container: text,
  container_config: runConfig,
  docker_version: text,
  author: text,
  config: runConfig,
  architecture: text,
  variant: text,
  os: text,
  rootfs: struct('image.RootFS', { type: text, diff_ids: list(string('layer.DiffID')) }),
  history: list(history),
  'os.version': text,
  'os.features': list(text),
});

/** Throws GoJsonError. */
export function readConfig(json: string): ImageConfig {
  const made = (fit(parseGoJson(json, 'document'), image) ?? {}) as Partial<ImageConfig>;
  if (made.rootfs === undefined) throw new GoJsonError('invalid image JSON, no RootFS key');
  const diffIds = made.rootfs.diff_ids ?? [];
  return {
    ...made,
    architecture: made.architecture ?? '',
    os: made.os ?? '',
    rootfs: { type: made.rootfs.type ?? 'layers', diff_ids: diffIds },
  };
}

/** One entry of manifest.json (image/tarexport). */
export interface ManifestItem {
  readonly Config?: string;
  readonly RepoTags?: readonly string[];
  readonly Layers?: readonly string[];
  readonly Parent?: string;
}

const manifest = list(
  struct('tarexport.manifestItem', {
    Config: text,
    RepoTags: list(text),
    Layers: list(text),
    Parent: string('image.ID'),
    LayerSources: map(any, 'map[layer.DiffID]distribution.Descriptor'),
  }),
);

/** Throws GoJsonError. */
export const readManifest = (json: string): readonly ManifestItem[] =>
  (fit(parseGoJson(json, 'first'), manifest) ?? []) as readonly ManifestItem[];
