/**
 * How pictures look: colours by meaning, and the rules for the shapes of shapes.ts. The site puts `sheet` into its page; a
 * picture in a file carries `fileStyle`, in which the colours stand themselves, because few programs know custom properties.
 *
 * Kept true: light by default, dark when the reader's system is dark or when an element above has data-theme="dark" (and light
 * again under data-theme="light"); tones carry words and signs beside them, so that none has to be told by its colour.
 */

export const palette = {
  light: {
    ink: '#1d2430',
    dim: '#565f6e',
    paper: '#fff',
    line: '#c9ced6',
    'read-only': '#dfe9f8',
    'read-only-top': '#eef4fc',
    'read-only-side': '#b9cdeb',
    'read-only-line': '#4a6fa5',
    'read-only-text': '#234a80',
    init: '#e9ebee',
    'init-top': '#f4f5f7',
    'init-side': '#c9ced6',
    'init-line': '#7b8796',
    'init-text': '#4a5565',
    'read-write': '#d3f2d8',
    'read-write-top': '#e9faeb',
    'read-write-side': '#93d6a0',
    'read-write-line': '#237a36',
    'read-write-text': '#14602a',
    union: '#eefafb',
    'union-line': '#00798a',
    'union-text': '#005b69',
    process: '#faf3fc',
    'process-chip': '#f0dff5',
    'process-line': '#8a2fa3',
    'process-text': '#6a1b80',
    frozen: '#eaf6fd',
    'frozen-chip': '#d5edfb',
    'frozen-line': '#1a7fb8',
    'frozen-text': '#0a5a88',
    gone: '#fdecea',
    'gone-text': '#a32018',
    mark: '#ffc53d',
    'mark-line': '#b26a00',
    'mark-ink': '#3a2500',
    'mark-soft': '#fff3d1',
    focus: '#0b57d0',
  },
  dark: {
    ink: '#e6e9ee',
    dim: '#a3adbb',
    paper: '#181d25',
    line: '#3a4350',
    'read-only': '#1e2f49',
    'read-only-top': '#2a4166',
    'read-only-side': '#16243a',
    'read-only-line': '#6d96d2',
    'read-only-text': '#a9c9ff',
    init: '#262c35',
    'init-top': '#343c48',
    'init-side': '#1d222a',
    'init-line': '#8793a3',
    'init-text': '#c2cad6',
    'read-write': '#15381f',
    'read-write-top': '#1f5530',
    'read-write-side': '#0f2a17',
    'read-write-line': '#4fbf69',
    'read-write-text': '#8fe3a2',
    union: '#0f2a2f',
    'union-line': '#37a9b8',
    'union-text': '#86dbe6',
    process: '#261a2c',
    'process-chip': '#3a2544',
    'process-line': '#c07ad6',
    'process-text': '#e1b2f0',
    frozen: '#14262f',
    'frozen-chip': '#1b3948',
    'frozen-line': '#5cb8e6',
    'frozen-text': '#a5dcf7',
    gone: '#3a1d1b',
    'gone-text': '#ff9d94',
    mark: '#f0b429',
    'mark-line': '#ffd67a',
    'mark-ink': '#2a1a00',
    'mark-soft': '#40340f',
    focus: '#8ab4ff',
  },
} as const;

