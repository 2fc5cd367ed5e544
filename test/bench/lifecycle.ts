/**
 * Each operation on a container, from the command to its end, by ours and by its peers in one run; then 50 containers one after
 * another and at once, and what one more costs beside more and more that run. Ratios are against runc, and where runc has
 * no such operation against the floor.
 */
import type { ContainerEngine } from './engines.ts';
import { operations } from './engines.ts';
import { median } from './measure.ts';

type Times = Map<string, number[]>;

/** Milliseconds that something takes. */
async function timed(what: () => Promise<void> | undefined): Promise<number> {
  const start = performance.now();
  await what();
  return performance.now() - start;
}

/** All engines in turn live one container after another, so that a busy moment hits each alike. */
export async function eachOperation(engines: readonly ContainerEngine[], rounds: number): Promise<string> {
  const times: Times = new Map();
  for (let round = -1; round < rounds; round++) {
    for (const engine of engines) {
      for (const operation of operations) {
        const once = engine.does[operation];
        if (once === undefined) continue;
        const took = await timed(() => once(`c${round + 1}`));
        const key = `${operation} ${engine.name}`;
        if (round >= 0) times.set(key, [...(times.get(key) ?? []), took]);
      }
    }
  }
  const names = engines.map(({ name }) => name);
  const rows = operations.map((operation) => [
    operation,
    ...names.map((name) => {
      const all = times.get(`${operation} ${name}`);
      if (all === undefined) return '-';
      const base = times.get(`${operation} runc`) ?? times.get(`${operation} ${names[0]}`);
      return `${median(all).toFixed(1)} ms ${base === undefined ? '' : `${(median(all) / median(base)).toFixed(2)}×`}`;
    }),
  ]);
  return table(`one operation on one container, median of ${rounds} (× runc; where there is none, × the floor)`, [
    ['', ...names],
    ...rows,
  ]);
}

/** `count` containers one after another, then as many at once where the engine can; each removed again. */
export async function manyStarted(engines: readonly ContainerEngine[], count: number): Promise<string> {
  const rows: string[][] = [['', 'one after another', 'at once']];
  for (const engine of engines) {
    const names = Array.from({ length: count }, (_, n) => `m${n}`);
    const row = [engine.name];
    const ways = [
      async () => {
        for (const name of names) await engine.does.run?.(name);
      },
      ...(engine.atOnce === undefined ? [] : [() => engine.atOnce?.(names)]),
    ];
    for (const way of ways) {
      row.push(`${(await timed(way)).toFixed(0)} ms`);
      await clear(engine, names);
    }
    rows.push(row.length === 2 ? [...row, '(one program, one line at a time)'] : row);
  }
  return table(`${count} containers started`, rows);
}

/** What a container costs beside `sizes` others: run, exec and rm of one more, the median of some. */
export async function growing(engines: readonly ContainerEngine[], sizes: readonly number[]): Promise<string> {
  const rows: string[][] = [['running already', ...sizes.map(String)]];
  for (const engine of engines) {
    const names: string[] = [];
    const row = [engine.name];
    for (const size of sizes) {
      while (names.length < size) {
        names.push(`g${names.length}`);
        await engine.does.run?.(names.at(-1)!);
      }
      const parts: number[][] = [[], [], []];
      for (let n = 0; n < 9; n++) {
        parts[0]!.push(await timed(() => engine.does.run?.('more')));
        parts[1]!.push(await timed(() => engine.does.exec?.('more')));
        await engine.does.stop?.('more');
        parts[2]!.push(await timed(() => engine.does.rm?.('more')));
      }
      row.push(parts.map((all) => median(all).toFixed(0)).join('/'));
    }
    await clear(engine, names);
    rows.push(row);
  }
  return table('run/exec/rm of one more container, milliseconds', rows);
}

async function clear(engine: ContainerEngine, names: readonly string[]): Promise<void> {
  for (const name of names) {
    await engine.does.stop?.(name);
    await engine.does.rm?.(name);
  }
}

function table(title: string, rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
  const text = rows.map((row) => `  ${row.map((cell, column) => cell.padEnd(widths[column]!)).join('   ')}`.trimEnd());
  return [title, ...text].join('\n');
}
