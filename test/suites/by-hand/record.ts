/**
 * Records what a real kernel and a real busybox answer to the cases: in a mount and PID namespace of their own, on a tmpfs with
 * nothing but busybox in it. Needs root.
 *
 *   node --import tsx test/suites/by-hand/record.ts
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { release, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cases, setup } from './cases.ts';

/** Each line in a shell of its own; what it said goes to files. */
const inside = `
mount -t tmpfs -o mode=755 tmpfs "$1" && cd "$1" && mkdir bin proc root tmp dev etc out && mount -t proc proc proc || exit 1
cp /bin/busybox bin/busybox && mknod -m 666 dev/null c 1 3 && cp -r "$2" lines || exit 1
chroot . /bin/busybox --install -s /bin
cat >run <<'END'
export PATH=/bin HOME=/root
for line in $(ls /lines | sort -n); do
  cd /root
  sh -c "$(cat /lines/$line)" >/out/$line.out 2>/out/$line.err </dev/null
  echo $? >/out/$line.code
done
END
chroot . /bin/sh /run
cp -r out "$2/out"
`;

interface Answer {
  readonly line: string;
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

function play(lines: readonly string[]): Answer[] {
  const work = mkdtempSync(join(tmpdir(), 'by-hand-'));
  const [root, list] = [join(work, 'root'), join(work, 'lines')];
  execFileSync('mkdir', [root, list]);
  [setup, ...lines].forEach((line, n) => void writeFileSync(join(list, String(n)), line));
  const namespaces = ['--mount', '--pid', '--fork', '--kill-child', '--propagation', 'private'];
  execFileSync('unshare', [...namespaces, 'sh', '-c', inside, 'sh', root, list]);
  const answers = lines.map((line, n) => {
    const read = (what: string): string => readFileSync(join(list, 'out', `${n + 1}.${what}`), 'utf8');
    return { line, exitCode: Number(read('code')), stdout: read('out'), stderr: read('err') };
  });
  rmSync(work, { recursive: true });
  return answers;
}

const banner = execFileSync('busybox', { encoding: 'utf8' }).split(' multi-call')[0];
const recorded = {
  recordedOn: `Linux ${release().replace(/-.*/, '')}, ${banner}`,
  cases: Object.fromEntries(Object.entries(cases).map(([title, lines]) => [title, play(lines)])),
};
const file = fileURLToPath(new URL('../../fixtures/overlay-by-hand.json', import.meta.url));
writeFileSync(file, `${JSON.stringify(recorded, undefined, 1)}\n`);