/** Labels and shapes inside an SVG of class `drawn`; colours as `var(--name)` of the palette. */
const shapes = `
.drawn { font-family: "Segoe UI", Roboto, Helvetica, Arial, "Liberation Sans", sans-serif; font-size: 12.5px; }
.drawn .paper { fill: var(--paper); }
.drawn .label { fill: var(--ink); white-space: pre; }
.drawn .label-strong { font-size: 13px; font-weight: 650; }
.drawn .label-dim { fill: var(--dim); font-size: 11.5px; }
.drawn .label-code,
.drawn .label-sign { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, "Liberation Mono", monospace; font-size: 12px; }
.drawn .label-sign { font-weight: 700; }
.drawn .text-read-only { fill: var(--read-only-text); }
.drawn .text-init { fill: var(--init-text); }
.drawn .text-read-write { fill: var(--read-write-text); }
.drawn .text-union { fill: var(--union-text); }
.drawn .text-process { fill: var(--process-text); }
.drawn .text-frozen { fill: var(--frozen-text); }
.drawn .text-gone { fill: var(--gone-text); }
.drawn .struck { text-decoration: line-through; }

/* shapes */
.drawn .face,
.drawn .top,
.drawn .side { stroke-width: 1; stroke-linejoin: round; fill: none; }
.drawn .box-layer .face,
.drawn .box-mount .face { fill: var(--read-only); stroke: var(--read-only-line); }
.drawn .box-layer .top { fill: var(--read-only-top); stroke: var(--read-only-line); }
.drawn .box-layer .side { fill: var(--read-only-side); stroke: var(--read-only-line); }
.drawn .box-init .face { fill: var(--init); stroke: var(--init-line); stroke-dasharray: 5 3; }
.drawn .box-init .top { fill: var(--init-top); stroke: var(--init-line); }
.drawn .box-init .side { fill: var(--init-side); stroke: var(--init-line); }
.drawn .box-upper .face,
.drawn .box-mount.tone-read-write .face { fill: var(--read-write); stroke: var(--read-write-line); stroke-width: 2; }
.drawn .box-upper .top { fill: var(--read-write-top); stroke: var(--read-write-line); stroke-width: 2; }
.drawn .box-upper .side { fill: var(--read-write-side); stroke: var(--read-write-line); stroke-width: 2; }
.drawn .box-image .face { fill: var(--read-only-top); stroke: var(--read-only-line); }
.drawn .box-image.tone-gone .face { fill: var(--paper); stroke: var(--gone-text); stroke-dasharray: 4 3; }
.drawn .box-union .face { fill: var(--union); stroke: var(--union-line); }
.drawn .box-container.tone-process .face { fill: var(--process); stroke: var(--process-line); stroke-width: 2.5; }
.drawn .box-container.tone-frozen .face { fill: var(--frozen); stroke: var(--frozen-line); stroke-width: 2.5; stroke-dasharray: 9 5; }
.drawn .hatch { fill: var(--frozen-line); opacity: 0.1; }
.drawn .box-process.tone-process .face { fill: var(--process-chip); stroke: var(--process-line); }
.drawn .box-process.tone-frozen .face { fill: var(--frozen-chip); stroke: var(--frozen-line); stroke-dasharray: 4 3; }
.drawn .box-card .face { fill: var(--paper); stroke: var(--line); }
.drawn .box-card.tone-process .face { fill: var(--process); stroke: var(--process-line); stroke-width: 1.5; }
.drawn .box-card.tone-frozen .face { fill: var(--frozen); stroke: var(--frozen-line); stroke-width: 1.5; stroke-dasharray: 6 4; }
.drawn .foot { fill: var(--read-write-line); }
.drawn .box-row .face,
.drawn .box-path .face,
.drawn .box-file .face { fill: transparent; }
.drawn .box-store .face { fill: var(--paper); stroke: var(--line); }
.drawn .box-gone .face,
.drawn .box-more.tone-gone .face { fill: var(--gone); }
.drawn .swatch { fill: var(--read-only); stroke: var(--read-only-line); }
.drawn .tone-init .swatch { fill: var(--init); stroke: var(--init-line); stroke-dasharray: 2 1.5; }
.drawn .tone-read-write .swatch { fill: var(--read-write-line); stroke: var(--read-write-line); }
.drawn .tone-plain .swatch { fill: var(--paper); stroke: var(--dim); }
.drawn .tone-process .swatch { fill: var(--process-chip); stroke: var(--process-line); }
.drawn .tone-gone .swatch { fill: none; stroke: var(--gone-text); }

/* lines */
.drawn .link path { fill: none; stroke: var(--dim); stroke-width: 1.5; }
.drawn .arrow { fill: context-stroke; }
.drawn .link-twig path { stroke: var(--line); }
.drawn .link-stands path { stroke-dasharray: 2 3; }
.drawn .link-seen path { stroke: var(--union-line); stroke-width: 2; }
.drawn .link-same path { stroke: var(--read-write-line); stroke-dasharray: 5 3; stroke-width: 2; }

/* what the last command changed */
.drawn .mark circle { fill: var(--mark); stroke: var(--mark-line); }
.drawn .mark text { fill: var(--mark-ink); font-size: 11px; font-weight: 800; }
.drawn .box-row.mark-new .face,
.drawn .box-path.mark-new .face,
.drawn .box-path.mark-changed .face,
.drawn .box-row.mark-changed .face,
.drawn .box-file.mark-new .face,
.drawn .box-row.mark-apart .face,
.drawn .box-file.mark-apart .face,
.drawn .box-file.mark-changed .face { fill: var(--mark-soft); }
`;

