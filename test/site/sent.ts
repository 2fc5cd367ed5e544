/**
 * What a server sends to one browser, counted on its way: a proxy in front of the site's own server. (The page's Resource Timing
 * does not list what its worker imports.)
 */
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { SiteServer } from '../../backend/server.ts';

export interface Sent {
  readonly path: string;
  /** Bytes of the body as they were sent: compressed. */
  readonly bytes: number;
  /** Asked for by the service worker, which keeps the site for later, or by the page and its engine. */
  readonly by: 'service worker' | 'page';
}

export interface Counter {
  readonly origin: string;
  readonly sent: readonly Sent[];
  close(): Promise<void>;
}

/** Scripts that are asked for to be run say so (Fetch Metadata, Sec-Fetch-Dest); those that are only kept are `empty`. */
const asker = (dest: string | string[] | undefined): Sent['by'] =>
  dest === 'empty' || dest === 'serviceworker' ? 'service worker' : 'page';

export async function countSent(server: Pick<SiteServer, 'origin'>): Promise<Counter> {
  const sent: Sent[] = [];
  const proxy = createServer((incoming, outgoing) => {
    const url = new URL(incoming.url ?? '/', server.origin);
    const { method, headers } = incoming;
    // The server answers only what comes from its own pages.
    const own = { ...headers, host: url.host, ...(headers.origin === undefined ? {} : { origin: server.origin }) };
    const forwarded = request(url, { method, headers: own }, (answer) => {
      let bytes = 0;
      outgoing.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.on('data', (piece: Buffer) => {
        bytes += piece.length;
      });
      answer.on('end', () => sent.push({ path: url.pathname, bytes, by: asker(headers['sec-fetch-dest']) }));
      answer.pipe(outgoing);
    });
    forwarded.on('error', () => outgoing.destroy());
    incoming.pipe(forwarded);
  });
  await new Promise<void>((done) => proxy.listen(0, '127.0.0.1', done));
  return {
    origin: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
    sent,
    close: () =>
      new Promise((done) => {
        proxy.close(() => done());
        proxy.closeAllConnections();
      }),
  };
}

/** Scripts that the page and its engine were sent. */
export const scriptsOf = (sent: readonly Sent[]): readonly Sent[] =>
  sent.filter(({ path, by }) => by === 'page' && path.endsWith('.js'));

export const sizeOf = (sent: readonly Sent[]): number => sent.reduce((sum, { bytes }) => sum + bytes, 0);
