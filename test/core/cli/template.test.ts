/**
 * Templates give what the real client gives: output, errors and exit codes recorded on one real container
 * (test/fixtures/docker-templates/record.ts).
 */
import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { evaluateFormat } from '../../../core/cli/commands/inspect.ts';
import { goMap } from '../../../core/cli/go.ts';
import { compile, render } from '../../../core/cli/template.ts';

interface Answer {
  readonly template: string;
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

const file = new URL('../../fixtures/docker-templates/inspect.json', import.meta.url);
const { inspected, answers } = JSON.parse(readFileSync(file, 'utf8')) as { inspected: never; answers: Answer[] };

test('the recording is there', () => assert.ok(answers.length > 100));

for (const { template, ...expected } of answers) {
  test(`-f '${template}'`, () => {
    const { code, out, err } = evaluateFormat(template, [inspected]);
    assert.equal({ code, out, err: err === '' ? '' : `${err}\n` }, expected);
  });
}

const fill = (source: string, data: unknown) => render(compile(source), data);

test('a map is walked in the order of its keys', () => {
  assert.is(fill('{{range $k, $v := .}}{{$k}}{{$v}} {{end}}', goMap({ b: 1, a: 2 })), 'a2 b1 ');
  assert.is(fill('{{.}}', goMap({ b: [1, 2], a: null })), 'map[a:<nil> b:[1 2]]');
});

test('a variable set in a block is gone after it', () => {
  assert.is(fill('{{$x := 1}}{{if true}}{{$x := 2}}{{$x}}{{end}}{{$x}}', {}), '21');
  assert.is(fill('{{$x := 1}}{{if true}}{{$x = 2}}{{end}}{{$x}}', {}), '2');
});

test.run();
