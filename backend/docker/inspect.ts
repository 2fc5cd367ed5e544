/**
 * The parts of the engine's answers that observations are made from, Docker Engine API v1.41: `GET /containers/json`,
 * `/containers/(id)/json`, `/containers/(id)/changes`, `/images/json`.
 */
export interface ListedContainer {
  readonly Id: string;
}

export interface InspectedContainer {
  readonly Id: string;
  readonly Created: string;
  readonly Name: string;
  readonly Path: string;
  readonly Args: readonly string[];
  readonly Image: string;
  readonly State: {
    readonly Status: string;
    readonly Pid: number;
    readonly ExitCode: number;
    readonly OOMKilled: boolean;
    readonly StartedAt: string;
  };
  readonly Config: { readonly Image: string };
  readonly GraphDriver: {
    readonly Data: { readonly LowerDir: string; readonly UpperDir: string; readonly MergedDir: string };
  };
  readonly Mounts: readonly InspectedMount[];
  readonly HostConfig: { readonly Tmpfs?: Readonly<Record<string, string>> };
}

export interface InspectedMount {
  readonly Type: 'volume' | 'bind' | 'tmpfs';
  readonly Name?: string;
  readonly Source: string;
  readonly Destination: string;
  readonly RW: boolean;
}

export interface ListedVolumes {
  readonly Volumes: readonly { readonly Name: string }[] | null;
}

/** Kind: 0 changed, 1 added, 2 deleted. */
export interface InspectedChange {
  readonly Path: string;
  readonly Kind: 0 | 1 | 2;
}

export interface ListedImage {
  readonly Id: string;
  readonly ParentId: string;
  readonly RepoTags: readonly string[] | null;
  readonly Created: number;
}

/** The image's configuration as it lies in the engine's image store, OCI image spec, config.md. */
export interface ImageConfig {
  readonly config?: { readonly Cmd?: readonly string[] | null };
  readonly history?: readonly { readonly created_by?: string; readonly empty_layer?: boolean }[];
  readonly rootfs: { readonly diff_ids: readonly string[] };
}
