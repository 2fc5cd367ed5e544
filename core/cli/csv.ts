/** One record of encoding/csv of Go, as the client reads the values of some flags. */

/** Throws a plain Error in Go's words; columns count bytes from 1. */
export function csvFields(text: string): readonly string[] {
  if (text === '') throw new Error('EOF');
  const fields: string[] = [];
  for (let at = 0; at <= text.length; ) {
    if (text[at] === '"') {
      const [field, next] = quoted(text, at + 1);
      fields.push(field);
      at = next;
      continue;
    }
    const comma = text.indexOf(',', at);
    const end = comma < 0 ? text.length : comma;
    const field = text.slice(at, end);
    const mark = field.indexOf('"');
    if (mark >= 0) throw parseError(at + mark, 'bare " in non-quoted-field');
    fields.push(field);
    at = end + 1;
  }
  return fields;
}

/** A field behind its opening quote, and where the next one begins. */
function quoted(text: string, from: number): [string, number] {
  let field = '';
  for (let at = from; at < text.length; at++) {
    if (text[at] !== '"') field += text[at];
    else if (text[at + 1] === '"') {
      field += '"';
      at++;
    } else if (at + 1 === text.length || text[at + 1] === ',') return [field, at + 2];
    else throw parseError(at, 'extraneous or missing " in quoted-field');
  }
  throw parseError(text.length, 'extraneous or missing " in quoted-field');
}

const parseError = (at: number, why: string): Error => new Error(`parse error on line 1, column ${at + 1}: ${why}`);
