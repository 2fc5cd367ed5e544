/**
 * The options that busybox's `--help` of an applet names: what is recorded of it in test/fixtures/busybox-options.json, since the
 * help text itself is busybox's own.
 */

/** `-a`, `-n N` (takes a value), `--long`, `-name` (find), `bs=` (dd), `conv=sync` (dd), `-o bind` (mount), `c` (tar), `%a` (stat). */
export function optionsInHelp(applet: string, help: string): string[] {
  const usage = /^Usage: .*\n(?:\s*or: .*\n)*/m.exec(help)?.[0] ?? '';
  const rows = help.slice(help.indexOf(usage) + usage.length).split('\n');
  const found = new Set<string>();
  if (applet === 'dd') for (const word of words(help, /\b(?:\w+=\w+)/g)) ddWord(found, word);
  else if (applet === 'find')
    for (const row of rows) for (const word of lead(row).match(/-\w+/g) ?? []) found.add(word);
  else {
    for (const word of words(usage, /(?<=[[|\s,])-(?:-[\w-]+|\|\+\w+|\w+)/g)) usageWord(found, word);
    for (const row of rows) rowOptions(found, applet, row);
  }
  return [...found].sort();
}

const words = (text: string, pattern: RegExp): string[] => text.match(pattern) ?? [];

/** What stands in a row of the list before its explanation. */
function lead(row: string): string {
  return row.startsWith('\t') && !row.startsWith('\t\t') ? row.trim().split(/\t| {2,}/)[0]! : '';
}

/** `if=FILE` → `if=`; `conv=notrunc|noerror` stands in rows of its own. */
function ddWord(found: Set<string>, word: string): void {
  const [key, value] = word.split('=') as [string, string];
  found.add(/^[a-z_]+$/.test(value) ? word : `${key}=`);
}

/** `[-nbvteA]`, `[-|+Cabefmnuvx]`, `[--all]`. */
function usageWord(found: Set<string>, word: string): void {
  if (word.startsWith('--')) found.add(word);
  else if (word !== '-SIG') for (const letter of word.replace(/^-(\|\+)?/, '')) found.add(`-${letter}`);
}

function rowOptions(found: Set<string>, applet: string, row: string): void {
  const first = lead(row);
  if (applet === 'mount' && /^\[?\w/.test(first) && !first.startsWith('-')) {
    for (const word of first.split(/,\s*/)) for (const each of bracketed(word)) found.add(`-o ${each}`);
    return;
  }
  if (applet === 'tar' && /^[cxt]$/.test(first)) found.add(first);
  for (const [option] of first.matchAll(/(?<=^|,\s*)--?[\w-]+/g)) {
    if (option.startsWith('--')) found.add(option);
    else if (option.length === 2) found.add(option);
    // `-lc` of ls: two of them together.
    else for (const letter of option.slice(1)) found.add(`-${letter}`);
  }
  const format = /^ (%\w)\t/.exec(row);
  if (format !== null) found.add(format[1]!);
}

/** `[no]dev` → `nodev`, `dev`. */
function bracketed(word: string): string[] {
  const match = /^\[(\w+)\](\w+)$/.exec(word);
  return match === null ? [word] : [match[1]! + match[2]!, match[2]!];
}
