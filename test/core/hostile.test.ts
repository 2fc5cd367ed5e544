/** Hostile archives on the simulation. */
import { suite } from 'uvu';
import { createSimTarget, runSync, type TreeEntry } from '../../core/index.ts';
import { perform } from '../../core/op.ts';
import { countTest, type HostileHost, hostileSuite } from '../suites/hostile.ts';
import { simStore } from '../support/store.ts';

const test = suite('hostile archives, simulated');
const part = process.env.HOSTILE ?? '';

async function open(): Promise<HostileHost> {
  const target = createSimTarget();
  const files = (): string => {
    const tree = runSync(perform('look', { op: 'tree', path: '/' }), target.driver) as readonly TreeEntry[];
    return tree
      .filter(({ path }) => !/^\/(proc|sys|dev)\//.test(path))
      .map((entry) => JSON.stringify(entry))
      .join('\n');
  };
  return { target, files, store: simStore(target) };
}

countTest(test);
hostileSuite(
  (name, body) => test(name, body),
  open,
  ({ name }) => name.includes(part),
);

test.run();
