/** The `["a", "b"]` form of a Dockerfile's instruction (buildkit frontend/dockerfile/parser parseJSON). */
import { ChangeError } from './change-error.ts';

/**
 * The words of the list that the text begins with; what stands behind it is not looked at, as Go's json.Decoder does not.
 * Undefined when there is no list; ChangeError when there is something else than texts in it.
 */
export function jsonList(text: string): readonly string[] | undefined {
  const list = text.startsWith('[') ? firstValue(text) : undefined;
  if (!Array.isArray(list)) return undefined;
  if (list.every((word) => typeof word === 'string')) return list;
  throw new ChangeError('when using JSON array syntax, arrays must be comprised of strings only');
}

function firstValue(text: string): unknown {
  for (let end = text.indexOf(']'); end !== -1; end = text.indexOf(']', end + 1)) {
    try {
      return JSON.parse(text.slice(0, end + 1));
    } catch {
      // The bracket was one inside.
    }
  }
  return undefined;
}
