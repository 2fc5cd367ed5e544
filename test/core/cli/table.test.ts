/** Tables, sizes and times: the texts are those of the real client (20.10.24) for the same values. */
import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { formatList, tabulate } from '../../../core/cli/table.ts';
import {
  bytesSize,
  ellipsis,
  goG,
  goTime,
  humanDuration,
  humanSize,
  isoSeconds,
  shortId,
} from '../../../core/cli/units.ts';

/** As `docker ps -a --no-trunc`, `docker ps`, `docker images` and `docker top` printed them. */
const ps = `CONTAINER ID   IMAGE     COMMAND                  CREATED         STATUS         PORTS     NAMES
6ed297157aa8   busybox   "sh -c 'echo hi; sle…"   3 seconds ago   Up 2 seconds             cl-a
1aeec443e1a7   busybox   "sleep 300"              3 minutes ago   Up 3 minutes             en-b
`;
const images = `REPOSITORY   TAG       DIGEST    IMAGE ID       CREATED          SIZE
busybox      latest    <none>    39d150dac45c   18 minutes ago   1.98MB
`;
const empty = 'REPOSITORY   TAG       IMAGE ID   CREATED   SIZE\n';
const history = `IMAGE          CREATED          CREATED BY   SIZE      COMMENT
39d150dac45c   18 minutes ago                1.98MB    Imported from -
`;
const top = `UID                 PID                 PPID                C                   STIME               TTY                 TIME                CMD
root                13312               13289               0                   17:53               ?                   00:00:00            /sbin/docker-init -- sh -c echo hi; sleep 100 x y
`;

/** The cells of a printed table: where its columns begin is read from the header line. */
function cells(table: string, header: readonly string[]): string {
  const lines = table.trimEnd().split('\n');
  const starts = header.map((title) => (lines[0] ?? '').indexOf(title));
  return lines
    .map((line) =>
      starts
        .map((at, n) =>
          [...line]
            .slice(at, starts[n + 1])
            .join('')
            .trimEnd(),
        )
        .join('\t'),
    )
    .map((line) => `${line}\n`)
    .join('');
}

const printed: [name: string, table: string, header: string[]][] = [
  ['ps', ps, ['CONTAINER ID', 'IMAGE', 'COMMAND', 'CREATED', 'STATUS', 'PORTS', 'NAMES']],
  ['images', images, ['REPOSITORY', 'TAG', 'DIGEST', 'IMAGE ID', 'CREATED', 'SIZE']],
  ['images, none', empty, ['REPOSITORY', 'TAG', 'IMAGE ID', 'CREATED', 'SIZE']],
];

for (const [name, table, header] of printed) {
  test(`columns of ${name}`, () => assert.is(tabulate(cells(table, header)), table));
}

test('columns of history', () => {
  const rows = 'IMAGE\tCREATED\tCREATED BY\tSIZE\tCOMMENT\n39d150dac45c\t18 minutes ago\t\t1.98MB\tImported from -\n';
  assert.is(tabulate(rows), history);
});

test('columns of top', () => {
  const rows = [
    'UID\tPID\tPPID\tC\tSTIME\tTTY\tTIME\tCMD\n',
    'root\t13312\t13289\t0\t17:53\t?\t00:00:00\t/sbin/docker-init -- sh -c echo hi; sleep 100 x y\n',
  ];
  assert.is(tabulate(rows.join(''), 20), top);
});

test('whatever the cells, all lines of a table begin their columns at the same places', () => {
  const cell = fc.string({ maxLength: 25 }).map((text) => `x${text.replace(/[\t\n]/g, ' ')}`);
  const table = fc.tuple(
    fc.integer({ min: 1, max: 5 }),
    fc.array(fc.array(cell, { minLength: 6, maxLength: 6 }), { minLength: 1, maxLength: 5 }),
  );
  fc.assert(
    fc.property(table, ([columns, rows]) => {
      const used = rows.map((row) => row.slice(0, columns + 1));
      const lines = tabulate(used.map((row) => `${row.join('\t')}\n`).join('')).split('\n');
      used.forEach((row, at) => {
        let from = 0;
        row.slice(0, -1).forEach((text, column) => {
          const widest = Math.max(...used.map((other) => [...(other[column] ?? '')].length));
          assert.is([...(lines[at] ?? '')].slice(from, from + [...text].length).join(''), text);
          from += Math.max(widest + 3, 10);
        });
      });
    }),
    { numRuns: 100 },
  );
});

