/**
 * A page's session without a browser: asks as our page would, and waits for events.
 */
import { request as httpRequest, type IncomingMessage } from 'node:http';
import type { RealityEvent } from '../../core/index.ts';

export interface Served {
  readonly port: number;
  readonly origin: string;
  readonly token: string;
}

export interface Asked {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export function send(
  { port }: Pick<Served, 'port'>,
  { method = 'GET', path = '/', headers = {}, body }: Asked,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const asking = httpRequest({ host: '127.0.0.1', port, method, path, headers, agent: false }, resolve);
    asking.on('error', reject);
    asking.end(body);
  });
}

export async function bytesOf(answer: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of answer) parts.push(part as Buffer);
  return Buffer.concat(parts);
}

export interface Answered {
  readonly status: number;
  readonly body: string;
  readonly message: IncomingMessage;
}

export async function ask(server: Pick<Served, 'port'>, asked: Asked): Promise<Answered> {
  const message = await send(server, asked);
  return { status: message.statusCode ?? 0, body: (await bytesOf(message)).toString(), message };
}

/** The headers with which our page asks. */
export const ours = ({ origin, token }: Served): Record<string, string> => ({
  Origin: origin,
  Authorization: `Bearer ${token}`,
  'Content-Type': 'application/json',
});

export const post = (
  server: Served,
  name: string,
  body: unknown,
  headers: Record<string, string> = {},
): Promise<Answered> =>
  ask(server, {
    method: 'POST',
    path: `/reality/${name}`,
    headers: { ...ours(server), ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });

export class PageSession {
  readonly events: RealityEvent[] = [];
  #more: () => void = () => undefined;
  #over = false;

  private constructor(readonly stream: IncomingMessage) {
    let rest = '';
    stream.on('data', (chunk: Buffer) => {
      const lines = (rest + chunk.toString()).split('\n');
      rest = lines.pop() ?? '';
      this.events.push(...lines.map((line) => JSON.parse(line) as RealityEvent));
      this.#more();
    });
    stream.on('error', () => undefined);
    stream.on('close', () => {
      this.#over = true;
      this.#more();
    });
  }

  static async open(server: Served): Promise<PageSession> {
    const asked = { method: 'POST', path: '/reality/open', headers: ours(server), body: '{}' };
    return new PageSession(await send(server, asked));
  }

  /** The next such event; those before it are passed over. */
  async until<E extends RealityEvent['event']>(event: E): Promise<Extract<RealityEvent, { event: E }>> {
    for (;;) {
      const found = this.events.find((one) => one.event === event);
      if (found !== undefined) {
        this.events.splice(0, this.events.indexOf(found) + 1);
        return found as Extract<RealityEvent, { event: E }>;
      }
      if (this.#over) throw new Error(`the session ended without "${event}"`);
      await new Promise<void>((resolve) => {
        this.#more = resolve;
      });
    }
  }
}
