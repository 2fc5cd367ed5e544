/**
 * Work in slices: a line that is handed back now and then comes to the same end as one that is not, however it is cut, also in
 * the midst of a round of many processes; and one slice does only so much, whatever the line is.
 */
import '../../core/parts-all.ts';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type CommandOutcome, createSimTarget, FREE_MS, type SimTarget } from '../../core/index.ts';

const test = suite('slices');

const through = (target: SimTarget, line: string): CommandOutcome & { readonly slices: number } => {
  let outcome = target.runSync(line);
  let slices = 1;
  for (; outcome.time?.busy !== undefined; slices++) outcome = target.goOn()!;
  return { ...outcome, slices };
};

const lines = [
  'for i in $(seq 300); do (echo $i) & done | sort -n | tail -1; wait',
  'seq 2000 | sed s/1/2/ | sort | uniq -c | sort -rn | head -3',
  'i=0; while [ $i -lt 3000 ]; do i=$((i+1)); done; echo $i; cat /proc/uptime',
  'mkfifo p; (for i in 1 2 3 4; do echo $i; done > p) & (cat p; echo end); wait; rm p; date +%s.%N',
  'yes | od -v -c | head -n 200 | tail -n 1; yes | xxd | head -n 200 | tail -n 1',
  'sleep 1 & sleep 2 & wait; cat /proc/uptime; yes | head -c 200000 | md5sum',
  "docker run busybox sh -c 'for i in $(seq 200); do (echo $i) & done; wait; date +%N'",
  "docker run -d --name busy busybox sh -c 'for i in $(seq 500); do sleep 1 & done; wait; echo $(date +%s.%N)'",
  'docker wait busy; docker logs busy',
];

for (const sliceTurns of [1, 7, 250]) {
  test(`${sliceTurns} turns in a slice: the same output, exit status and clock as in one go`, () => {
    const whole = createSimTarget({ interactive: true, freeMs: FREE_MS });
    const sliced = createSimTarget({ interactive: true, freeMs: FREE_MS, sliceTurns });
    for (const line of lines) {
      const { stdout, stderr, exitCode } = through(whole, line);
      const seen = through(sliced, line);
      assert.equal([seen.stdout, seen.stderr, seen.exitCode], [stdout, stderr, exitCode], line);
      assert.is(sliced.driver.now(), whole.driver.now(), line);
    }
    assert.equal(sliced.observeSync(), whole.observeSync());
  });
}

const bombs = [
  "docker run --name away busybox sh -c 'f() { f | f & }; f; sleep 100'",
  "docker run -d --name away busybox sh -c 'f() { f | f & }; f; sleep 100'",
  'for i in $(seq 10000); do sleep 1000 & done; wait',
];

for (const line of bombs) {
  test(`the first slice begins only some processes: ${line}`, () => {
    const target = createSimTarget({ interactive: true, freeMs: FREE_MS, sliceTurns: 250 });
    const first = target.runSync(line);
    assert.ok(first.time?.busy !== undefined, 'it is handed back');
    const { processes } = target.driver.kernel;
    assert.ok(processes.size < 2_000, `${processes.size} processes`);
    let most = 0;
    for (let outcome: CommandOutcome | undefined = first; outcome?.time?.busy !== undefined && most < 5_000; ) {
      const before = processes.size;
      outcome = target.goOn();
      assert.ok(processes.size - before < 2_000);
      most = Math.max(most, processes.size);
    }
    assert.ok(most >= 5_000, `at most ${most} processes`);
  });
}

test('what was written is hashed bit by bit, before it is read back', () => {
  const target = createSimTarget();
  target.runSync("docker run --name big busybox sh -c 'head -c 20000000 /dev/zero > /zeros'");
  const bits = [...target.readAhead()].length;
  assert.ok(bits >= 10, `${bits} bits`);
  assert.is([...target.readAhead()].length, 0, 'once');
  const { upper } = target.observeSync().containers[0]!;
  const { digest } = upper!.find(({ path }) => path === '/zeros')!;
  assert.is(
    digest,
    `sha256:${target.runSync('docker run busybox sh -c "head -c 20000000 /dev/zero | sha256sum"').stdout.slice(0, 64)}`,
  );
});

test.run();
