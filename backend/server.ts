/**
 * Serves the built site on this machine's loopback and, where the machine can, carries a real target to its page. Plain HTTP
 * by Node's own server: files for everybody on this machine, `/reality/…` for whoever has the token.
 *
 * The page is spoken to by a stream of lines in the answer to one request, and speaks by short requests: unlike a WebSocket,
 * each of them carries the token in a header that no other site can send, and nothing beside Node is needed.
 *
 * Kept true: bound to 127.0.0.1 only; every answer has the headers of headers.ts; `close` ends all sessions and connections.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Target } from '../core/index.ts';
import { SiteFiles } from './server/files.ts';
import { Guard, newToken } from './server/guard.ts';
import { securityHeaders } from './server/headers.ts';
import { Reality, type RealityLimits } from './server/reality.ts';
import { refuse } from './server/refuse.ts';

export interface ServeOptions {
  /** The built site. */
  readonly folder: string;
  /** Default: any that is free. */
  readonly port?: number;
  /** Opens a real target for one page; absent: this machine has none. */
  readonly openTarget?: () => Promise<Target>;
  readonly limits?: Partial<RealityLimits>;
}

export interface SiteServer {
  readonly port: number;
  readonly origin: string;
  readonly token: string;
  /** The address to open: with the token in the fragment, which a browser sends to nobody. */
  readonly url: string;
  /** How many pages have a world now. */
  sessions(): number;
  close(): Promise<void>;
}

const loopback = '127.0.0.1';

/** Rejects with Node's error when the port cannot be had. */
export async function startServer(options: ServeOptions): Promise<SiteServer> {
  const files = new SiteFiles(options.folder);
  const reality = options.openTarget === undefined ? undefined : new Reality(options.openTarget, options.limits);
  const server = createServer({ maxHeaderSize: 16 * 1024, requestTimeout: 30_000 });
  server.maxConnections = 256;
  const port = await listen(server, options.port ?? 0);
  const token = newToken();
  const guard = new Guard(port, token);
  server.on('request', (request, response) => {
    answer(request, response, { guard, files, reality }).catch((error: unknown) => {
      process.emitWarning(error instanceof Error ? error : String(error));
      if (response.headersSent) response.destroy();
      else refuse(response, 500);
    });
  });
  const origin = `http://${loopback}:${port}`;
  return {
    port,
    origin,
    token,
    url: reality === undefined ? `${origin}/` : `${origin}/#token=${token}`,
    sessions: () => reality?.size ?? 0,
    close: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      await reality?.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, loopback, () => resolve((server.address() as AddressInfo).port));
  });
}

interface Parts {
  readonly guard: Guard;
  readonly files: SiteFiles;
  readonly reality: Reality | undefined;
}

async function answer(request: IncomingMessage, response: ServerResponse, parts: Parts): Promise<void> {
  const { guard, files, reality } = parts;
  for (const [name, value] of Object.entries(securityHeaders)) response.setHeader(name, value);
  if (!guard.admits(request)) return refuse(response, 403);
  if (!request.url?.startsWith('/reality/')) return files.answer(request, response);
  if (reality === undefined || !guard.trusts(request)) return refuse(response, 403);
  await reality.answer(request, response);
}
