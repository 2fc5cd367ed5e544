/**
 * `docker save` of an image whose files were changed behind the engine's back: what it says, with the words of a real one. The
 * same table is played on the simulation, in a lab and on a real engine. Kept true: when all is as it was, the image is saved.
 */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { chainIds, type Digest } from '../../core/index.ts';
import { gated } from '../support/needs.ts';

/** A host with an engine on it. */
export interface SavingHost {
  /** `docker …`, the words behind it. */
  docker(...args: readonly string[]): Promise<{ readonly stdout: string; readonly stderr: string }>;
  /** A line of the host's shell, in which paths of the data root can be used. */
  sh(line: string): Promise<void>;
  close(): Promise<void>;
}

/** `$DIFF`: the layer's directory; `$SPLIT`: what was kept of its tar. */
const cases: readonly { readonly done: string; readonly says: string }[] = [
  { done: 'printf hallo > $DIFF/d/f', says: 'file integrity checksum failed for "d/f"' },
  { done: 'echo longer >> $DIFF/d/f', says: 'file integrity checksum failed for "d/f"' },
  { done: 'printf he > $DIFF/d/f', says: 'file integrity checksum failed for "d/f"' },
  { done: 'rm $DIFF/d/f', says: 'open $MERGED/d/f: no such file or directory' },
  { done: 'rm $DIFF/d/f; mkdir $DIFF/d/f', says: 'read $MERGED/d/f: is a directory' },
  { done: 'rm $SPLIT', says: 'open $SPLIT: no such file or directory' },
  { done: 'printf "" > $SPLIT', says: 'EOF' },
  { done: 'printf garbage > $SPLIT', says: 'unexpected EOF' },
  { done: 'printf garbage,and,more,of,it > $SPLIT', says: 'gzip: invalid header' },
  { done: 'head -c 60 $SPLIT > /cut; cat /cut > $SPLIT; rm /cut', says: 'unexpected EOF' },
];

export function saveRefusedSuite(name: string, missing: string | undefined, open: () => Promise<SavingHost>): void {
  const test = suite(`docker save of a changed store, ${name}`);
  gated(test, missing)('each change is refused by name, and undone it is saved again', async () => {
    const host = await open();
    try {
      await host.docker('run', '--name', 'one', 'busybox', 'sh', '-c', 'mkdir /d; printf hello >/d/f; printf x >/d/g');
      await host.docker('commit', 'one', 'made');
      const asked = async (format: string): Promise<string> =>
        (await host.docker('image', 'inspect', '-f', format, 'made')).stdout.trim();
      const diff = await asked('{{.GraphDriver.Data.UpperDir}}');
      const chain = chainIds(JSON.parse(await asked('{{json .RootFS.Layers}}')) as Digest[]).at(-1)!;
      const root = diff.replace(/\/overlay2\/.*/, '');
      const split = `${root}/image/overlay2/layerdb/sha256/${chain.slice('sha256:'.length)}/tar-split.json.gz`;
      const merged = diff.replace(/diff$/, 'merged');
      const filled = (text: string): string =>
        text.replaceAll('$DIFF', diff).replaceAll('$SPLIT', split).replaceAll('$MERGED', merged);
      await host.sh(filled('cat $SPLIT > /kept'));
      const saved = async (): Promise<string> => (await host.docker('save', '-o', 'made.tar', 'made')).stderr;
      for (const { done, says } of cases) {
        assert.is(await saved(), '');
        await host.sh(filled(done));
        assert.is(await saved(), filled(`Error response from daemon: ${says}\n`), done);
        await host.sh(filled('rm -rf $DIFF/d/f; printf hello > $DIFF/d/f; cat /kept > $SPLIT'));
      }
      assert.is(await saved(), '');
    } finally {
      await host.close();
    }
  });
  test.run();
}

const quoted = (word: string): string => `'${word.replaceAll("'", `'\\''`)}'`;

/** A target whose host lines are its own. */
export function hostOf(target: {
  run(line: string): Promise<{ readonly stdout: string; readonly stderr: string; readonly exitCode: number }>;
  close(): Promise<void>;
}): SavingHost {
  return {
    docker: (...args) => target.run(`docker ${args.map(quoted).join(' ')}`),
    sh: async (line) => {
      const { exitCode, stderr } = await target.run(line);
      assert.is(exitCode, 0, `${line}: ${stderr}`);
    },
    close: () => target.close(),
  };
}
