/** Redraws of a line editor after a change of the window's size, which nobody should count. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { drawnOnce, withoutRedraws } from '../../../core/index.ts';

const test = suite('redraws');
const again = (line: string): string => `\r${line}\x1b[J`;
const prompt = '/ # \x1b[6n';

test('as many redraws of a prompt as there may be: none is left', () => {
  for (const times of [0, 1, 2, 5])
    assert.is(withoutRedraws(`\r\n${prompt}${again('/ # ').repeat(times)}exit\r\n`), `\r\n${prompt}exit\r\n`);
  assert.is(withoutRedraws(`${prompt}${again('/ # ')}`), prompt);
});

test('a redraw that shows something new stays, however often it comes: once', () => {
  const text = `\r\n${prompt}ls${again('/ # ls /etc').repeat(3)}\r\n`;
  assert.is(withoutRedraws(text), `\r\n${prompt}ls${again('/ # ls /etc')}\r\n`);
  assert.is(drawnOnce(text), withoutRedraws(text));
});

test('other output stays as it is', () => {
  for (const text of ['', 'a\r\nb\r\n', '10 %\r20 %\r100 %\r\n', '\x1b[J', 'x\rx\r\n'])
    assert.is(withoutRedraws(text), text);
});

test.run();
