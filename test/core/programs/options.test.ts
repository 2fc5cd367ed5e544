/**
 * Every option that the real busybox names in its help is either tried against the real one (in a recorded case, a fixture made
 * by hand on a real kernel, or a suite that runs on both) or stands in the list of what is missing; what is missing says so
 * and is counted. Nothing is accepted in silence.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import '../../../core/parts-all.ts';
import { bootHost } from '../../../core/kernel/host.ts';
import { runProgram } from '../../../core/kernel/launch.ts';
import { applets, programs } from '../../../core/programs/index.ts';
import { describeLacking, lackingOptions } from '../../../core/programs/lacking.ts';
import { readCases } from './cases.ts';
import { readOptions } from './options.ts';

const recorded = readOptions();
const missing = new Set(
  Object.entries(lackingOptions).flatMap(([name, words]) => words.split(' ').map((word) => `${name} ${word}`)),
);

/** Lines that the simulation and a real busybox were both given: recorded, or run on both by a suite. */
function comparedLines(): string[] {
  const files = (folder: string, pattern: RegExp): string[] =>
    readdirSync(new URL(`../../../${folder}/`, import.meta.url))
      .filter((name) => pattern.test(name))
      .map((name) => readFileSync(new URL(`../../../${folder}/${name}`, import.meta.url), 'utf8'));
  const texts = [
    ...files('test/fixtures', /-by-hand\.(json|md)$/),
    ...files('test/suites/by-hand', /\.ts$/),
    ...files('test/suites/facts', /\.ts$/),
    ...files('lessons', /^\d.*\.md$/),
  ];
  return [...readCases().map(({ script }) => script), ...texts.flatMap((text) => text.split(/\\n|\n/))];
}

/** The words behind each call of an applet, as far as the next `;`, `|` or the like. */
function callsOf(lines: readonly string[], name: string): string[] {
  const escaped = name.replace(/[[\]]/g, '\\$&');
  const call = new RegExp(`(?<![\\w./-])${escaped}(?= )((?:[ ]+(?:'[^']*'|"[^"]*"|[^|;&\\n)\`'"])+)?)`, 'g');
  return lines.flatMap((line) => [...line.matchAll(call)].map((match) => match[1] ?? ''));
}

function isUsed(applet: string, option: string, calls: readonly string[]): boolean {
  const letter = /^-(\w)$/.exec(option)?.[1];
  if (letter === undefined) return calls.some((call) => call.includes(option.replace(/^-o /, '')));
  const bundle = applet === 'tar' ? `|^ [a-zA-Z]*${letter}` : '';
  return calls.some((call) => new RegExp(`(^|[ ])-\\w*${letter}${bundle}`).test(call));
}

/** What cannot be compared with a recorded answer: tested by itself, in alone.test.ts. */
const alone = readFileSync(new URL('alone.test.ts', import.meta.url), 'utf8').split('\n');

/** Their answers are all about the machine, so that they have tests of their own below test/core/kernel and test/linux. */
const aboutTheMachine: ReadonlySet<string> = new Set(
  'arp df free httpd ifconfig iptables mount nc netstat nslookup ping route top umount wget'.split(' '),
);

test(`each option in the help of ${recorded.busybox} is compared with the real one, or is missing and says so`, () => {
  const lines = comparedLines();
  const untried = Object.entries(recorded.applets).flatMap(([name, options]) => {
    // They are one program.
    const calls = callsOf([...lines, ...alone], name === 'ash' ? 'sh' : name);
    if (aboutTheMachine.has(name)) return [];
    return options
      .filter((option) => !missing.has(`${name} ${option}`) && !isUsed(name, option, calls))
      .map((option) => `${name} ${option}`);
  });
  assert.equal(untried, []);
});

test('what is listed as missing is an option of the real one', () => {
  // Formats of time -f, and options that are read though the help is silent about them.
  const hidden = /^(time|stat|find|wget) /;
  for (const each of missing) {
    const [name = '', ...words] = each.split(' ');
    assert.ok(hidden.test(each) || recorded.applets[name]?.includes(words.join(' ')) === true, each);
  }
});

/** A call in which a missing option is asked for. */
function callOf(name: string, word: string): string {
  if (word.startsWith('%')) return name === 'time' ? `time -f ${word} true` : `stat -c ${word} /`;
  if (word.includes('=')) return `${name} ${word}`;
  return `${name} ${word} 1 2`;
}

test('each missing option says so, fails and is counted', () => {
  assert.ok(missing.size > 0);
  for (const each of missing) {
    const [name, word] = each.split(' ') as [string, string];
    const kernel = bootHost({ programs });
    const { stderr, code } = runProgram(kernel, ['sh', '-c', `${callOf(name, word)} < /dev/null`]);
    assert.match(stderr, `${name}: ${word}: busybox has this option, the simulation has not yet\n`);
    assert.is.not(code, 0);
    assert.equal([...kernel.lacking], [[each, 1]]);
  }
});

test('a missing applet says so and is counted; what busybox has not either is only not found', () => {
  const kernel = bootHost({ programs });
  const { stderr, code } = runProgram(kernel, ['sh', '-c', 'vi x; vi y; nohup z']);
  assert.is(
    stderr,
    `${'vi: not found: busybox has this applet, the simulation has not yet\n'.repeat(2)}sh: nohup: not found\n`,
  );
  assert.is(code, 127);
  assert.equal([...kernel.lacking], [['vi', 2]]);
});

test('the list for people names every one', () => {
  const { summary, applets: absent, options } = describeLacking();
  assert.match(summary, new RegExp(`^\\d+ of \\d+ applets of busybox 1\\.35\\.0; ${missing.size} options of these`));
  assert.match(absent, / vi /);
  assert.equal(new Set(options.split(', ')), missing);
  for (const name of Object.keys(lackingOptions)) assert.ok(name in applets, name);
});

test.run();
