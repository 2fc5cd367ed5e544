/**
 * Who may ask: the browser page that we served ourselves, and for anything that touches the machine, only with the token.
 *
 * Kept true: the Host must be ours, or a foreign name that resolves to 127.0.0.1 could read our answers (DNS rebinding); an
 * Origin that is given must be ours; the token is compared in constant time.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

/** 256 bits that only the one who started the program is told. */
export function newToken(): string {
  return randomBytes(32).toString('base64url');
}

export class Guard {
  readonly #hosts: ReadonlySet<string>;
  readonly #digest: Buffer;

  constructor(port: number, token: string) {
    this.#hosts = new Set([`127.0.0.1:${port}`, `localhost:${port}`]);
    this.#digest = digest(`Bearer ${token}`);
  }

  /** Whether this is a request that a page of ours, or somebody who opens it, can make. */
  admits({ headers, url = '' }: IncomingMessage): boolean {
    const { host = '', origin } = headers;
    // An absolute target (RFC 9112, 3.2.2) would name another host beside the Host header.
    return this.#hosts.has(host) && url.startsWith('/') && (origin === undefined || origin === `http://${host}`);
  }

  /** Whether it may touch the machine: from our page and with the token. */
  trusts(request: IncomingMessage): boolean {
    const { origin, authorization = '' } = request.headers;
    const site = request.headers['sec-fetch-site'];
    const ours = origin !== undefined && this.admits(request) && (site === undefined || site === 'same-origin');
    // The token is compared whatever `ours` is: the time taken says nothing.
    return timingSafeEqual(digest(authorization), this.#digest) && ours;
  }
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
