/** Where one is, what can be taken back, what can be kept, and light or dark. */
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { type App, useSelector } from '../app/hook.ts';
import { type LessonAbout, lessons } from '../app/lessons.ts';
import { hostWords, isUsual } from '../app/shared.ts';
import { readKept } from '../app/storage.ts';
import { currentTheme, onTheme, switchTheme } from '../app/theme.ts';
import { Icon, IconButton } from './icons.tsx';
import { Menu } from './menu.tsx';

interface HeaderProps {
  readonly app: App;
  readonly onHost: () => void;
  readonly onLink: () => void;
  readonly onSave: () => void;
  readonly onOpenFile: (file: File) => void;
}

export function Header(props: HeaderProps): JSX.Element {
  const { app } = props;
  const past = useSelector(app, ({ context }) => context.edits.past.length > 0);
  // What runs is given up by it.
  const running = useSelector(app, (snapshot) => snapshot.matches({ work: 'running' }));
  const future = useSelector(app, ({ context }) => context.edits.future.length > 0);
  const [theme, setTheme] = useState(currentTheme());
  // The system may change its mind as well.
  useEffect(() => onTheme(() => setTheme(currentTheme())), []);
  return (
    <header class="header">
      <h1>
        <Logo />
        <span class="name">Cutaway</span>
      </h1>
      <Places app={app} />
      <span class="gap" />
      <IconButton
        label="Undo the last command"
        icon="undo"
        off={!past && !running}
        onClick={() => app.send({ type: 'undo' })}
      />
      <IconButton label="Redo" icon="redo" off={!future} onClick={() => app.send({ type: 'redo' })} />
      <IconButton label="Reset: a fresh world" icon="reset" onClick={() => app.send({ type: 'reset' })} />
      <Host app={app} onHost={props.onHost} />
      <Keep {...props} />
      <IconButton
        label={theme === 'dark' ? 'Light colours' : 'Dark colours'}
        icon={theme === 'dark' ? 'sun' : 'moon'}
        onClick={switchTheme}
      />
    </header>
  );
}

/** What the host has; said in the open where it is not the usual. */
function Host({ app, onHost }: Pick<HeaderProps, 'app' | 'onHost'>): JSX.Element {
  const made = useSelector(app, ({ context }) => context.made);
  const words = `What the host has; now: ${hostWords(made)}`;
  return (
    <button type="button" class="icon host-button" aria-label={words} title={words} onClick={onHost}>
      <Icon name="host" />
      {!isUsual(made) && (
        <span class="wide-only">{[made.cgroup, made.bridge && 'docker0'].filter(Boolean).join(' + ')}</span>
      )}
    </button>
  );
}

function Places({ app }: { readonly app: App }): JSX.Element {
  const place = useSelector(app, ({ context }) => context.place);
  const index = lessons.findIndex(({ id }) => id === place.id);
  const title = place.lesson?.title ?? 'Playground';
  const open = (about: LessonAbout | undefined): void => app.send({ type: 'open', about });
  return (
    <Menu
      label={
        <span class="place">
          <span class="unseen">Lessons and playground; now: </span>
          {index >= 0 && <span class="place-number">{index + 1}</span>}
          {title}
        </span>
      }
    >
      {(close) => (
        <ul>
          {lessons.map((about, i) => (
            <li key={about.id}>
              <button
                type="button"
                aria-current={about.id === place.id ? 'page' : undefined}
                onClick={() => {
                  open(about);
                  close();
                }}
              >
                <span class="place-number">{readKept(about.id).solved ? '✓' : i + 1}</span>
                {about.title}
                <span class="minutes">{about.minutes} min</span>
              </button>
            </li>
          ))}
          <li>
            <button
              type="button"
              aria-current={place.id === 'playground' ? 'page' : undefined}
              onClick={() => {
                open(undefined);
                close();
              }}
            >
              <span class="place-number">∞</span>
              Playground
            </button>
          </li>
        </ul>
      )}
    </Menu>
  );
}

function Keep({ onLink, onSave, onOpenFile }: HeaderProps): JSX.Element {
  return (
    <Menu
      label={
        <>
          <Icon name="share" />
          <span class="share-word">Share</span>
          <span class="unseen">, save, open</span>
        </>
      }
      side="right"
    >
      {(close) => (
        <ul>
          <li>
            <button
              type="button"
              onClick={() => {
                onLink();
                close();
              }}
            >
              Copy a link to this state
            </button>
          </li>
          <li>
            <button
              type="button"
              onClick={() => {
                onSave();
                close();
              }}
            >
              Save as a transcript
            </button>
          </li>
          <li>
            <label class="file">
              Open a transcript or a lesson…
              <input
                type="file"
                accept=".md,.txt,.console,text/markdown,text/plain"
                onChange={(event) => {
                  const [file] = event.currentTarget.files ?? [];
                  if (file !== undefined) onOpenFile(file);
                  close();
                }}
              />
            </label>
          </li>
        </ul>
      )}
    </Menu>
  );
}

function Logo(): JSX.Element {
  return (
    <svg viewBox="0 0 32 32" width="24" height="24" aria-hidden="true">
      <rect x="3" y="21" width="26" height="7" rx="2" class="logo-low" />
      <rect x="3" y="12.5" width="26" height="7" rx="2" class="logo-mid" />
      <path d="M5 4h13l-4 7H5a2 2 0 0 1-2-2V6a2 2 0 0 1 2-2z" class="logo-top" />
      <path d="M21 4h6a2 2 0 0 1 2 2v3a2 2 0 0 1-2 2H17z" class="logo-cut" />
    </svg>
  );
}
