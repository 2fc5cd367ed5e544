/** `docker save` of a changed store, on a real engine: where the words come from. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type SavingHost, saveRefusedSuite } from '../suites/save-refused.ts';
import { startTestEngine } from '../support/engine.ts';
import { needs } from '../support/needs.ts';

async function open(): Promise<SavingHost> {
  const engine = await startTestEngine();
  const folder = mkdtempSync(join(tmpdir(), 'cutaway-save-'));
  return {
    docker: async (...args) => {
      const words = args.map((word) => (word === 'made.tar' ? join(folder, word) : word));
      try {
        return { stdout: engine.docker(words).toString(), stderr: '' };
      } catch (error) {
        return { stdout: '', stderr: String((error as { stderr: Buffer }).stderr) };
      }
    },
    sh: async (line) => {
      // The data root is in the engine's own mount namespace; what the lines put aside is not.
      const here = line
        .replace(/\/\S*\/data\/\S+?(?=[;\s]|$)/g, (path) => engine.inside(path))
        .replace(/(?<=\s)\/(kept|cut)\b/g, join(folder, '$1'));
      execFileSync('/bin/sh', ['-c', here]);
    },
    close: async () => {
      await engine.stop();
      rmSync(folder, { recursive: true });
    },
  };
}

saveRefusedSuite('docker', await needs('root', 'docker'), open);