/** What follows the pointer and the keys. */
const pointing = `
.picture [role="button"] { cursor: pointer; outline: none; }
.picture [role="button"]:focus-visible > .moves > .face { stroke: var(--focus); stroke-width: 3; stroke-dasharray: none; }
.picture .lighting .box-path:not(.lit):not(.under) .moves,
.picture .lighting .box-row:not(.lit):not(.under) .moves,
.picture .lighting .box-layer:not(.lit):not(.under) .moves,
.picture .lighting .box-init:not(.lit):not(.under) .moves,
.picture .lighting .box-upper:not(.lit):not(.under) .moves,
.picture .lighting .box-image:not(.lit):not(.under) .moves,
.picture .lighting .box-file:not(.lit):not(.under) .moves { opacity: 0.45; }
.picture .box-layer.lit .face,
.picture .box-init.lit .face,
.picture .box-upper.lit .face,
.picture .box-file.lit .face,
.picture .box-image.lit .face,
.picture .box-card.lit .face,
.picture .box-path.lit .face,
.picture .box-row.lit .face { stroke: var(--focus); stroke-width: 2.5; stroke-dasharray: none; }
.picture .under .face { stroke: var(--gone-text); stroke-width: 2; stroke-dasharray: 3 3; }
.picture .beam { fill: none; stroke: var(--focus); stroke-width: 2.5; stroke-linejoin: round; pointer-events: none; }
.picture .beam-hidden { stroke: var(--gone-text); stroke-dasharray: 3 3; }
`;

type Theme = keyof typeof palette;

/** What has the colours: pictures, and the tables and texts of the site that go with them. */
const owners = '.picture, .drawn, .union-picture, .text-twin, .chart-picture';

function variables(theme: Theme, root: string): string {
  const values = Object.entries(palette[theme]).map(([name, value]) => `--${name}: ${value};`);
  return `${root} :is(${owners}) { ${values.join(' ')} }\n`;
}

/** The style sheet for a page with pictures in it. */
export function sheet(): string {
  const system = variables('dark', ':root:not([data-theme="light"])');
  return [
    variables('light', ':root'),
    variables('dark', ':root[data-theme="dark"]'),
    `@media (prefers-color-scheme: dark) { ${system}}\n`,
    shapes,
    pointing,
  ].join('');
}

/** The style sheet for one picture in a file of its own. `own`: its further rules. */
export function fileStyle(own = ''): string {
  const coloured = (theme: Theme): string =>
    `${shapes}${own}`.replace(
      /var\(--([a-z-]+)\)/g,
      (_, name: string) => palette[theme][name as keyof typeof palette.light],
    );
  return `${coloured('light')}@media (prefers-color-scheme: dark) {${coloured('dark')}}\n`;
}
