/** The files of a data root for test/suites/store.ts, read where they lie: in a simulated host, or on a disk. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SimTarget } from '../../core/index.ts';
import type { StoreFiles } from '../suites/store.ts';

export function simStore({ driver }: SimTarget, home = '/var/lib/docker'): StoreFiles {
  return {
    list: (path) => {
      const outcome = driver.perform({ op: 'host', line: `ls -1A ${home}/${path} 2>/dev/null` });
      if (!('ok' in outcome) || !outcome.ok) return [];
      return (outcome.value as { stdout: string }).stdout.split('\n').filter((name) => name !== '');
    },
    text: (path) => {
      const outcome = driver.perform({ op: 'readFile', path: `${home}/${path}` });
      if ('ok' in outcome && outcome.ok) return outcome.value as string;
      throw new Error(`${path} cannot be read`);
    },
  };
}

/** `home`: the data root, as this process reaches it. */
export function diskStore(home: string): StoreFiles {
  return {
    list: (path) => {
      try {
        return readdirSync(join(home, path));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
        throw error;
      }
    },
    text: (path) => readFileSync(join(home, path), 'utf8'),
  };
}
