/**
 * The built site as answers to GET and HEAD. A request's path is only looked up in a table of the files that are there, made
 * by walking the folder: no path is ever built from what a request says, so none can lead out of it.
 *
 * Kept true: symbolic links and hidden files are not served; a site that was built anew is noticed.
 */
import { readdir, readFile, stat } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { extname, join } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { refuse } from './refuse.ts';

const types: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.md': 'text/markdown; charset=utf-8',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.webmanifest': 'application/manifest+json',
  '.woff2': 'font/woff2',
};
const worthCompressing = /^text\/|json|svg/;

interface SiteFile {
  readonly body: Buffer;
  readonly zipped?: Buffer;
  readonly type: string;
  readonly etag: string;
}

export class SiteFiles {
  #paths: ReadonlyMap<string, string> = new Map();
  #builtAt = 0;
  readonly #files = new Map<string, SiteFile>();

  constructor(private readonly folder: string) {}

  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.method !== 'GET' && request.method !== 'HEAD') return refuse(response, 405, { Allow: 'GET, HEAD' });
    const path = pathOf(request.url ?? '');
    const file = path === undefined ? undefined : await this.#file(path);
    if (path === undefined || file === undefined) return refuse(response, 404);
    response.setHeader('Content-Type', file.type);
    response.setHeader('ETag', file.etag);
    response.setHeader('Vary', 'Accept-Encoding');
    // Vite puts a hash of its content into the name of everything in assets/.
    const lasting = path.startsWith('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache';
    response.setHeader('Cache-Control', lasting);
    if (request.headers['if-none-match'] === file.etag) {
      response.writeHead(304).end();
      return;
    }
    const zipped = /\bgzip\b/.test(String(request.headers['accept-encoding'])) ? file.zipped : undefined;
    const body = zipped ?? file.body;
    if (zipped !== undefined) response.setHeader('Content-Encoding', 'gzip');
    response.setHeader('Content-Length', body.length);
    response.writeHead(200).end(request.method === 'HEAD' ? undefined : body);
  }

  async #file(path: string): Promise<SiteFile | undefined> {
    await this.#look();
    const known = this.#files.get(path);
    if (known !== undefined) return known;
    const place = this.#paths.get(path);
    const body = place === undefined ? undefined : await readFile(place).catch(() => undefined);
    if (place === undefined || body === undefined) return undefined;
    const type = types[extname(place)] ?? 'application/octet-stream';
    const etag = `"${body.length.toString(36)}-${this.#builtAt.toString(36)}"`;
    const zipped =
      worthCompressing.test(type) && body.length > 1024 ? await promisify(gzip)(body, { level: 9 }) : undefined;
    const file = { body, type, etag, ...(zipped === undefined ? {} : { zipped }) };
    this.#files.set(path, file);
    return file;
  }

  /** Makes the table, again when the site was built again. */
  async #look(): Promise<void> {
    const built = await stat(join(this.folder, 'index.html')).catch(() => undefined);
    if (built === undefined || built.mtimeMs === this.#builtAt) return;
    const paths = new Map<string, string>();
    await collect(this.folder, '', paths);
    const index = paths.get('/index.html');
    if (index !== undefined) paths.set('/', index);
    this.#files.clear();
    this.#paths = paths;
    this.#builtAt = built.mtimeMs;
  }
}

/** The path of a request target in origin form (RFC 9112, 3.2.1), without its query; undefined: not one of ours. */
function pathOf(target: string): string | undefined {
  const [path = ''] = target.split('?', 1);
  try {
    return decodeURIComponent(path);
  } catch {
    return undefined;
  }
}

async function collect(folder: string, path: string, into: Map<string, string>): Promise<void> {
  for (const entry of await readdir(join(folder, path), { withFileTypes: true })) {
    if (entry.name.startsWith('.')) continue;
    const here = `${path}/${entry.name}`;
    if (entry.isDirectory()) await collect(folder, here, into);
    else if (entry.isFile()) into.set(here, join(folder, here));
  }
}
