/** Text on terminals of any width. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { callLines, prose, wrap } from '../../backend/program/words.ts';
import { textWidth } from '../../core/index.ts';

const plain = { heading: (t: string) => t, strong: (t: string) => t, code: (t: string) => t };
const id = '0123456789ab'.padEnd(64, 'c');

test('a paragraph is wrapped by columns, not by characters', () => {
  assert.equal(wrap('one two three', 7), ['one two', 'three']);
  assert.equal(wrap('日本 日本', 8), ['日本', '日本']);
  assert.equal(wrap('- a b', 4, 2), ['- a', '  b']);
});

test('prose: paragraphs joined and wrapped, headings and list items alone, no marks of emphasis left', () => {
  const markdown =
    '# What `rm` does\n\nAn _image_ is not a\n**container** of `snake_case_names`.\n\n- one item that is\n  long\n- two\n';
  assert.is(
    prose(markdown, 24, plain),
    'What rm does\n\nAn image is not a\ncontainer of\nsnake_case_names.\n\n- one item that is long\n- two\n',
  );
  const loud = { ...plain, strong: (t: string) => t.toUpperCase(), code: (t: string) => `<${t}>` };
  assert.is(prose('a _very long word_ and `x y` end', 12, loud), 'a VERY LONG\nWORD and <x y>\nend');
});

test('a utility call: one command a line, ids cut, options continued deeper, nothing lost', () => {
  const shell = `echo $$ > /g/${id}/cgroup.procs; unshare --pid sh -c 'mount -t overlay -o lowerdir=/a:/b,upperdir=/${id}/diff overlay /m; pivot_root . .; exec touch /f'`;
  const lines = callLines(shell, 40, '…');
  assert.equal(lines, [
    'echo $$ > /g/0123456789ab…/cgroup.procs;',
    "unshare --pid sh -c '",
    '  mount -t overlay -o',
    '      lowerdir=/a:/b,',
    '      upperdir=/0123456789ab…/diff',
    '      overlay /m;',
    '  pivot_root . .;',
    "  exec touch /f'",
  ]);
  assert.ok(lines.every((line) => textWidth(line) <= 40));
  const squeezed = (text: string): string => text.replace(/\s+/g, '');
  assert.is(squeezed(lines.join('')), squeezed(shell.replaceAll(id, '0123456789ab…')));
});

test.run();
