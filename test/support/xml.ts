/** Is a text well-formed XML, as far as our own SVG files use it: elements, attributes, text, the five named entities, numeric ones. */

const token = /<!--(?:[^-]|-[^-])*-->|<(\/?)([A-Za-z_][\w:.-]*)((?:\s+[A-Za-z_][\w:.-]*="[^"<]*")*)\s*(\/?)>|[^<]+/y;
const reference = /&(?!(?:amp|lt|gt|quot|apos|#\d+|#x[0-9a-fA-F]+);)/;
const forbidden = /[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/;

/** What is wrong first, with its offset; undefined: nothing. */
export function xmlFault(text: string): string | undefined {
  if (forbidden.test(text)) return `a control character at ${text.search(forbidden)}`;
  const open: string[] = [];
  let roots = 0;
  for (token.lastIndex = 0; token.lastIndex < text.length; ) {
    const at = token.lastIndex;
    const found = token.exec(text);
    if (found === null) return `no markup at ${at}: ${text.slice(at, at + 40)}`;
    const [whole, closing, name, attributes = '', empty] = found;
    if (reference.test(whole)) return `a bare & at ${at}: ${whole.slice(0, 40)}`;
    if (name === undefined) {
      if (open.length === 0 && !whole.startsWith('<!--') && whole.trim() !== '') return `text outside at ${at}`;
      continue;
    }
    const names = [...attributes.matchAll(/([\w:.-]+)="/g)].map(([, one]) => one);
    if (new Set(names).size < names.length) return `an attribute twice at ${at}: ${whole.slice(0, 80)}`;
    if (closing === '/') {
      if (open.pop() !== name) return `</${name}> at ${at} closes nothing`;
      continue;
    }
    if (open.length === 0) roots += 1;
    if (empty !== '/') open.push(name);
  }
  if (open.length > 0) return `<${open.at(-1)}> is not closed`;
  return roots === 1 ? undefined : `${roots} roots`;
}
