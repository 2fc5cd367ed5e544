/**
 * `/reality/…`: the requests of core/reality.ts, each checked against its schema and handed to the session that it names.
 *
 * Kept true: a bounded number of sessions, bodies of bounded size; a session ends with the connection of its event stream, so
 * a page that is closed, reloaded or killed leaves nothing; a world that opens after its page has gone is closed at once.
 */
import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import * as v from 'valibot';
import {
  type RealityEvent,
  type RealityRequest,
  type RealityRequestName,
  realityRequests,
  type Target,
  UsageError,
} from '../../core/index.ts';
import { refuse } from './refuse.ts';
import { PageSession } from './session.ts';

export interface RealityLimits {
  /** Worlds at a time; a browser has six connections to a server, and each page holds one. */
  readonly sessions: number;
  /** Bytes of a request's body. */
  readonly body: number;
  /** A session in which nothing was asked for that long is closed. */
  readonly idleMs: number;
  /** Characters of output of one line that are handed on; more of it is cut, and the line is interrupted. */
  readonly output: number;
  /** Bytes of events that may wait for a page that does not read; beyond that it is taken for gone. */
  readonly backlog: number;
}

const usual: RealityLimits = {
  sessions: 3,
  body: 64 * 1024,
  idleMs: 30 * 60_000,
  output: 1024 * 1024,
  backlog: 32 * 1024 * 1024,
};

/** A refusal with a sentence for the page: it has shown the token. */
class Refused extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

export class Reality {
  readonly #limits: RealityLimits;
  readonly #sessions = new Map<string, PageSession>();
  /** Worlds that are there, or are being opened or closed. */
  readonly #worlds = new Set<Promise<void>>();
  #closing = false;

  constructor(
    private readonly openTarget: () => Promise<Target>,
    limits: Partial<RealityLimits> = {},
  ) {
    this.#limits = { ...usual, ...limits };
  }

  get size(): number {
    return this.#worlds.size;
  }

  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      await this.#answer(request, response);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      say(response, error.status, { message: error.message });
    }
  }

  async close(): Promise<void> {
    this.#closing = true;
    for (const session of this.#sessions.values()) session.end('the program that serves this page ends');
    await Promise.all(this.#worlds);
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const name = request.url?.slice('/reality/'.length) ?? '';
    if (!isRequestName(name)) return refuse(response, 404);
    if (request.method !== 'POST') return refuse(response, 405, { Allow: 'POST' });
    if (request.headers['content-type'] !== 'application/json') throw new Refused(415, 'JSON is expected');
    const body = await readBody(request, this.#limits.body);
    if (name === 'open') {
      checked('open', body);
      return this.#open(response);
    }
    await this.#ask(name, body);
    say(response, 202, {});
  }

  async #ask(name: Exclude<RealityRequestName, 'open'>, body: unknown): Promise<void> {
    if (name === 'run') {
      const { session, n, line } = checked('run', body);
      if (!this.#session(session).run(n, line)) throw new Refused(409, 'a line is under way');
    } else if (name === 'input') {
      const { session, text, end } = checked('input', body);
      if (!this.#session(session).input(text, end)) throw new Refused(409, 'no line is under way');
    } else if (name === 'resize') {
      const { session, rows, columns } = checked('resize', body);
      this.#session(session).resize(rows, columns);
    } else if (name === 'meanwhile') {
      const { session, line } = checked('meanwhile', body);
      if (!this.#session(session).meanwhile(line)) throw new Refused(409, 'no line waits');
    } else {
      this.#session(checked('interrupt', body).session).interrupt();
    }
  }

  #session(id: string): PageSession {
    const session = this.#sessions.get(id);
    if (session === undefined) throw new Refused(410, 'there is no such session any more');
    return session;
  }

  #open(response: ServerResponse): void {
    if (this.#closing) throw new Refused(503, 'the program that serves this page ends');
    if (this.#worlds.size >= this.#limits.sessions) {
      throw new Refused(429, `${this.#limits.sessions} pages have a world already: close one of them`);
    }
    const life = this.#live(response).finally(() => this.#worlds.delete(life));
    this.#worlds.add(life);
  }

  /** A session from its beginning to its end. */
  async #live(response: ServerResponse): Promise<void> {
    const gone = new Promise<void>((resolve) => response.once('close', resolve));
    response.writeHead(200, { 'Content-Type': 'application/x-ndjson', 'Cache-Control': 'no-store' });
    response.flushHeaders();
    const send = (event: RealityEvent): void => {
      if (response.writableLength > this.#limits.backlog) response.destroy();
      else if (response.writable) response.write(`${JSON.stringify(event)}\n`);
    };
    const target = await this.openTarget().catch((error: unknown) => {
      send({ event: 'closed', why: reason(error) });
    });
    if (target === undefined) return void response.end();
    const id = randomBytes(18).toString('base64url');
    const session = new PageSession(target, send, this.#limits);
    this.#sessions.set(id, session);
    void gone.then(() => session.end('the page is gone'));
    if (response.destroyed) session.end('the page is gone');
    if (this.#closing) session.end('the program that serves this page ends');
    try {
      await session.begin(id);
      await session.ended;
    } catch (error) {
      send({ event: 'closed', why: reason(error) });
    } finally {
      this.#sessions.delete(id);
      response.end();
      await target.close();
    }
  }
}

/** What a person may be told: why a target is not available; faults of the program go to its own terminal. */
function reason(error: unknown): string {
  if (error instanceof UsageError) return error.message;
  process.emitWarning(error instanceof Error ? error : String(error));
  return 'the real target failed; the terminal of the program says more';
}

function isRequestName(name: string): name is RealityRequestName {
  return Object.hasOwn(realityRequests, name);
}

function checked<N extends RealityRequestName>(name: N, body: unknown): RealityRequest<N> {
  const found = v.safeParse(realityRequests[name], body);
  if (!found.success) throw new Refused(400, v.summarize(found.issues));
  return found.output as RealityRequest<N>;
}

/** Reads no more than `most` bytes, whatever Content-Length says. */
async function readBody(request: IncomingMessage, most: number): Promise<unknown> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    size += part.length;
    if (size > most) throw new Refused(413, `more than ${most} bytes`);
    parts.push(part);
  }
  try {
    return JSON.parse(Buffer.concat(parts).toString('utf8'));
  } catch {
    throw new Refused(400, 'this is not JSON');
  }
}

function say(response: ServerResponse, status: number, value: object): void {
  const body = JSON.stringify(value);
  response.writeHead(status, {
    'Content-Type': 'application/json',
    'Content-Length': Buffer.byteLength(body),
    'Cache-Control': 'no-store',
    // What was not read of the request must not be taken for the next one.
    ...(response.req.complete ? {} : { Connection: 'close' }),
  });
  response.end(body);
}
