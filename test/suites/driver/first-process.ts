/** The rules of PID 1 of a namespace, pid_namespaces(7), and what the freezer keeps from running. */
import * as assert from 'uvu/assert';
import type { ProcessInfo } from '../../../core/op.ts';
import type { Boxed } from './bench.ts';

export function firstProcess(boxed: Boxed): void {
  boxed('PID 1 without a handler does not hear SIGTERM, not even from outside, but SIGKILL', async (box) => {
    const pid = await box.start(['sleep', '100']);
    await box.signal(pid, 'TERM');
    assert.is(await box.pass(pid, 200), false);
    await box.signal(pid, 'KILL');
    const { code, signal } = await box.end(pid);
    assert.equal([code, signal], [137, 'KILL']);
  });

  boxed('PID 1 with a handler hears SIGTERM', async (box) => {
    const pid = await box.start(['sh', '-c', 'trap "echo bye; exit 7" TERM; echo ready; sleep 100 & wait']);
    await box.says(pid, 'ready\n');
    await box.signal(pid, 'TERM');
    const { code, out } = await box.end(pid);
    assert.equal([code, out], [7, 'ready\nbye\n']);
  });

  boxed('PID 1 cannot be killed from inside, not even by SIGKILL', async (box) => {
    const pid = await box.start(['sleep', '100']);
    assert.is((await box.end(await box.enter(pid, ['sh', '-c', 'kill -9 1; echo survived']))).out, 'survived\n');
    assert.is(await box.pass(pid, 100), false);
  });

  boxed('when PID 1 ends, everything in its PID namespace is killed', async (box, b) => {
    const pid = await box.start(['sleep', '100']);
    const other = await box.enter(pid, ['sleep', '100']);
    await box.signal(pid, 'KILL');
    assert.is((await box.end(other)).signal, 'KILL');
    await box.end(pid);
    assert.equal(await b.do({ op: 'processes', group: box.group }), []);
  });

  boxed('any other process hears SIGTERM', async (box) => {
    const pid = await box.start(['sleep', '100']);
    const other = await box.enter(pid, ['sleep', '100']);
    await box.signal(other, 'TERM');
    const { code, signal } = await box.end(other);
    assert.equal([code, signal], [143, 'TERM']);
  });

  boxed('an init in front passes signals on, reaps, and ends as its child', async (box, b) => {
    const pid = await box.start(['sleep', '100'], { init: true });
    const infos = await b.do({ op: 'processes', group: box.group });
    assert.equal(
      infos.map(({ args, innerParent }) => [args, innerParent]),
      [
        [['/sbin/docker-init', '--', 'sleep', '100'], 0],
        [['sleep', '100'], 1],
      ],
    );
    await box.signal(pid, 'TERM');
    assert.is((await box.end(pid)).code, 143);
    assert.is((await box.run(['sh', '-c', 'exit 5'], { init: true })).code, 5);
    const missing = await box.run(['nosuchprog'], { init: true });
    assert.is(missing.code, 127);
    assert.match(missing.err, /exec nosuchprog failed: No such file or directory/);
  });

  boxed('orphans become children of PID 1', async (box, b) => {
    const pid = await box.start(['sh', '-c', '(sleep 100 & echo started); sleep 100; true']);
    let sleepers: readonly ProcessInfo[] = [];
    await box.until(pid, async () => {
      const infos = await b.do({ op: 'processes', group: box.group });
      sleepers = infos.filter(({ args }) => args[0] === 'sleep');
      return sleepers.length === 2;
    });
    assert.equal(
      sleepers.map(({ innerParent }) => innerParent),
      [1, 1],
    );
  });

  boxed('a stopped process goes on when it is continued', async (box, b) => {
    const pid = await box.start(['sleep', '100']);
    const other = await box.enter(pid, ['cat'], { stdin: 'open' });
    await box.signal(other, 'STOP');
    // Running, it would write this and end.
    await b.do({ op: 'input', pid: other, text: 'late\n', end: true });
    assert.is(await box.pass(other, 300), false);
    assert.is((await box.said(other)).out, '');
    const infos = await b.do({ op: 'processes', group: box.group });
    assert.is(infos.find((info) => info.pid === other)?.state, 'T');
    await box.signal(other, 'CONT');
    const { code, out } = await box.end(other);
    assert.equal([code, out], [0, 'late\n']);
  });
}

export function freezer(boxed: Boxed): void {
  boxed('freezer: nothing runs while frozen, all goes on when thawed', async (box, b) => {
    const pid = await box.start(['sh', '-c', 'while sleep 0.05; do echo tick; done']);
    await box.says(pid, 'tick\n');
    await box.freeze(true);
    // What it wrote before is on its way to us.
    for (const ms of [50, 50]) await box.pass(pid, ms);
    const before = (await box.said(pid)).out.length;
    assert.ok(before > 0);
    await box.pass(pid, 300);
    assert.is((await box.said(pid)).out.length, before);
    if (b.driver.facts.cgroup === 'v1') {
      const state = { op: 'cgroupRead', group: box.group, controller: 'freezer', file: 'freezer.state' } as const;
      assert.is(await b.do(state), 'FROZEN\n');
    }
    await box.freeze(false);
    await box.until(pid, async () => (await box.said(pid)).out.length > before);
  });

  boxed('freezer: SIGKILL waits for the thaw on v1, not on v2', async (box, b) => {
    const pid = await box.start(['sleep', '100']);
    await box.freeze(true);
    await box.signal(pid, 'KILL');
    if (b.driver.facts.cgroup === 'v2') await box.end(pid);
    else assert.is(await box.pass(pid, 200), false);
    await box.freeze(false);
    assert.is((await box.end(pid)).signal, 'KILL');
  });

  boxed(
    'freezer: signals sent meanwhile arrive after the thaw, in v2 at once when they end the process',
    async (box, { driver }) => {
      const pid = await box.start(['sleep', '100']);
      const other = await box.enter(pid, ['sleep', '100']);
      await box.freeze(true);
      await box.signal(other, 'TERM');
      if (driver.facts.cgroup === 'v1') assert.is(await box.pass(other, 200), false);
      else assert.is((await box.end(other)).signal, 'TERM');
      await box.freeze(false);
      assert.is((await box.end(other)).signal, 'TERM');
    },
  );
}
