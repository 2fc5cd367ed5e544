/** Processes of a container: how they start, what they are given, what they leave. */
import * as assert from 'uvu/assert';
import { type NsKind, type NsSource, nsKinds } from '../../../core/op.ts';
import { type Boxed, own, PATH } from './bench.ts';

export function processes(boxed: Boxed): void {
  boxed('spawn: output, error output, exit code', async (box) => {
    const { code, out, err } = await box.run(['sh', '-c', 'echo out; echo err >&2; exit 3']);
    assert.equal([code, out, err], [3, 'out\n', 'err\n']);
  });

  boxed('spawn: namespaces are its own, PID 1 inside, and the host sees it too', async (box, b) => {
    const pid = await box.start(['sleep', '100']);
    const [info, ...others] = await b.do({ op: 'processes', group: box.group });
    assert.is(others.length, 0);
    assert.equal([info?.pid, info?.inner, info?.innerParent, info?.args], [pid, 1, 0, ['sleep', '100']]);
    const its = await b.do({ op: 'namespaces', pid });
    const theirs = await b.do({ op: 'namespaces', pid: 1 });
    for (const kind of nsKinds) {
      assert.match(its[kind], new RegExp(`^${kind}:\\[\\d+\\]$`));
      assert.is(its[kind] !== theirs[kind], own[kind] === 'new', kind);
    }
  });

  boxed('spawn: a process that joins is in the same namespaces and gets the next PID', async (box, b) => {
    const pid = await box.start(['sleep', '100'], { hostname: 'inner' });
    const other = await box.enter(pid, ['sleep', '50']);
    assert.equal(await b.do({ op: 'namespaces', pid: other }), await b.do({ op: 'namespaces', pid }));
    const all = await b.do({ op: 'processes', group: box.group });
    const info = all.find((each) => each.pid === other);
    assert.ok(info !== undefined && info.inner > 1 && info.innerParent === 0);
    assert.is((await box.end(await box.enter(pid, ['hostname']))).out, 'inner\n');
  });

  boxed('spawn: what cannot be started leaves nothing behind', async (box, b) => {
    await box.run(['sh', '-c', 'echo hi > /plain; echo "#!/bin/nothing" > /script; chmod +x /script']);
    const cases: readonly [readonly string[], string][] = [
      [['nosuchprog'], 'ENOENT'],
      [['/no/such/prog'], 'ENOENT'],
      [['/plain'], 'EACCES'],
      [['/etc'], 'EACCES'],
      [['/script'], 'ENOENT'],
    ];
    for (const [argv, errno] of cases) {
      assert.is(await b.errno({ op: 'spawn', spawn: box.spec(argv) }), errno, argv.join(' '));
    }
    assert.equal(await b.do({ op: 'processes', group: box.group }), []);
    const gone = box.spec(['true'], { namespaces: { ...own, pid: { join: 999_999 } } });
    assert.is(await b.errno({ op: 'spawn', spawn: gone }), 'ESRCH');
  });

  boxed('spawn: environment, working directory (made when missing), user, hostname', async (box) => {
    const more = { env: [PATH, 'A=b c'], cwd: '/made/here', user: { uid: 1000, gid: 1000 }, hostname: 'name' };
    const { out } = await box.run(['sh', '-c', 'echo "$A"; pwd; id -u; id -g; hostname'], more);
    assert.is(out, 'b c\n/made/here\n1000\n1000\nname\n');
  });

  boxed('spawn: a process that joins needs a working directory that is there', async (box, b) => {
    const pid = await box.start(['sleep', '100']);
    const join = Object.fromEntries(nsKinds.map((kind) => [kind, { join: pid }])) as Record<NsKind, NsSource>;
    const { root: _, mounts: __, hostname: ___, ...spec } = box.spec(['true'], { cwd: '/none' });
    assert.is(await b.errno({ op: 'spawn', spawn: { ...spec, namespaces: join } }), 'ENOENT');
  });

  boxed('spawn: standard input', async (box, b) => {
    assert.is((await box.run(['cat'], { stdin: { text: 'given\n' } })).out, 'given\n');
    assert.is((await box.run(['cat'])).out, '');
    const pid = await box.start(['cat'], { stdin: 'open' });
    await b.do({ op: 'input', pid, text: 'one\n' });
    await b.do({ op: 'input', pid, text: 'two\n', end: true });
    assert.is((await box.end(pid)).out, 'one\ntwo\n');
  });

  boxed('spawn: the log has one line of JSON for each line of output', async (box, b) => {
    const log = `${box.dir}/json.log`;
    await box.run(['sh', '-c', 'echo one; echo two >&2; printf three'], { log });
    const lines = (await b.do({ op: 'readFile', path: log })).trimEnd().split('\n');
    const records = lines.map((line) => JSON.parse(line) as { log: string; stream: string; time: string });
    const texts = records.map((record) => [record.log, record.stream]).sort();
    assert.equal(texts, [
      ['one\n', 'stdout'],
      ['three', 'stdout'],
      ['two\n', 'stderr'],
    ]);
    for (const { time } of records) assert.match(time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/);
  });

  boxed('spawn: masked paths are hidden, read-only ones are', async (box) => {
    const more = { maskedPaths: ['/proc/timer_list', '/sys/firmware'], readonlyPaths: ['/proc/sys'] };
    const script = 'cat /proc/timer_list | wc -c; ls /sys/firmware | wc -l; echo x > /proc/sys/kernel/hostname';
    const { out, err } = await box.run(['sh', '-c', script], more);
    assert.equal(out.trim().split(/\s+/), ['0', '0']);
    assert.match(err, /Read-only file system/);
  });

  boxed('spawn: without CAP_SYS_ADMIN root may not mount', async (box) => {
    const { err } = await box.run(['umount', '/proc'], { capabilities: ['CAP_CHOWN'] });
    assert.match(err, /Operation not permitted/);
  });

  boxed('wait and output of a process that is not ours', async (_box, b) => {
    for (const op of ['wait', 'output'] as const) assert.is(await b.errno({ op, pid: 1 }), 'ECHILD', op);
    assert.is(await b.errno({ op: 'signal', pid: 999_999, signal: 'TERM' }), 'ESRCH');
    assert.is(await b.errno({ op: 'namespaces', pid: 999_999 }), 'ESRCH');
  });

  boxed('forget: only what has ended', async (box, b) => {
    const pid = await box.start(['sleep', '100']);
    assert.is(await b.errno({ op: 'forget', pid }), 'EBUSY');
  });
}
