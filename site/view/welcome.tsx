/** What stands beside the playground: what it is, things to try, and the lessons. */
import type { JSX } from 'preact';
import type { App } from '../app/hook.ts';
import { lessons } from '../app/lessons.ts';

const tries: readonly (readonly [string, string])[] = [
  ['docker run --name first busybox touch /happiness.txt', 'A container that writes one file and ends'],
  ['docker diff first', 'What is in its read-write layer'],
  ['docker run -d --name web busybox sleep 1000', 'One that keeps running: a process space around it'],
  ['docker exec web ps', 'Processes, as they are seen inside'],
  ['docker commit first happy', 'A read-write layer becomes a read-only one'],
  ['docker run --name thief happy rm /happiness.txt', 'A whiteout hides what lies below'],
  ['mount', 'The host is there as well'],
];

interface WelcomeProps {
  readonly app: App;
  readonly onRun: (line: string) => void;
}

export function Welcome({ app, onRun }: WelcomeProps): JSX.Element {
  return (
    <div class="lesson-text">
      <p class="about">Playground</p>
      <h2>Docker with the side taken off</h2>
      <p>
        Type any docker command, or a command of the host. The picture shows what is there after it; under the hood you
        see every step that it took. Nothing leaves this page: engine and kernel are simulated in it.
      </p>
      <h3>Try</h3>
      <ul class="commands tries">
        {tries.map(([line, what]) => (
          <li key={line}>
            <button type="button" onClick={() => onRun(line)}>
              <span class="sign" aria-hidden="true">
                ▶
              </span>
              <code>{line}</code>
            </button>
            <span class="what">{what}</span>
          </li>
        ))}
      </ul>
      <h3>Lessons</h3>
      <ol class="lessons">
        {lessons.map((about) => (
          <li key={about.id}>
            <button type="button" class="link" onClick={() => app.send({ type: 'open', about })}>
              {about.title}
            </button>{' '}
            <span class="quiet">{about.minutes} min</span>
          </li>
        ))}
      </ol>
    </div>
  );
}
