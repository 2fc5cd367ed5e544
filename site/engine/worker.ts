/** The engine in a worker of its own, so that the page never waits for it. */
import { Engine } from './engine.ts';

const engine = new Engine();
self.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
  void engine.answer(data).then((reply) => self.postMessage(reply));
});
