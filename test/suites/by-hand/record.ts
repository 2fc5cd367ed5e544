/**
 * Records what a real kernel and a real busybox answer to the cases: in namespaces of their own, on a tmpfs with nothing but
 * busybox in it. Needs root.
 *
 *   node --import tsx test/suites/by-hand/record.ts [TOPIC…]
 *
 * A topic is the beginning of its title; without one all are recorded.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { release, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { helpStripper } from '../../support/help-text.ts';
import { type Topic, topics } from './topics.ts';

const withoutHelp = helpStripper();

/** Each line in a shell of its own; what it said goes to files. */
const inside = `
mount -t tmpfs -o mode=755 tmpfs "$1" && cd "$1" && mkdir bin proc sys root tmp dev etc out old && mount -t proc proc proc || exit 1
mount -t sysfs sysfs sys
cp /bin/busybox bin/busybox && mknod -m 666 dev/null c 1 3 && cp -r "$2" lines && mkdir "$2/out" || exit 1
mount --bind "$2/out" out && pivot_root . old || exit 1
/bin/busybox --install -s /bin
/bin/busybox umount -l /old && /bin/busybox rmdir /old
cat >run <<'END'
export PATH=/bin HOME=/root
for line in $(ls /lines | sort -n); do
  cd /root
  sh -c "$(cat /lines/$line)" >/out/$line.out 2>/out/$line.err </dev/null
  echo $? >/out/$line.code
done
END
exec /bin/sh /run
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
  lines.forEach((line, n) => void writeFileSync(join(list, String(n)), line));
  const kinds = ['--mount', '--uts', '--ipc', '--net', '--pid', '--fork', '--kill-child', '--propagation', 'private'];
  execFileSync('unshare', [...kinds, 'sh', '-c', inside, 'sh', root, list]);
  const answers = lines.map((line, n) => {
    const read = (what: string): string => readFileSync(join(list, 'out', `${n}.${what}`), 'utf8');
    return { line, exitCode: Number(read('code')), stdout: withoutHelp(read('out')), stderr: withoutHelp(read('err')) };
  });
  rmSync(work, { recursive: true });
  return answers;
}

function record({ title, file, setup, cases }: Topic): void {
  const played = Object.entries(cases).map(([name, lines]) => [name, play([setup, ...lines]).slice(1)] as const);
  const recorded = {
    recordedOn: `Linux ${release().replace(/-.*/, '')}, ${banner}`,
    cases: Object.fromEntries(played),
  };
  const path = fileURLToPath(new URL(`../../fixtures/${file}`, import.meta.url));
  writeFileSync(path, `${JSON.stringify(recorded, undefined, 1)}\n`);
  console.log(`${title}: ${played.length} cases`);
}

const banner = execFileSync('busybox', { encoding: 'utf8' }).split(' multi-call')[0];
const wanted = process.argv.slice(2);
for (const topic of topics)
  if (wanted.length === 0 || wanted.some((word) => topic.title.startsWith(word))) record(topic);
