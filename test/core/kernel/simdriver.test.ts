/** What only the simulated driver has: blocked waits, the clock, determinism, faults, lines of the host. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createSimDriver, type SimDriver } from '../../../core/kernel/driver.ts';
import type { Program } from '../../../core/kernel/sys.ts';
import type { NsKind, NsSource, Op, OpName, OpOf, OpResults, Spawn } from '../../../core/op.ts';

const programs: Record<string, Program> = {
  sh: function* (sys, argv) {
    // As much of a shell as these tests need: one program and its arguments.
    const words = (argv[2] ?? '').split(' ');
    return yield* sys.execve(`/bin/${words[0]}`, words, sys.environ);
  },
  cat: function* (sys) {
    for (;;) {
      const data = yield* sys.read(0);
      if (data.length === 0) return 0;
      yield* sys.write(1, data);
    }
  },
  sleep: function* (sys, argv) {
    yield* sys.sleep(Number(argv[1]) * 1000);
    return 0;
  },
  spin: function* (sys) {
    for (;;) yield* sys.burn(0.05);
  },
  trap: function* (sys) {
    sys.sigaction('TERM', 'handler');
    while (sys.takeSignals().length === 0) yield* sys.burn(0.05);
    return 6;
  },
  touch: function* (sys, argv) {
    sys.close(sys.open(argv[1]!, { write: true, create: true }));
    yield* sys.write(1, `${sys.pid} ${sys.now()}\n`);
    return 0;
  },
};

const host: Readonly<Record<NsKind, NsSource>> = {
  mnt: 'new',
  uts: 'new',
  ipc: 'new',
  pid: 'new',
  net: 'new',
  user: 'host',
  cgroup: 'host',
};

/** A process on the host's own root, in namespaces of its own. */
const spec = (argv: readonly string[], more: Partial<Spawn> = {}): Spawn => ({
  argv,
  env: ['PATH=/bin'],
  cwd: '/',
  user: { uid: 0, gid: 0 },
  namespaces: host,
  root: '/',
  tty: false,
  stdin: 'none',
  ...more,
});

const boot = (): SimDriver => createSimDriver({ programs, startTime: 1_000_000 });

function go<N extends OpName>(driver: SimDriver, op: OpOf<N>): OpResults[N] {
  const outcome = driver.perform(op as Op);
  if ('ok' in outcome && outcome.ok) return outcome.value as OpResults[N];
  throw new Error(`${op.op}: ${JSON.stringify(outcome)}`);
}

const start = (driver: SimDriver, argv: readonly string[], more: Partial<Spawn> = {}): number =>
  go(driver, { op: 'spawn', spawn: spec(argv, more) }).pid;

test('a wait for input is blocked, and goes on when input comes', () => {
  const driver = boot();
  const pid = start(driver, ['cat'], { stdin: 'open' });
  assert.equal(driver.perform({ op: 'wait', pid }), { blocked: 'input' });
  go(driver, { op: 'input', pid, text: 'x\n' });
  assert.equal(driver.perform({ op: 'wait', pid }), { blocked: 'input' });
  assert.is(driver.now(), 1_000_000);
  go(driver, { op: 'input', pid, text: '', end: true });
  assert.equal(go(driver, { op: 'wait', pid }), { exited: true, status: { code: 0 }, at: 1_000_000 });
  const refused = driver.perform({ op: 'input', pid, text: 'y' });
  assert.is('ok' in refused && !refused.ok && refused.errno, 'EBADF');
});

test('other sleepers do not keep a wait for input from being seen', () => {
  const driver = boot();
  start(driver, ['sleep', '1000']);
  const pid = start(driver, ['cat'], { stdin: 'open' });
  assert.equal(driver.perform({ op: 'wait', pid }), { blocked: 'input' });
  assert.is(driver.now(), 1_000_000);
});

test('a wait that no reasonable time ends is blocked on time, and the clock stays', () => {
  const driver = boot();
  for (const seconds of ['Infinity', '1000000']) {
    const pid = start(driver, ['sleep', seconds]);
    assert.equal(driver.perform({ op: 'wait', pid }), { blocked: 'time' });
    assert.is(driver.now(), 1_000_000);
  }
});

test('a wait with a limit lets exactly that much time pass; without any it just looks', () => {
  const driver = boot();
  const pid = start(driver, ['sleep', '60']);
  assert.equal(go(driver, { op: 'wait', pid, timeoutMs: 0 }), { exited: false });
  assert.equal(go(driver, { op: 'wait', pid, timeoutMs: 10_000 }), { exited: false });
  assert.is(driver.now(), 1_010_000);
  assert.equal(go(driver, { op: 'wait', pid }), { exited: true, status: { code: 0 }, at: 1_060_000 });
});

