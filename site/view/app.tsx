/**
 * The whole page: lesson, picture, goal and steps, timeline, terminal. On a narrow screen the first three share one place,
 * by tabs; timeline and terminal are always there.
 */
import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { type App, useSelector } from '../app/hook.ts';
import { lessons } from '../app/lessons.ts';
import type { Shared } from '../app/link.ts';
import { isShared } from '../app/shared.ts';
import { Header } from './header.tsx';
import { late } from './late.tsx';
import { LessonView } from './lesson.tsx';
import { type Kind, Picture } from './picture.tsx';
import type { RefusedFile } from './refused.tsx';
import { Steps } from './steps.tsx';
import { Tabs } from './tabs.tsx';
import { TerminalPanel } from './terminal.tsx';
import { Timeline } from './timeline.tsx';

// What a first visit does not show.
const Offer = late(async () => (await import('./offer.tsx')).Offer);
const HostChoice = late(async () => (await import('./host.tsx')).HostChoice);
const Refused = late(async () => (await import('./refused.tsx')).Refused);
const Welcome = late(async () => (await import('./welcome.tsx')).Welcome);

type Pane = 'text' | 'picture' | 'steps';
const panes = [
  { id: 'text', name: 'Text' },
  { id: 'picture', name: 'Picture' },
  { id: 'steps', name: 'Steps' },
] as const satisfies readonly { id: Pane; name: string }[];

/** Loaded when a link is made or followed. */
const links = () => import('../app/link.ts');
/** Loaded when a file is opened or saved. */
const files = () => import('../app/files.ts');

interface PageProps {
  readonly app: App;
  /** By which the program that serves the page lets it have a real kernel. */
  readonly token: string | undefined;
}

export function Page({ app, token }: PageProps): JSX.Element {
  const place = useSelector(app, ({ context }) => context.place);
  const opened = useSelector(app, (snapshot) => snapshot.matches({ place: 'open' }));
  const [pane, setPane] = useState<Pane>('text');
  const [kind, setKind] = useState<Kind>('stack');
  const [said, setSaid] = useState('');
  const [offer, setOffer] = useState<{ from: string; shared: Shared } | undefined>(undefined);
  const [asksHost, setAsksHost] = useState(false);
  const [refused, setRefused] = useState<RefusedFile | undefined>(undefined);
  const field = useRef<HTMLTextAreaElement>(null);
  const timeline = useRef<HTMLDivElement>(null);
  const say = (text: string): void => {
    setSaid(text);
    setTimeout(() => setSaid((now) => (now === text ? '' : now)), 4_000);
  };
  // Until the reader has seen it: it goes some time after the next key or click.
  const warn = (text: string): void => {
    setSaid(text);
    const seen = new AbortController();
    for (const event of ['keydown', 'pointerdown'])
      addEventListener(
        event,
        () => {
          seen.abort();
          say(text);
        },
        { signal: seen.signal },
      );
  };
  useLinks((shared) => setOffer({ from: 'This link', shared }), warn);

  const run = (line: string): void => {
    app.send({ type: 'line', line });
    // A keyboard that comes up on a phone would hide what is to be seen.
    if (matchMedia('(pointer: fine)').matches) field.current?.focus();
  };
  const link = async (): Promise<void> => {
    const { points, place: here, base, made } = app.getSnapshot().context;
    const entries = points.map(({ entry }) => entry);
    // A lesson that the reader brought is not there for others: they get its world.
    const own = here.id.startsWith('own.');
    const shared = own
      ? { place: 'playground', entries: [...base, ...entries], made }
      : { place: here.id, entries, made };
    try {
      const { toFragment } = await links();
      history.replaceState(null, '', toFragment(shared));
    } catch (error) {
      return say(
        `No link: ${error instanceof Error ? error.message : String(error)}. Save it as a transcript instead.`,
      );
    }
    await navigator.clipboard?.writeText(location.href).then(
      () => say('Link copied; it is in the address bar as well.'),
      () => say('The link is in the address bar.'),
    );
  };
  const accept = (): void => {
    const { place: id, entries, made = {} } = offer!.shared;
    app.send({ type: 'open', about: lessons.find((about) => about.id === id), entries, made });
    history.replaceState(null, '', location.pathname + location.search);
    setOffer(undefined);
  };
  const open = (file: File): void => {
    files()
      .then(({ openFile }) => openFile(file))
      .then(
        (found) => {
          if ('lesson' in found) app.send({ type: 'open', about: found.lesson });
          else setOffer({ from: file.name, shared: found.shared });
        },
        (error: unknown) => setRefused({ name: file.name, error }),
      );
  };
  return (
    <div class="page" data-pane={pane} data-place={place.lesson === undefined ? 'playground' : 'lesson'}>
      <Header
        app={app}
        onHost={() => setAsksHost(true)}
        onLink={() => void link()}
        onSave={() => {
          const { points, made } = app.getSnapshot().context;
          void files().then(({ saveTranscript }) => saveTranscript(place.lesson?.title ?? 'Session', points, made));
        }}
        onOpenFile={open}
      />
      <nav class="pane-tabs" aria-label="Panes">
        <Tabs label="What is shown" tabs={panes} selected={pane} onSelect={setPane} controls="main" />
      </nav>
      <main class="main" id="main">
        <article class="text" aria-label={place.lesson?.title ?? 'Playground'} tabindex={0}>
          {!opened ? undefined : place.lesson === undefined ? (
            <Welcome app={app} onRun={run} />
          ) : (
            <LessonView
              key={place.id}
              app={app}
              lesson={place.lesson}
              onRun={run}
              onPicture={(next) => {
                setKind(next);
                setPane('picture');
              }}
            />
          )}
        </article>
        <Picture app={app} token={token} kind={kind} onKind={setKind} onSay={say} />
        <aside class="side" aria-label="Goal and steps" tabindex={0}>
          <Steps app={app} />
        </aside>
      </main>
      <div class="bottom" ref={timeline} tabindex={-1}>
        <Timeline app={app} />
        <TerminalPanel app={app} field={field} onLeave={() => timeline.current?.querySelector('button')?.focus()} />
      </div>
      <p class="said" role="status">
        {said}
      </p>
      {asksHost && <HostChoice app={app} onClose={() => setAsksHost(false)} />}
      {refused !== undefined && <Refused {...refused} onClose={() => setRefused(undefined)} />}
      {offer !== undefined && <Offer {...offer} onAccept={accept} onRefuse={() => setOffer(undefined)} />}
    </div>
  );
}

/** Links that carry a state, when the page opens and when one is followed within it. */
function useLinks(onShared: (shared: Shared) => void, onBad: (text: string) => void): void {
  useEffect(() => {
    const look = async (): Promise<void> => {
      const { hash } = location;
      if (!isShared(hash)) return;
      try {
        const { fromFragment } = await links();
        if (location.hash === hash) onShared(fromFragment(hash));
      } catch (error) {
        onBad(`This link cannot be used: ${error instanceof Error ? error.message : String(error)}`);
      }
    };
    const follow = (): void => void look();
    follow();
    addEventListener('hashchange', follow);
    return () => removeEventListener('hashchange', follow);
  }, []);
}
