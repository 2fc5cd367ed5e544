/**
 * SVG as plain data: shapes are made once, here in the core; the site gives them to its view library, and `writeElement`
 * prints them for files.
 *
 * Kept true: whatever stands in a text or an attribute, the printed form is well-formed XML and holds nothing but that text.
 */

export interface Element {
  readonly tag: string;
  readonly attributes: Readonly<Record<string, string | number>>;
  /** Where it is moved to, in pixels: apart from the attributes, because the site animates it. */
  readonly at?: readonly [x: number, y: number];
  readonly children: readonly (Element | string)[];
}

type Children = readonly (Element | string | undefined)[];

export function element(tag: string, attributes: Element['attributes'], ...children: Children): Element {
  return { tag, attributes, children: children.filter((child) => child !== undefined) };
}

export const moveTo = (x: number, y: number, item: Element): Element => ({ ...item, at: [x, y] });

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};

/** Text for XML 1.0: its own signs as entities; what may not stand in it at all (2.2, Characters) as `?`. */
function escaped(text: string): string {
  return text
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '?')
    .replace(/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, '?')
    .replace(/[&<>"']/g, (char) => entities[char] ?? char);
}

/** One element with all that is in it, as XML. White space in texts is kept, none is added inside them. */
export function writeElement(item: Element, indent = ''): string {
  const at = item.at === undefined ? {} : { transform: `translate(${item.at[0]} ${item.at[1]})` };
  const attributes = Object.entries({ ...item.attributes, ...at })
    .map(([name, value]) => ` ${name}="${escaped(String(value))}"`)
    .join('');
  if (item.children.length === 0) return `${indent}<${item.tag}${attributes}/>\n`;
  const inline = item.tag === 'text' || item.children.some((child) => typeof child === 'string');
  if (inline) return `${indent}<${item.tag}${attributes}>${item.children.map(inlined).join('')}</${item.tag}>\n`;
  const inside = item.children.map((child) => writeElement(child as Element, `${indent} `)).join('');
  return `${indent}<${item.tag}${attributes}>\n${inside}${indent}</${item.tag}>\n`;
}

const inlined = (child: Element | string): string =>
  typeof child === 'string' ? escaped(child) : writeElement(child).trimEnd();