test('a loop without end neither hangs a wait nor keeps the clock from going on', () => {
  const driver = boot();
  const pid = start(driver, ['spin']);
  const before = driver.now();
  assert.equal(go(driver, { op: 'wait', pid, timeoutMs: 10_000 }), { exited: false });
  assert.is(driver.now() - before, 10_000);
  assert.equal(driver.perform({ op: 'wait', pid }), { blocked: 'time' });
  go(driver, { op: 'signal', pid, signal: 'KILL' });
  const ended = go(driver, { op: 'wait', pid });
  assert.equal(ended.exited && ended.status, { code: 137, signal: 'KILL' });
});

test('a busy program hears a signal that it handles at once', () => {
  const driver = boot();
  const pid = start(driver, ['trap']);
  go(driver, { op: 'wait', pid, timeoutMs: 60_000 });
  const sent = driver.now();
  go(driver, { op: 'signal', pid, signal: 'TERM' });
  const ended = go(driver, { op: 'wait', pid, timeoutMs: 1000 });
  assert.equal(ended, { exited: true, status: { code: 6 }, at: sent });
});

test('the same Ops give the same PIDs, inode numbers, times and output', () => {
  const once = (): unknown => {
    const driver = boot();
    const seen: unknown[] = [];
    for (let i = 0; i < 3; i++) {
      const pid = start(driver, ['touch', `/tmp/f${i}`]);
      const sleeper = start(driver, ['sleep', '1']);
      seen.push(pid, go(driver, { op: 'namespaces', pid: sleeper }), go(driver, { op: 'wait', pid: sleeper }));
      seen.push(go(driver, { op: 'output', pid }), go(driver, { op: 'tree', path: '/tmp' }));
    }
    return [seen, go(driver, { op: 'processes', group: '/' }), driver.now()];
  };
  assert.equal(once(), once());
});

test('with whiteouts ignored a removed file shows again', () => {
  const seen = (fault: { ignoreWhiteouts?: boolean }): string[] => {
    const driver = createSimDriver({ programs, fault });
    for (const name of ['low', 'up', 'work', 'view']) go(driver, { op: 'mkdir', path: `/tmp/${name}`, mode: 0o755 });
    go(driver, { op: 'writeFile', path: '/tmp/low/f', data: 'x' });
    const options = ['lowerdir=/tmp/low', 'upperdir=/tmp/up', 'workdir=/tmp/work'];
    go(driver, { op: 'mount', mount: { type: 'overlay', source: 'overlay', options }, at: '/tmp/view' });
    go(driver, { op: 'remove', path: '/tmp/view/f' });
    go(driver, { op: 'umount', at: '/tmp/view' });
    go(driver, { op: 'mount', mount: { type: 'overlay', source: 'overlay', options }, at: '/tmp/view' });
    return go(driver, { op: 'tree', path: '/tmp/view' }).map(({ path }) => path);
  };
  assert.equal(seen({}), []);
  assert.equal(seen({ ignoreWhiteouts: true }), ['/f']);
});

test('a line of the host runs to its end, time included', () => {
  const driver = boot();
  assert.equal(go(driver, { op: 'host', line: 'cat', stdin: 'given' }), { code: 0, stdout: 'given', stderr: '' });
  go(driver, { op: 'host', line: 'sleep 5' });
  // Starting two programs takes a moment as well.
  assert.is(Math.floor(driver.now() / 10), 100_500);
});

test('a line of the host that does not end is blocked; the next one ends it', () => {
  const driver = boot();
  const group = '/';
  const before = go(driver, { op: 'processes', group }).length;
  assert.equal(driver.perform({ op: 'host', line: 'spin' }), { blocked: 'time' });
  assert.is(go(driver, { op: 'processes', group }).length, before + 1);
  assert.equal(driver.perform({ op: 'host', line: 'spin' }), { blocked: 'time' });
  assert.is(go(driver, { op: 'processes', group }).length, before + 1);
  go(driver, { op: 'host', line: 'sleep 1' });
  assert.is(go(driver, { op: 'processes', group }).length, before);
});

test('a start that is refused leaves neither process nor PID behind', () => {
  const driver = boot();
  const first = start(driver, ['sleep', '1']);
  for (const argv of [['none'], ['/etc/passwd'], ['/tmp']]) {
    const outcome = driver.perform({ op: 'spawn', spawn: spec(argv) });
    assert.ok('ok' in outcome && !outcome.ok, argv[0]);
  }
  assert.is(start(driver, ['sleep', '1']), first + 1);
});

test.run();
