/**
 * The engine's HTTP interface over its unix socket (Docker Engine API v1.41), for queries and for cleaning up: the same facts
 * as the client prints, without starting a program for each. Lines that a learner types never come this way.
 */
import { Agent, type IncomingMessage, request } from 'node:http';

export interface DockerApi {
  /** GET and parse; `undefined` for 404 (the thing went away meanwhile). */
  get<T>(path: string): Promise<T | undefined>;
  bytes(path: string): Promise<Buffer | undefined>;
  post(path: string, body?: Uint8Array): Promise<string>;
  remove(path: string): Promise<void>;
  close(): void;
}

/** The engine answered with an error status. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
    this.name = 'ApiError';
  }
}

async function collect(response: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of response) parts.push(part as Buffer);
  return Buffer.concat(parts);
}

export function dockerApi(socketPath: string): DockerApi {
  const agent = new Agent({ keepAlive: true, maxSockets: 8 });

  const call = (method: string, path: string, body?: Uint8Array): Promise<Buffer> =>
    new Promise((resolve, reject) => {
      const headers = body === undefined ? {} : { 'Content-Type': 'application/x-tar', 'Content-Length': body.length };
      const outgoing = request({ socketPath, agent, method, path: `/v1.41${path}`, headers }, (response) => {
        collect(response).then((answer) => {
          const status = response.statusCode ?? 0;
          // 304: already so. Everything else from 300 on is a refusal.
          if (status < 300 || status === 304) resolve(answer);
          else reject(new ApiError(status, answer.toString('utf8').trim()));
        }, reject);
      });
      outgoing.on('error', reject);
      outgoing.end(body);
    });

  const optional = async (path: string): Promise<Buffer | undefined> => {
    try {
      return await call('GET', path);
    } catch (error) {
      if (error instanceof ApiError && error.status === 404) return undefined;
      throw error;
    }
  };

  return {
    async get<T>(path: string) {
      const answer = await optional(path);
      return answer === undefined ? undefined : (JSON.parse(answer.toString('utf8')) as T);
    },
    bytes: optional,
    post: async (path, body) => (await call('POST', path, body)).toString('utf8'),
    remove: async (path) => {
      await call('DELETE', path);
    },
    close: () => agent.destroy(),
  };
}
