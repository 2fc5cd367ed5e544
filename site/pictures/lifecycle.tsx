/**
 * The lifecycle as a state chart (P4), made from the machine itself, with every container standing in its state. Mermaid is
 * large: its code is loaded when a chart is first shown.
 *
 * Kept true: names from outside cannot end a label (core/diagram) and Mermaid runs strictly, without HTML in labels; the
 * picture follows light and dark; while it loads, and when it cannot, that is said in words, with the text picture.
 */
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { drawMermaid, type Scene } from '../../core/index.ts';
import { TextTwin } from './twin.tsx';

export interface LifecyclePictureProps {
  readonly scene: Scene;
}

type Drawn = { readonly svg: string } | { readonly failed: string };

export function LifecyclePicture({ scene }: LifecyclePictureProps): JSX.Element {
  const text = readable(drawMermaid('lifecycle', scene));
  const dark = useDark();
  const [drawn, setDrawn] = useState<Drawn | undefined>(undefined);
  useEffect(() => {
    let wanted = true;
    drawChart(text, dark).then(
      (svg) => wanted && setDrawn({ svg }),
      (error: unknown) => wanted && setDrawn({ failed: error instanceof Error ? error.message : String(error) }),
    );
    return () => {
      wanted = false;
    };
  }, [text, dark]);
  if (drawn === undefined) return <p role="status">Loading the chart…</p>;
  if ('failed' in drawn) return <Failure why={drawn.failed} scene={scene} />;
  return <Chart svg={drawn.svg} label={chartLabel(scene)} />;
}

function Failure({ why, scene }: { readonly why: string; readonly scene: Scene }): JSX.Element {
  return (
    <>
      <p role="status">The chart could not be drawn ({why}). Here it is as text.</p>
      <TextTwin scene={scene} kind="lifecycle" />
    </>
  );
}

/** As an image, so that nothing inside it can be anything but a picture. */
function Chart({ svg, label }: { readonly svg: string; readonly label: string }): JSX.Element {
  const source = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`;
  return (
    <figure class="chart-picture">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a wide chart scrolls, and keys must be able to scroll it. */}
      <section class="chart-scroll" aria-label="State chart" tabIndex={0}>
        <img src={source} alt={label} />
      </section>
      <figcaption class="picture-words">
        {label}. Commands that leave a container in its state are not drawn; the text form has them.
      </figcaption>
    </figure>
  );
}

/** Without arrows from a state to itself, which would cover the others, and with events in small letters. */
export function readable(chart: string): string {
  return chart
    .split('\n')
    .filter((line) => !/^\s*(\w+) --> \1:/.test(line))
    .map((line) => line.replace(/(-->.*: )([A-Z_, ]+)$/, (_, arrow: string, events: string) => arrow + small(events)))
    .join('\n');
}

const small = (events: string): string => events.toLowerCase().replaceAll('_', ' ');

export function chartLabel(scene: Scene): string {
  const where = scene.containers.map((container) => `${container.name} is ${container.status}`).join(', ');
  return `State chart of a container's lifecycle${where === '' ? '' : `: ${where}`}`;
}

/** Charts are drawn one after the other: Mermaid keeps one configuration for all. */
let queue: Promise<unknown> = Promise.resolve();
let count = 0;

function drawChart(text: string, dark: boolean): Promise<string> {
  const drawn = queue.then(async () => {
    const { default: mermaid } = await import('mermaid');
    mermaid.initialize({
      startOnLoad: false,
      securityLevel: 'strict',
      htmlLabels: false,
      theme: dark ? 'dark' : 'default',
      fontFamily: 'Helvetica, Arial, sans-serif',
      state: { useMaxWidth: false },
      suppressErrorRendering: true,
      maxTextSize: 100_000,
    });
    count += 1;
    const { svg } = await mermaid.render(`chart-${count}`, text);
    return svg;
  });
  queue = drawn.catch(() => undefined);
  return drawn;
}

/** Dark as the page says (`data-theme` on its root), or else as the system does. */
function useDark(): boolean {
  const [dark, setDark] = useState(isDark);
  useEffect(() => {
    const look = (): void => setDark(isDark());
    const media = matchMedia('(prefers-color-scheme: dark)');
    const watch = new MutationObserver(look);
    media.addEventListener('change', look);
    watch.observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme'] });
    return () => {
      media.removeEventListener('change', look);
      watch.disconnect();
    };
  }, []);
  return dark;
}

function isDark(): boolean {
  const { theme } = document.documentElement.dataset;
  return theme === 'dark' || (theme !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches);
}
