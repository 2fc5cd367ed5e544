/** The picture of the moment that is looked at: stack, union table, images, host, lifecycle chart, and each as text. */
import type { JSX } from 'preact';
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { PictureKind, Point } from '../../core/index.ts';
import { type App, useSelector } from '../app/hook.ts';
import { cursorOf, sceneAt } from '../app/machine.ts';
import { hasGoal } from '../goal/when.ts';
import { type PictureProps as DrawnProps, StackPicture } from '../pictures/stack.tsx';
import '../pictures/style.ts';
import { late } from './late.tsx';
import { Tabs } from './tabs.tsx';

const HostPicture = late(async () => (await import('../pictures/host.tsx')).HostPicture);
const ImagesPicture = late(async () => (await import('../pictures/images.tsx')).ImagesPicture);
const LifecyclePicture = late(async () => (await import('../pictures/lifecycle.tsx')).LifecyclePicture);
const NetworkPicture = late(async () => (await import('../pictures/network.tsx')).NetworkPicture);
const TextTwin = late(async () => (await import('../pictures/twin.tsx')).TextTwin);
const UnionPicture = late(async () => (await import('../pictures/union.tsx')).UnionPicture);
const Beside = late(async () => (await import('../goal/beside.tsx')).Beside);
const RealityPanel = late(async () => (await import('../reality/index.ts')).RealityPanel);

const kinds = [
  { id: 'stack', name: 'Stack' },
  { id: 'union', name: 'Union' },
  { id: 'images', name: 'Images' },
  { id: 'host', name: 'Host' },
  { id: 'network', name: 'Network' },
  { id: 'lifecycle', name: 'Lifecycle' },
] as const satisfies readonly { id: PictureKind; name: string }[];
type Kind = (typeof kinds)[number]['id'] | 'reality';

/** Only where the program that serves the page brings a real kernel. */
const reality = { id: 'reality', name: 'Reality' } as const;

interface PictureProps {
  readonly app: App;
  readonly token: string | undefined;
  readonly kind: Kind;
  readonly onKind: (kind: Kind) => void;
  readonly onSay: (text: string) => void;
}

export type { Kind };

export function Picture({ app, token, kind, onKind, onSay }: PictureProps): JSX.Element {
  const scene = useSelector(app, ({ context }) => sceneAt(context));
  const [asText, setAsText] = useState(false);
  const challenge = useSelector(app, ({ context }) => hasGoal(context)) && kind === 'stack';
  const [goalShown, setGoalShown] = useState(false);
  const [lit, setLit] = useState<Point | undefined>(undefined);
  const [body, width] = useWidth();
  useLayoutEffect(settled, [scene, kind, asText, width]);
  const copy = (): void => {
    if (scene === undefined || kind === 'reality') return;
    // Browsers take what is written while the click is handled; its text may come later, with the code that makes it.
    const text = import('../pictures/twin.tsx').then(
      ({ copyAsMermaid }) => new Blob([copyAsMermaid(kind, scene)], { type: 'text/plain' }),
    );
    const written = navigator.clipboard?.write([new ClipboardItem({ 'text/plain': text })]) ?? Promise.reject();
    written.then(
      () => onSay('Copied as Mermaid.'),
      () => onSay('The browser did not let this be copied.'),
    );
  };
  return (
    <section class="picture-panel" aria-label="Picture">
      <div class="panel-head">
        <Tabs
          label="Kind of picture"
          tabs={token === undefined ? kinds : [...kinds, reality]}
          selected={kind}
          onSelect={onKind}
          controls="picture-body"
        />
        <span class="gap" />
        {challenge && (
          <button
            type="button"
            class="small"
            aria-pressed={goalShown}
            aria-label="show the goal"
            onClick={() => setGoalShown(!goalShown)}
          >
            goal
          </button>
        )}
        <button
          type="button"
          class="small"
          aria-pressed={asText}
          aria-label="Picture as text"
          onClick={() => setAsText(!asText)}
        >
          text
        </button>
        <button type="button" class="small" aria-label="copy as Mermaid" onClick={copy}>
          copy{!challenge && token === undefined && <span class="wide-only"> as Mermaid</span>}
        </button>
      </div>
      <div class="picture-body" id="picture-body" role="tabpanel" aria-label={kind} tabindex={0} ref={body}>
        {scene === undefined ? (
          <p class="quiet">One moment…</p>
        ) : kind === 'reality' ? (
          <Reality app={app} token={token ?? ''} />
        ) : challenge && goalShown ? (
          <Beside app={app} scene={scene} width={width} asText={asText} lit={lit} onPoint={setLit} />
        ) : asText ? (
          <TextTwin scene={scene} kind={kind} columns={Math.max(60, Math.floor((width - 24) / 7.3))} />
        ) : (
          <Drawn kind={kind} scene={scene} width={Math.max(280, width - 28)} motion={true} lit={lit} onPoint={setLit} />
        )}
      </div>
    </section>
  );
}

function Drawn({ kind, ...props }: DrawnProps & { readonly kind: PictureKind }): JSX.Element {
  const { scene, lit } = props;
  if (kind === 'union') return <UnionPicture scene={scene} lit={lit} onPoint={props.onPoint!} />;
  if (kind === 'images') return <ImagesPicture {...props} />;
  if (kind === 'host') return <HostPicture {...props} />;
  if (kind === 'network') return <NetworkPicture {...props} />;
  return kind === 'lifecycle' ? <LifecyclePicture scene={scene} /> : <StackPicture {...props} />;
}

/** Model and reality side by side. */
function Reality({ app, token }: { readonly app: App; readonly token: string }): JSX.Element {
  const base = useSelector(app, ({ context }) => context.base);
  const points = useSelector(app, ({ context }) => context.points);
  const at = useSelector(app, ({ context }) => cursorOf(context).at);
  const entries = useMemo(() => [...base, ...points.map(({ entry }) => entry)], [base, points]);
  return <RealityPanel token={token} entries={entries} at={base.length + at} />;
}

/** Counts, on the root element, how often the picture was brought up to date: for tests and measurements. */
function settled(): void {
  const { dataset } = document.documentElement;
  dataset.settled = String(Number(dataset.settled ?? 0) + 1);
}

/** How wide an element is. */
function useWidth(): readonly [{ current: HTMLDivElement | null }, number] {
  const element = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(640);
  useEffect(() => {
    const observer = new ResizeObserver(([entry]) => setWidth(Math.floor(entry?.contentRect.width ?? 640)));
    observer.observe(element.current!);
    return () => observer.disconnect();
  }, []);
  return [element, width];
}
