/**
 * Mermaid's own parser without a browser: its grammars are pure, only the clean-up of labels wants a DOM (DOMPurify), and
 * that step is made to pass labels through. What is rendered is not tested by this, what is accepted is.
 */
// A dependency of mermaid, not of ours: it must be the very instance that mermaid loads.
import DOMPurify from 'dompurify';

Object.assign(DOMPurify, { addHook: () => undefined, sanitize: (text: unknown) => String(text) });
const { default: mermaid } = await import('mermaid');

/** Throws when Mermaid does not accept the text; returns the kind of diagram that it sees. */
export async function parseMermaid(text: string): Promise<string> {
  return (await mermaid.parse(text)).diagramType;
}