const list = {
  type: '*formatter.testContext',
  headers: { ID: 'THE ID', Name: 'NAME' },
  table: 'table {{.ID}}\t{{.Name}}',
  quiet: '{{.ID}}',
};
const rows = [
  { ID: 'a1', Name: 'one' },
  { ID: 'b2', Name: '<two>' },
];

test('--format', () => {
  assert.is(formatList(list, rows, ''), 'THE ID    NAME\na1        one\nb2        <two>\n');
  assert.is(formatList(list, rows, 'table'), formatList(list, rows, ''));
  assert.is(formatList(list, rows, '', true), 'a1\nb2\n');
  assert.is(formatList(list, rows, 'table {{.Name}}\\t{{.ID}}'), 'NAME      THE ID\none       a1\n<two>     b2\n');
  assert.is(formatList(list, rows, '{{.ID}}\\n{{.Name}}'), 'a1\none\nb2\n<two>\n');
  assert.is(formatList(list, rows, 'json'), 'json\njson\n');
  assert.is(formatList(list, rows, '{{json .}}'), '{"ID":"a1","Name":"one"}\n{"ID":"b2","Name":"\\u003ctwo\\u003e"}\n');
  assert.is(formatList(list, rows, '{{json .Name}}'), '"one"\n"<two>"\n');
});

test('sizes', () => {
  assert.equal(
    [0, 6, 999, 1000, 1982256, 1e9].map((size) => humanSize(size, 3)),
    ['0B', '6B', '999B', '1kB', '1.98MB', '1GB'],
  );
  assert.is(humanSize(1982256), '1.982MB');
  assert.is(humanSize(999999, 3), '1e+03kB');
  assert.is(bytesSize(745472), '728KiB');
  assert.is(bytesSize(25275600000), '23.54GiB');
  assert.equal([goG(0.00001234, 3), goG(100000, 6), goG(1000000, 6)], ['1.23e-05', '100000', '1e+06']);
});

test('durations', () => {
  const s = 1000;
  const [m, h, d] = [60 * s, 3600 * s, 86400 * s];
  const words: [number, string][] = [
    [0, 'Less than a second'],
    [999, 'Less than a second'],
    [s, '1 second'],
    [59 * s, '59 seconds'],
    [m, 'About a minute'],
    [119 * s, 'About a minute'],
    [2 * m, '2 minutes'],
    [59 * m, '59 minutes'],
    [h, 'About an hour'],
    [2 * h, '2 hours'],
    [47 * h, '47 hours'],
    [48 * h, '2 days'],
    [13 * d, '13 days'],
    [14 * d, '2 weeks'],
    [59 * d, '8 weeks'],
    [60 * d, '2 months'],
    [729 * d, '24 months'],
    [730 * d, '2 years'],
  ];
  assert.equal(
    words.map(([ms]) => humanDuration(ms)),
    words.map(([, text]) => text),
  );
});

test('ids, times, cut texts', () => {
  assert.is(shortId(`sha256:${'0123456789ab'.repeat(6)}`), '0123456789ab');
  assert.is(goTime(Date.UTC(2026, 10, 20, 17, 53, 10, 449)), '2026-11-20 17:53:10 +0000 UTC');
  assert.is(isoSeconds(Date.UTC(2026, 10, 20, 17, 34, 18, 999)), '2026-11-20T17:34:18Z');
  assert.is(ellipsis("sh -c 'echo hi; sleep 100'", 20), "sh -c 'echo hi; sle…");
  assert.is(ellipsis('sleep 300', 20), 'sleep 300');
});

test.run();
