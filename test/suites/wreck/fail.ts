/** Lets the k-th step of a line fail, for one k after the other, and looks each time whether the world is whole. */
import type { LinuxTarget } from '../../../backend/linux-target.ts';
import type { OpName, Outcome } from '../../../core/index.ts';
import { type WreckFlow, wreckFlows } from './flows.ts';
import { cleared, disagreements } from './whole.ts';

const refused: Outcome = { ok: false, errno: 'EIO', message: 'injected' };

/** A look at what is there does not fail on a kernel, short of a fault of ours. */
const looks: ReadonlySet<OpName> = new Set([
  'wait',
  'output',
  'forget',
  'processes',
  'namespaces',
  'mounts',
  'list',
  'tree',
]);

export interface Failures {
  readonly runs: number;
  readonly flows: number;
  readonly wrong: readonly string[];
}

/** `wanted` says which of the steps are tried: `(flow, step)`. */
export async function failEverywhere(
  target: LinuxTarget,
  wanted: (flow: number, step: number) => boolean,
  tell: (what: string) => void = () => {},
): Promise<Failures> {
  const perform = target.driver.perform.bind(target.driver);
  let countdown = Number.POSITIVE_INFINITY;
  let steps = 0;
  target.driver.perform = (op) => {
    if (looks.has(op.op)) return perform(op);
    steps++;
    return countdown-- === 0 ? Promise.resolve(refused) : perform(op);
  };
  let runs = 0;
  const wrong: string[] = [];
  for (const [n, flow] of wreckFlows.entries()) {
    const total = await lengthOf(flow);
    for (let step = 0; step < total; step++) {
      if (!wanted(n, step)) continue;
      runs++;
      await prepare(flow);
      countdown = step;
      const { exitCode, stderr } = await target.run(flow.line).catch((error: unknown) => {
        wrong.push(`${flow.line}, step ${step}: the driver broke: ${String(error)}`);
        return { exitCode: -1, stderr: '' };
      });
      countdown = Number.POSITIVE_INFINITY;
      const before = wrong.length;
      const found = [...(await disagreements(target)), ...(await cleared(target))];
      wrong.push(
        ...found.map((what) => `${flow.line}, step ${step} failed (exit ${exitCode}, ${stderr.trim()}): ${what}`),
      );
      for (const what of wrong.slice(before)) tell(what);
    }
  }
  target.driver.perform = perform;
  return { runs, flows: wreckFlows.length, wrong };

  async function lengthOf(flow: WreckFlow): Promise<number> {
    await prepare(flow);
    steps = 0;
    await target.run(flow.line);
    const total = steps;
    wrong.push(...(await cleared(target)).map((what) => `${flow.line}: ${what}`));
    return total;
  }

  async function prepare({ before }: WreckFlow): Promise<void> {
    for (const line of before) {
      const { exitCode, stderr } = await target.run(line);
      if (exitCode !== 0) wrong.push(`${line}: ${stderr}`);
    }
  }
}
