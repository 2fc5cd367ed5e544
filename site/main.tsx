/** Starts the page: engine, app machine, view. */

import { render } from 'preact';
import { createActor } from 'xstate';
import { lessons } from './app/lessons.ts';
import { appMachine } from './app/machine.ts';
import { keepForOffline } from './app/offline.ts';
import { isShared } from './app/shared.ts';
import { read, write } from './app/storage.ts';
import { applyTheme } from './app/theme.ts';
import { startEngine } from './engine/client.ts';
import './pictures/pictures.css';
import './style/base.css';
import './style/layout.css';
import './style/header.css';
import './style/text.css';
import './style/lesson.css';
import './style/panels.css';
import './style/terminal.css';
import './style/over.css';
import { takeToken } from './reality/token.ts';
import { Page } from './view/app.tsx';

void start();

async function start(): Promise<void> {
  applyTheme();
  const token = takeToken();
  const client = await startEngine();
  const app = createActor(appMachine, { input: { client } }).start();

  // Where one was last; a new reader begins with the first lesson.
  const last = read('place');
  const own = last?.startsWith('own.') === true ? await (await import('./app/files.ts')).keptLesson() : undefined;
  const about = last === 'playground' ? undefined : (lessons.find(({ id }) => id === last) ?? own ?? lessons[0]);
  app.send({ type: 'open', about: isShared(location.hash) ? undefined : about });
  app.subscribe(({ context }) => {
    if (read('place') !== context.place.id) write('place', context.place.id);
  });

  const root = document.getElementById('app')!;
  render(<Page app={app} token={token} />, root);
  document.documentElement.dataset.ready = 'true';
  keepForOffline();
}
