/** The pictures as text: for screen readers, for copying, and for kinds that have no drawing of their own. */
import type { JSX } from 'preact';
import { drawMermaid, drawText, type PictureKind, pictureNames, type Scene } from '../../core/index.ts';

export interface TextTwinProps {
  readonly scene: Scene;
  readonly kind: PictureKind;
  /** Columns of text; default 100. */
  readonly columns?: number;
  /** Default h3. */
  readonly heading?: 'h2' | 'h3' | 'h4';
  /** Tells it from another one of its kind on the page: "now". */
  readonly which?: string;
}

export function TextTwin({ scene, kind, columns, heading: Heading = 'h3', which }: TextTwinProps): JSX.Element {
  const name = which === undefined ? pictureNames[kind] : `${pictureNames[kind]}, ${which}`;
  return (
    <section class="text-twin" aria-label={`${name}, as text`}>
      <Heading>{name}, as text</Heading>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: wide text scrolls, and keys must be able to scroll it. */}
      <pre tabIndex={0}>{drawText(kind, scene, columns === undefined ? {} : { width: columns })}</pre>
    </section>
  );
}

/** The picture as Mermaid text, for Markdown files. */
export function copyAsMermaid(kind: PictureKind, scene: Scene): string {
  return drawMermaid(kind, scene);
}
