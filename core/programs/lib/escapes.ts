/** Backslash escapes of `echo -e`, `printf`, `tr` and `$'…'`. */

/** One character after the backslash, as in C. */
export const simpleEscapes: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  e: '\x1b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\\': '\\',
};

const octals = { echo: /^0([0-7]{0,3})/, printf: /^([0-7]{1,3})/, bytes: /^0?([0-7]{1,3})/ };

/** `echo`: octal is `\0nnn`; `printf`: `\nnn`; `bytes` (%b): both. `\c` ends the output. */
export function unescapeText(text: string, style: 'echo' | 'printf' | 'bytes'): { text: string; stopped: boolean } {
  let stopped = false;
  let done = '';
  for (let i = 0; i < text.length && !stopped; i++) {
    if (text[i] !== '\\') {
      done += text[i];
      continue;
    }
    const rest = text.slice(i + 1);
    const octal = octals[style].exec(rest);
    const hex = /^x([0-9a-fA-F]{1,2})/.exec(rest);
    if (rest.startsWith('c')) stopped = true;
    else if (octal !== null || hex !== null) {
      const code =
        octal !== null ? Number.parseInt(octal[1]! === '' ? '0' : octal[1]!, 8) : Number.parseInt(hex![1]!, 16);
      done += String.fromCharCode(code & 0xff);
      i += (octal ?? hex)![0].length;
    } else if (rest === '') done += '\\';
    else {
      done += simpleEscapes[rest[0]!] ?? `\\${rest[0]}`;
      i++;
    }
  }
  return { text: done, stopped };
}
