/**
 * The page's end of core/reality.ts: opens a session with the program that serves the page, hands on its events, and asks.
 *
 * Kept true: `close` ends the session and with it the world that belongs to it; `closed` is the last event, once, however the
 * session ends.
 */
import type { RealityEvent, RealityRequest, RealityRequestName } from '../../core/index.ts';

export interface Server {
  /** Where it answers, without a slash at the end. */
  readonly origin: string;
  readonly token: string;
  /** For tests outside of a browser. */
  readonly fetch?: typeof fetch;
}

/** A request without the session's name, which the link knows. */
type Asked = Exclude<RealityRequestName, 'open'>;
type Body<N extends Asked> = Omit<RealityRequest<N>, 'session'>;

export class Link {
  readonly #abort = new AbortController();
  #session = '';
  #over = false;
  #reader: ReadableStreamDefaultReader<string> | undefined;

  constructor(
    private readonly server: Server,
    private readonly listen: (event: RealityEvent) => void,
  ) {
    this.#read().then(
      () => this.#end('the program that serves this page has ended the session'),
      (error: unknown) =>
        this.#end(error instanceof Refusal ? error.message : 'the program that served this page is gone'),
    );
  }

  /** Rejects when the request is refused or nobody answers. */
  async ask<N extends Asked>(name: N, body: Body<N>): Promise<void> {
    await this.#post(name, { session: this.#session, ...body });
  }

  close(): void {
    this.#over = true;
    this.#abort.abort();
    // Node's fetch may forget the signal once it has an answer.
    this.#reader?.cancel().catch(() => undefined);
  }

  #end(why: string): void {
    if (this.#over) return;
    this.#over = true;
    this.listen({ event: 'closed', why });
  }

  async #read(): Promise<void> {
    const response = await this.#post('open', {});
    this.#reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    for await (const line of lines(this.#reader)) {
      const event = JSON.parse(line) as RealityEvent;
      if (event.event === 'ready') this.#session = event.session;
      if (event.event === 'closed') return this.#end(event.why);
      if (!this.#over) this.listen(event);
    }
  }

  async #post(name: RealityRequestName, body: object): Promise<Response> {
    const { origin, token, fetch: ask = fetch } = this.server;
    const response = await ask(`${origin}/reality/${name}`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
      cache: 'no-store',
      credentials: 'omit',
      redirect: 'error',
      signal: this.#abort.signal,
    });
    if (!response.ok) throw new Refusal(await refusal(response));
    return response;
  }
}

/** The program answered, and said no. */
class Refusal extends Error {}

async function refusal(response: Response): Promise<string> {
  if (response.status === 403)
    return 'the program that serves this page was started anew: open the address that it prints';
  const said: unknown = await response.json().catch(() => undefined);
  const message = said instanceof Object && 'message' in said ? said.message : undefined;
  return typeof message === 'string' ? message : `the program that serves this page answered ${response.status}`;
}

async function* lines(reader: ReadableStreamDefaultReader<string> | undefined): AsyncGenerator<string> {
  let rest = '';
  for (;;) {
    const { done, value } = (await reader?.read()) ?? { done: true, value: undefined };
    if (done) return;
    const parts = (rest + value).split('\n');
    rest = parts.pop() ?? '';
    yield* parts;
  }
}
