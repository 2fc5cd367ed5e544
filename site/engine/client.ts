/**
 * The page's end of the engine: one promise per request. The engine runs in a worker; where the browser starts none (a page
 * opened from a file), it runs on the page's own thread, with the same messages.
 */
import engineAddress from 'virtual:engine';
import * as v from 'valibot';
import { type Scene, share } from '../../core/index.ts';
import { type Answers, type Reply, type Request, replySchema } from './protocol.ts';

type Kind = Request['kind'];
type Answer = Answers[keyof Answers];
type Body<K extends Kind> = Omit<Extract<Request, { kind: K }>, 'id' | 'kind'>;

export interface Client {
  ask<K extends Kind>(kind: K, body: Body<K>): Promise<Answers[K]>;
  /** Ctrl-C for what was asked last of these and is not answered yet: a line gets it, going elsewhere is given up. */
  interrupt(): void;
  /** Gives up all that is under way, whatever it is at: another engine takes over, with a fresh world. */
  restart(): void;
  readonly where: 'worker' | 'page';
  close(): void;
}

interface Port {
  readonly post: (message: unknown) => void;
  readonly close: () => void;
}

interface Waiting {
  readonly done: (value: never) => void;
  readonly failed: (error: Error) => void;
}

/** Starts the engine. */
export async function startEngine(): Promise<Client> {
  const waiting = new Map<number, Waiting>();
  let known: Answer | undefined;
  const receive = (message: unknown): void => {
    const reply = v.parse(replySchema, message);
    if (reply.kind === 'answer') known = sharing(known, reply.value);
    settle(waiting, reply.kind === 'answer' ? { ...reply, value: known! } : reply);
  };
  const fail = (message: string): void => {
    for (const { failed } of waiting.values()) failed(new Error(message));
    waiting.clear();
  };
  const inWorker = location.protocol !== 'file:';
  const open = inWorker ? () => workerPort(receive, fail) : await pagePort(receive);
  let port = open();
  let last = 0;
  /** The last request that a Ctrl-C is for. */
  let foremost = 0;
  const post = (body: object): number => {
    last += 1;
    port.post({ id: last, ...body });
    return last;
  };
  const interrupt = (): void => {
    if (waiting.has(foremost)) post({ kind: 'interrupt', of: foremost });
  };
  return {
    where: inWorker ? 'worker' : 'page',
    ask: (kind, body) =>
      new Promise((done, failed) => {
        // Who goes elsewhere need not come to where the way led before.
        if (kind === 'seek') interrupt();
        const id = post({ kind, ...body });
        waiting.set(id, { done, failed });
        if (kind === 'run' || kind === 'give' || kind === 'seek') foremost = id;
      }),
    interrupt,
    restart: () => {
      port.close();
      fail('given up');
      port = open();
    },
    close: () => port.close(),
  };
}

/** An answer is a copy: what did not change since the last one is taken from there, so that a long session keeps it once. */
function sharing(last: Answer | undefined, answer: Answer): Answer {
  if (!('scenes' in answer)) {
    const shared = share(last, answer);
    // Each answer is a moment of its own, also when nothing changed.
    return 'scene' in shared ? { ...shared, scene: { ...shared.scene } } : shared;
  }
  const scenes: Scene[] = [];
  for (const scene of answer.scenes) scenes.push(share(scenes.at(-1), scene));
  // Scenes of a line's steps, or two moments with what differs in words.
  return { ...answer, scenes };
}

function settle(waiting: Map<number, Waiting>, reply: Reply): void {
  const { done, failed } = waiting.get(reply.id) ?? {};
  waiting.delete(reply.id);
  if (reply.kind === 'answer') done?.(reply.value as never);
  else failed?.(new Error(reply.message));
}

function workerPort(receive: (message: unknown) => void, fail: (message: string) => void): Port {
  const worker = new Worker(engineAddress, { type: 'module' });
  worker.addEventListener('message', ({ data }: MessageEvent<unknown>) => receive(data));
  worker.addEventListener('error', (event) => fail(event.message || 'the engine could not be started'));
  return { post: (message) => worker.postMessage(message), close: () => worker.terminate() };
}

async function pagePort(receive: (message: unknown) => void): Promise<() => Port> {
  const { Engine } = await import('./engine.ts');
  return () => {
    const engine = new Engine();
    let open = true;
    const answered = (reply: unknown): void => {
      if (open) receive(reply);
    };
    return {
      // Later, as a worker would: whoever asks has its promise first.
      post: (message) => void setTimeout(() => engine.answer(message).then(answered)),
      close: () => {
        open = false;
        engine.close();
      },
    };
  };
}
