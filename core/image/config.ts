/**
 * The config of an image: what Docker 20.10 writes for one, field by field. Source: OCI image spec, config.md; moby
 * image/image.go.
 *
 * Kept true: an image's ID is the sha256 of its config's JSON text, so the text is kept beside the parsed value and never
 * written anew. Top-level fields are in alphabetical order, those of `config` and of `history` in the order of Go's structs.
 */
import type { Digest } from '../op.ts';
import { digestOf } from './digest.ts';
import { goJson } from './json.ts';

/** How a container of the image is run: moby's container.Config, in its field order. */
export interface RunConfig {
  readonly Hostname: string;
  readonly Domainname: string;
  readonly User: string;
  readonly AttachStdin: boolean;
  readonly AttachStdout: boolean;
  readonly AttachStderr: boolean;
  readonly ExposedPorts?: Readonly<Record<string, object>>;
  readonly Tty: boolean;
  readonly OpenStdin: boolean;
  readonly StdinOnce: boolean;
  readonly Env: readonly string[] | null;
  readonly Cmd: readonly string[] | null;
  readonly Healthcheck?: object;
  readonly ArgsEscaped?: boolean;
  readonly Image: string;
  readonly Volumes: Readonly<Record<string, object>> | null;
  readonly WorkingDir: string;
  readonly Entrypoint: readonly string[] | null;
  readonly NetworkDisabled?: boolean;
  readonly MacAddress?: string;
  readonly OnBuild: readonly string[] | null;
  readonly Labels: Readonly<Record<string, string>> | null;
  readonly StopSignal?: string;
  readonly StopTimeout?: number;
  readonly Shell?: readonly string[];
}

/** One line of `docker history`, oldest first in the config. */
export interface HistoryEntry {
  readonly created?: string;
  readonly author?: string;
  readonly created_by?: string;
  readonly comment?: string;
  /** This step made no layer. */
  readonly empty_layer?: boolean;
}

export interface ImageConfig {
  readonly architecture: string;
  readonly author?: string;
  readonly comment?: string;
  readonly config?: Partial<RunConfig>;
  readonly container?: string;
  readonly container_config?: Partial<RunConfig>;
  readonly created?: string;
  readonly docker_version?: string;
  readonly history?: readonly HistoryEntry[];
  readonly os: string;
  readonly rootfs: { readonly type: 'layers'; readonly diff_ids: readonly Digest[] };
}

/** A RunConfig that says nothing. */
export const emptyRunConfig: RunConfig = {
  Hostname: '',
  Domainname: '',
  User: '',
  AttachStdin: false,
  AttachStdout: false,
  AttachStderr: false,
  Tty: false,
  OpenStdin: false,
  StdinOnce: false,
  Env: null,
  Cmd: null,
  Image: '',
  Volumes: null,
  WorkingDir: '',
  Entrypoint: null,
  OnBuild: null,
  Labels: null,
};

const runFields = [
  'Hostname',
  'Domainname',
  'User',
  'AttachStdin',
  'AttachStdout',
  'AttachStderr',
  'ExposedPorts',
  'Tty',
  'OpenStdin',
  'StdinOnce',
  'Env',
  'Cmd',
  'Healthcheck',
  'ArgsEscaped',
  'Image',
  'Volumes',
  'WorkingDir',
  'Entrypoint',
  'NetworkDisabled',
  'MacAddress',
  'OnBuild',
  'Labels',
  'StopSignal',
  'StopTimeout',
  'Shell',
] as const satisfies readonly (keyof RunConfig)[];

const historyFields = ['created', 'author', 'created_by', 'comment', 'empty_layer'] as const;

/** Fields in a fixed order; those that are undefined, and empty optional texts, are left out (Go's omitempty). */
function inOrder<T extends object>(value: T, fields: readonly (keyof T & string)[]): Record<string, unknown> {
  return Object.fromEntries(fields.filter((name) => value[name] !== undefined).map((name) => [name, value[name]]));
}

/** A RunConfig with all fields that Go writes, in Go's order; maps sorted by key. */
export function runConfigJson(config: Partial<RunConfig>): Record<string, unknown> {
  const ordered = inOrder({ ...emptyRunConfig, ...config }, runFields);
  for (const name of ['ExposedPorts', 'Volumes', 'Labels']) {
    const map = ordered[name];
    if (typeof map === 'object' && map !== null) ordered[name] = sortedByKey(map);
  }
  return ordered;
}

function sortedByKey(map: object): object {
  return Object.fromEntries(Object.entries(map).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** The config's text: the bytes that the image's ID is the hash of. */
export function imageJson(image: ImageConfig): string {
  return goJson({
    architecture: image.architecture,
    author: image.author || undefined,
    comment: image.comment || undefined,
    config: image.config === undefined ? undefined : runConfigJson(image.config),
    container: image.container || undefined,
    container_config: image.container_config === undefined ? undefined : runConfigJson(image.container_config),
    created: image.created,
    docker_version: image.docker_version || undefined,
    history: image.history?.map((line) => inOrder(withoutEmpty(line), historyFields)),
    os: image.os,
    rootfs: { type: image.rootfs.type, diff_ids: image.rootfs.diff_ids },
  });
}

function withoutEmpty(line: HistoryEntry): HistoryEntry {
  return Object.fromEntries(Object.entries(line).filter(([, value]) => value !== '' && value !== false));
}

/** sha256 of the config's text. */
export function imageId(json: string): Digest {
  return digestOf(json);
}

/** The diffID of a tar without members (1,024 zero bytes): such a layer is left out of an image. */
export const EMPTY_LAYER: Digest = 'sha256:5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef';

export interface Commit {
  /** Config of the image that the container was made from. */
  readonly parent: ImageConfig;
  readonly containerId: string;
  /** The container's own config. */
  readonly containerConfig: Partial<RunConfig>;
  /** Config of the new image: the container's, changed by `--change`. Default: the container's. */
  readonly config?: Partial<RunConfig>;
  /** The read-write layer as packed. */
  readonly diffId: Digest;
  readonly author?: string;
  readonly comment?: string;
  /** RFC 3339. */
  readonly created: string;
  readonly dockerVersion: string;
}

/** The config of the image that `docker commit` makes. */
export function commitConfig(commit: Commit): ImageConfig {
  const { parent, containerConfig, diffId, created } = commit;
  const isEmpty = diffId === EMPTY_LAYER;
  const line: HistoryEntry = {
    created,
    ...(commit.author ? { author: commit.author } : {}),
    created_by: (containerConfig.Cmd ?? []).join(' '),
    ...(commit.comment ? { comment: commit.comment } : {}),
    ...(isEmpty ? { empty_layer: true } : {}),
  };
  return {
    architecture: parent.architecture,
    ...(commit.author ? { author: commit.author } : {}),
    config: commit.config ?? containerConfig,
    container: commit.containerId,
    container_config: containerConfig,
    created,
    docker_version: commit.dockerVersion,
    history: [...(parent.history ?? []), line],
    os: parent.os,
    rootfs: { type: 'layers', diff_ids: isEmpty ? parent.rootfs.diff_ids : [...parent.rootfs.diff_ids, diffId] },
  };
}
