/**
 * What the engine answers when it refuses: plain data in the words of Docker 20.10's daemon, without the client's prefix
 * `Error response from daemon: `. The kind is the class that the HTTP API would answer with (moby/errdefs).
 */
export type DockerErrorKind = 'notFound' | 'conflict' | 'invalid' | 'system';

export class DockerError extends Error {
  constructor(
    message: string,
    readonly kind: DockerErrorKind,
    /** The name that was not found; the client words some of these errors itself. */
    readonly subject?: {
      readonly type: 'container' | 'image' | 'network' | 'object' | 'volume';
      readonly name: string;
    },
  ) {
    super(message);
    this.name = 'DockerError';
  }
}

export const noSuchContainer = (name: string): DockerError =>
  new DockerError(`No such container: ${name}`, 'notFound', { type: 'container', name });

export const noSuchImage = (name: string): DockerError =>
  new DockerError(`No such image: ${name}`, 'notFound', { type: 'image', name });

/**
 * Exit code of `docker run` (and of `State.ExitCode`) for a start that failed: 127 when the program was not found, 126 when it
 * could not be executed, otherwise 128 for the state (daemon/errors.go translateContainerdStartErr).
 */
export function startFailureCode(message: string): number {
  const has = (text: string) => message.toLowerCase().includes(text);
  if (has('executable file not found') || has('no such file or directory') || has('are you trying to mount'))
    return 127;
  if (has('permission denied') || has('not a directory') || has('is a directory') || has('exec format error'))
    return 126;
  return 128;
}
