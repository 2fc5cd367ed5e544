/**
 * What every driver must do, told in Ops only: the suite runs on the simulated kernel and on a real one. It needs the layer of
 * the teaching image `busybox` and nothing else.
 *
 * Kept true: a test makes what it needs in a directory of its own and leaves nothing behind, so one driver serves all.
 */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Blocked, Driver } from '../../core/driver.ts';
import {
  type ContainerMount,
  type LayerSource,
  type NewEntry,
  type NsKind,
  type NsSource,
  nsKinds,
  type Op,
  type OpName,
  type OpOf,
  type OpResults,
  type Outcome,
  type Signal,
  type Spawn,
} from '../../core/op.ts';

export interface DriverFixture {
  readonly driver: Driver;
  /** The layer of the busybox image. */
  readonly layer: LayerSource;
}

const own: Readonly<Record<NsKind, NsSource>> = {
  mnt: 'new',
  uts: 'new',
  ipc: 'new',
  pid: 'new',
  net: 'new',
  user: 'host',
  cgroup: 'host',
};

const PATH = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
const hidden = ['nosuid', 'noexec', 'nodev'];
const mounts: readonly ContainerMount[] = [
  { type: 'proc', source: 'proc', options: hidden, at: '/proc' },
  { type: 'tmpfs', source: 'tmpfs', options: ['nosuid', 'strictatime', 'mode=755', 'size=65536k'], at: '/dev' },
  { type: 'sysfs', source: 'sysfs', options: [...hidden, 'ro'], at: '/sys' },
];

/** Short ways to perform Ops. */
class Bench {
  private count = 0;

  constructor(
    readonly driver: Driver,
    readonly layer: LayerSource,
  ) {}

  get home(): string {
    return `${this.driver.facts.dataRoot}/suite`;
  }

  async try(op: Op): Promise<Outcome | Blocked> {
    return await this.driver.perform(op);
  }

  async do<N extends OpName>(op: OpOf<N>): Promise<OpResults[N]> {
    const outcome = await this.try(op);
    if ('ok' in outcome && outcome.ok) return outcome.value as OpResults[N];
    throw new Error(`${op.op}: ${JSON.stringify(outcome)}`);
  }

  /** The errno that an Op is refused with. */
  async errno(op: Op): Promise<string> {
    const outcome = await this.try(op);
    return 'ok' in outcome ? (outcome.ok ? 'ok' : outcome.errno) : `blocked: ${outcome.blocked}`;
  }

  fresh(what = 'dir'): string {
    this.count += 1;
    return `${this.home}/${what}${this.count}`;
  }

  /** A directory of its own. */
  async dir(): Promise<string> {
    const path = this.fresh();
    await this.do({ op: 'mkdir', path, mode: 0o755, parents: true });
    return path;
  }

  async container(): Promise<Box> {
    const dir = await this.dir();
    const base = `${this.home}/base`;
    if ((await this.errno({ op: 'mkdir', path: base, mode: 0o755 })) === 'ok') {
      await this.do({ op: 'unpack', layer: this.layer, into: base });
    }
    for (const name of ['upper', 'work', 'merged']) await this.do({ op: 'mkdir', path: `${dir}/${name}`, mode: 0o755 });
    const options = [`lowerdir=${base}`, `upperdir=${dir}/upper`, `workdir=${dir}/work`];
    await this.do({ op: 'mount', mount: { type: 'overlay', source: 'overlay', options }, at: `${dir}/merged` });
    const group = `suite/${dir.split('/').at(-1)}`;
    await this.do({ op: 'cgroupCreate', group });
    return new Box(this, dir, group);
  }
}

/** A root with a union view and a cgroup, and what was started in it. */
class Box {
  private readonly pids = new Set<number>();

  constructor(
    private readonly bench: Bench,
    readonly dir: string,
    readonly group: string,
  ) {}

  get root(): string {
    return `${this.dir}/merged`;
  }

  spec(argv: readonly string[], more: Partial<Spawn> = {}): Spawn {
    return {
      argv,
      env: [PATH, 'HOME=/root'],
      cwd: '/',
      user: { uid: 0, gid: 0 },
      namespaces: own,
      root: this.root,
      hostname: 'box',
      mounts,
      cgroup: this.group,
      tty: false,
      stdin: 'none',
      ...more,
    };
  }

  async start(argv: readonly string[], more: Partial<Spawn> = {}): Promise<number> {
    const { pid } = await this.bench.do({ op: 'spawn', spawn: this.spec(argv, more) });
    this.pids.add(pid);
    return pid;
  }

  /** One more process in the namespaces of `pid`. */
  async enter(pid: number, argv: readonly string[], more: Partial<Spawn> = {}): Promise<number> {
    const join = Object.fromEntries(nsKinds.map((kind) => [kind, { join: pid }])) as Record<NsKind, NsSource>;
    const { root: _, mounts: __, hostname: ___, ...spec } = this.spec(argv, more);
    const started = await this.bench.do({ op: 'spawn', spawn: { ...spec, namespaces: join } });
    this.pids.add(started.pid);
    return started.pid;
  }

  /** Waits for the end, at most ten seconds. */
  async end(pid: number): Promise<{ code: number; signal: Signal | undefined; out: string; err: string }> {
    const waited = await this.bench.do({ op: 'wait', pid, timeoutMs: 10_000 });
    if (!waited.exited) throw new Error(`${pid} did not end`);
    return { code: waited.status.code, signal: waited.status.signal, ...(await this.said(pid)) };
  }

  async said(pid: number): Promise<{ out: string; err: string }> {
    const chunks = await this.bench.do({ op: 'output', pid });
    const of = (stream: string): string => chunks.map((chunk) => (chunk.stream === stream ? chunk.text : '')).join('');
    return { out: of('stdout'), err: of('stderr') };
  }

  async run(argv: readonly string[], more: Partial<Spawn> = {}): ReturnType<Box['end']> {
    return await this.end(await this.start(argv, more));
  }

  async signal(pid: number, signal: Signal): Promise<void> {
    await this.bench.do({ op: 'signal', pid, signal });
  }

  /** Lets the host's clock go on by waiting for a process that stays. */
  async pass(pid: number, timeoutMs: number): Promise<boolean> {
    return (await this.bench.do({ op: 'wait', pid, timeoutMs })).exited;
  }

  async freeze(on: boolean): Promise<void> {
    const { group } = this;
    const v1 = { op: 'cgroupWrite', group, controller: 'freezer', file: 'freezer.state' } as const;
    const v2 = { op: 'cgroupWrite', group, controller: '', file: 'cgroup.freeze' } as const;
    const isV1 = this.bench.driver.facts.cgroup === 'v1';
    await this.bench.do(isV1 ? { ...v1, value: on ? 'FROZEN' : 'THAWED' } : { ...v2, value: on ? '1' : '0' });
  }

  /** Ends what still runs and takes everything away. */
  async clean(): Promise<void> {
    for (const pid of this.pids) {
      await this.bench.try({ op: 'signal', pid, signal: 'KILL' });
      await this.bench.do({ op: 'wait', pid, timeoutMs: 10_000 });
      await this.bench.do({ op: 'forget', pid });
    }
    await this.bench.do({ op: 'cgroupRemove', group: this.group });
    await this.bench.do({ op: 'umount', at: this.root });
    await this.bench.do({ op: 'remove', path: this.dir });
  }
}

/** The suite, for whoever makes drivers; the driver is closed at the end. */
export function driverSuite(name: string, factory: () => DriverFixture | Promise<DriverFixture>): void {
  const test = suite(`driver ${name}`);
  let bench: Bench;
  test.before(async () => {
    const { driver, layer } = await factory();
    bench = new Bench(driver, layer);
    await bench.do({ op: 'mkdir', path: bench.home, mode: 0o755, parents: true });
  });
  test.after(async () => {
    await bench.do({ op: 'remove', path: `${bench.home}` });
    await bench.driver.close();
  });

  /** A test with a container of its own. */
  const boxed = (title: string, body: (box: Box, bench: Bench) => Promise<void>): void => {
    test(title, async () => {
      const box = await bench.container();
      try {
        await body(box, bench);
      } finally {
        await box.clean();
      }
    });
  };

  files(test, () => bench);
  trees(test, () => bench);
  layers(boxed);
  mountsAndGroups(test, boxed, () => bench);
  processes(boxed);
  firstProcess(boxed);
  freezer(boxed);
  test.run();
}

type Test = ReturnType<typeof suite>;
type Boxed = (title: string, body: (box: Box, bench: Bench) => Promise<void>) => void;

const seedling: readonly NewEntry[] = [
  { path: '/d', type: 'dir', mode: 0o1750 },
  { path: '/d/f', type: 'file', mode: 0o640, data: 'grüße\n' },
  { path: '/d/l', type: 'symlink', target: '../../nowhere' },
  { path: '/e', type: 'file', mode: 0o755, data: '' },
];

function trees(test: Test, bench: () => Bench): void {
  test('writeTree: a directory with all that is in it, modes as they were asked for', async () => {
    const b = bench();
    const parent = await b.dir();
    const path = `${parent}/new`;
    await b.do({ op: 'writeTree', path, mode: 0o711, entries: seedling });
    const [top] = await b.do({ op: 'tree', path: parent });
    assert.is(top?.mode, 0o711);
    const all = await b.do({ op: 'tree', path });
    assert.equal(
      all.map(({ path: at, type, mode, size, target }) => [at, type, type === 'symlink' ? 0 : mode, size, target]),
      [
        ['/d', 'dir', 0o1750, 0, undefined],
        ['/d/f', 'file', 0o640, 8, undefined],
        ['/d/l', 'symlink', 0, 0, '../../nowhere'],
        ['/e', 'file', 0o755, 0, undefined],
      ],
    );
    assert.is(await b.do({ op: 'readFile', path: `${path}/d/f` }), 'grüße\n');
  });

  test('list: names so many levels deep, with what is in small files', async () => {
    const b = bench();
    const dir = await b.dir();
    await b.do({ op: 'writeTree', path: `${dir}/top`, mode: 0o711, entries: seedling });
    const list = async (depth: number, text: number) => {
      const entries = await b.do({ op: 'list', path: dir, depth, text });
      return entries.map((entry) => [entry.path, entry.type, entry.text ?? entry.target ?? entry.size]);
    };
    assert.equal(await list(1, 100), [['/top', 'dir', 0]]);
    assert.equal(await list(2, 100), [
      ['/top', 'dir', 0],
      ['/top/d', 'dir', 0],
      ['/top/e', 'file', ''],
    ]);
    assert.equal(await list(3, 8), [
      ['/top', 'dir', 0],
      ['/top/d', 'dir', 0],
      ['/top/d/f', 'file', 'grüße\n'],
      ['/top/d/l', 'symlink', '../../nowhere'],
      ['/top/e', 'file', ''],
    ]);
    assert.equal((await list(3, 7))[2], ['/top/d/f', 'file', 8]);
    assert.is(await b.errno({ op: 'list', path: `${dir}/none`, depth: 1, text: 0 }), 'ENOENT');
    assert.is(await b.errno({ op: 'list', path: `${dir}/top/e`, depth: 1, text: 0 }), 'ENOTDIR');
  });

  test('writeTree: all or nothing', async () => {
    const b = bench();
    const dir = await b.dir();
    const file = (path: string): NewEntry => ({ path, type: 'file', mode: 0o644, data: '' });
    const write = (path: string, entries: readonly NewEntry[]) =>
      b.errno({ op: 'writeTree', path: `${dir}/${path}`, mode: 0o755, entries });
    assert.is(await write('no/new', []), 'ENOENT');
    assert.is(await write('a', [...seedling, file('/none/f')]), 'ENOENT');
    assert.is(await write('a', [...seedling, file('/e')]), 'EEXIST');
    assert.equal(await b.do({ op: 'tree', path: dir }), []);
    assert.is(await write('a', [file('/kept')]), 'ok');
    assert.is(await write('a', [file('/other')]), 'EEXIST');
    const left = await b.do({ op: 'tree', path: dir });
    assert.equal(
      left.map(({ path }) => path),
      ['/a', '/a/kept'],
    );
  });
}

function files(test: Test, bench: () => Bench): void {
  test('files: written, read, renamed, removed', async () => {
    const b = bench();
    const dir = await b.dir();
    await b.do({ op: 'writeFile', path: `${dir}/a`, data: 'first\n', mode: 0o600 });
    assert.is(await b.do({ op: 'readFile', path: `${dir}/a` }), 'first\n');
    await b.do({ op: 'symlink', target: 'a', path: `${dir}/link` });
    assert.is(await b.do({ op: 'readFile', path: `${dir}/link` }), 'first\n');
    await b.do({ op: 'rename', from: `${dir}/a`, to: `${dir}/b` });
    const tree = await b.do({ op: 'tree', path: dir });
    assert.equal(
      tree.map(({ path, type, mode, size }) => [path, type, type === 'file' ? mode : 0, size]),
      [
        ['/b', 'file', 0o600, 6],
        ['/link', 'symlink', 0, 0],
      ],
    );
    await b.do({ op: 'remove', path: dir });
    assert.is(await b.errno({ op: 'readFile', path: `${dir}/b` }), 'ENOENT');
  });

  test('files: what is refused, and how', async () => {
    const b = bench();
    const dir = await b.dir();
    await b.do({ op: 'writeFile', path: `${dir}/file`, data: '' });
    const cases: readonly [Op, string][] = [
      [{ op: 'mkdir', path: dir, mode: 0o755 }, 'EEXIST'],
      [{ op: 'mkdir', path: `${dir}/no/dir`, mode: 0o755 }, 'ENOENT'],
      [{ op: 'mkdir', path: `${dir}/file/dir`, mode: 0o755 }, 'ENOTDIR'],
      [{ op: 'readFile', path: `${dir}/none` }, 'ENOENT'],
      [{ op: 'readFile', path: dir }, 'EISDIR'],
      [{ op: 'writeFile', path: `${dir}/no/file`, data: '' }, 'ENOENT'],
      [{ op: 'symlink', target: 'x', path: `${dir}/file` }, 'EEXIST'],
      [{ op: 'rename', from: `${dir}/none`, to: `${dir}/x` }, 'ENOENT'],
      [{ op: 'remove', path: `${dir}/none` }, 'ok'],
      [{ op: 'tree', path: `${dir}/none` }, 'ENOENT'],
    ];
    for (const [op, errno] of cases) assert.is(await b.errno(op), errno, JSON.stringify(op));
    await b.do({ op: 'mkdir', path: `${dir}/x/y/z`, mode: 0o700, parents: true });
    await b.do({ op: 'mkdir', path: `${dir}/x/y/z`, mode: 0o700, parents: true });
    await b.do({ op: 'remove', path: dir });
  });
}

function layers(boxed: Boxed): void {
  boxed(
    'layers: the union shows what was written, the upper directory holds it, and it survives an archive',
    async (box, b) => {
      const script = 'echo joy > /happiness.txt; rm /etc/passwd; mkdir /new; echo x > /new/f; ln -s f /new/l';
      assert.is((await box.run(['sh', '-c', script])).code, 0);
      const upper = await b.do({ op: 'tree', path: `${box.dir}/upper` });
      const of = (path: string) => upper.find((entry) => entry.path === path)?.type;
      assert.equal(['/happiness.txt', '/etc/passwd', '/new', '/new/f', '/new/l', '/bin/sh'].map(of), [
        'file',
        'whiteout',
        'dir',
        'file',
        'symlink',
        undefined,
      ]);
      const union = await b.do({ op: 'tree', path: box.root });
      assert.ok(union.some(({ path }) => path === '/bin/sh'));
      assert.not.ok(union.some(({ path }) => path === '/etc/passwd'));

      const { diffId } = await b.do({ op: 'archive', from: `${box.dir}/upper`, to: `${box.dir}/layer.tar` });
      assert.match(diffId, /^sha256:[0-9a-f]{64}$/);
      const again = `${box.dir}/again`;
      await b.do({ op: 'mkdir', path: again, mode: 0o755 });
      await b.do({ op: 'unpack', layer: { file: `${box.dir}/layer.tar` }, into: again });
      assert.equal(await b.do({ op: 'tree', path: again }), upper);
    },
  );

  boxed('layers: unpacking over what is there is refused, and so is what is not there', async (box, b) => {
    const empty = `${box.dir}/empty`;
    await b.do({ op: 'mkdir', path: empty, mode: 0o755 });
    await b.do({ op: 'writeFile', path: `${box.dir}/upper/x`, data: '' });
    assert.is(await b.errno({ op: 'unpack', layer: b.layer, into: `${box.dir}/none` }), 'ENOENT');
    assert.is(await b.errno({ op: 'unpack', layer: b.layer, into: `${box.dir}/upper` }), 'ENOTEMPTY');
    assert.is(await b.errno({ op: 'unpack', layer: { file: `${box.dir}/none` }, into: empty }), 'ENOENT');
  });

  boxed('copyOut: files and directories come out, links do not lead out of the root', async (box, b) => {
    await box.run(['sh', '-c', 'echo in > /f; mkdir /d; echo deep > /d/g; ln -s /f /abs; ln -s ../../../f /up']);
    const to = `${box.dir}/out`;
    await b.do({ op: 'mkdir', path: to, mode: 0o755 });
    const copy = (path: string, target: string, followLink = false) =>
      b.do({ op: 'copyOut', root: box.root, path, to: target, followLink });
    await copy('/f', `${to}/renamed`);
    await copy('/d', to);
    await copy('/abs', `${to}/viaabs`, true);
    await copy('/up', `${to}/viaup`, true);
    assert.is(await b.do({ op: 'readFile', path: `${to}/renamed` }), 'in\n');
    assert.is(await b.do({ op: 'readFile', path: `${to}/d/g` }), 'deep\n');
    assert.is(await b.do({ op: 'readFile', path: `${to}/viaabs` }), 'in\n');
    assert.is(await b.do({ op: 'readFile', path: `${to}/viaup` }), 'in\n');
    assert.is(await b.errno({ op: 'copyOut', root: box.root, path: '/none', to }), 'ENOENT');
  });

  boxed('copyOut: a symlink that leads out of where it is copied to ends it, as docker cp ends', async (box, b) => {
    const links = 'ln -s ../in /e/b; ln -s /etc/passwd /e/c; ln -s ../../far /e/m';
    await box.run(['sh', '-c', `mkdir /e; echo first > /e/a; ${links}; echo last > /e/z`]);
    const to = `${box.dir}/out`;
    await b.do({ op: 'mkdir', path: to, mode: 0o755 });
    const copied = { op: 'copyOut', root: box.root, path: '/e', to } as const;
    assert.equal(await b.try(copied), {
      ok: false,
      errno: 'EXDEV',
      message: `invalid symlink "${to}/e/m" -> "../../far"`,
    });
    assert.is(await b.do({ op: 'readFile', path: `${to}/e/a` }), 'first\n');
    const entries = await b.do({ op: 'tree', path: to });
    assert.equal(
      entries.map(({ path }) => path),
      ['/e', '/e/a', '/e/b', '/e/c'],
    );
    // Into that directory itself nothing but itself is meant: what leads to its neighbour leads out.
    const contents = await b.try({ ...copied, path: '/e/.', to: `${to}/e` });
    assert.equal(contents, { ok: false, errno: 'EXDEV', message: `invalid symlink "${to}/e/b" -> "../in"` });
  });

  boxed('exportTree: the whole root becomes one archive', async (box, b) => {
    const { size } = await b.do({ op: 'exportTree', root: box.root, to: `${box.dir}/export.tar` });
    assert.ok(size > 1_000_000 && size % 512 === 0);
  });
}

function mountsAndGroups(test: Test, boxed: Boxed, bench: () => Bench): void {
  test('mounts: what is refused, and how', async () => {
    const b = bench();
    const dir = await b.dir();
    const tmpfs = { type: 'tmpfs', source: 'tmpfs', options: [] } as const;
    const overlay = { type: 'overlay', source: 'overlay', options: [`lowerdir=${dir}/none`] } as const;
    assert.is(await b.errno({ op: 'mount', mount: tmpfs, at: `${dir}/none` }), 'ENOENT');
    assert.is(await b.errno({ op: 'mount', mount: overlay, at: dir }), 'ENOENT');
    assert.is(await b.errno({ op: 'umount', at: dir }), 'EINVAL');
    await b.do({ op: 'mount', mount: tmpfs, at: dir });
    assert.ok((await b.do({ op: 'mounts' })).some(({ at, type }) => at === dir && type === 'tmpfs'));
    assert.is(await b.errno({ op: 'remove', path: dir }), 'EBUSY');
    await b.do({ op: 'mkdir', path: `${dir}/below`, mode: 0o755 });
    await b.do({ op: 'mount', mount: tmpfs, at: `${dir}/below` });
    assert.is(await b.errno({ op: 'umount', at: dir }), 'EBUSY');
    await b.do({ op: 'umount', at: `${dir}/below` });
    await b.do({ op: 'umount', at: dir });
    assert.not.ok((await b.do({ op: 'mounts' })).some(({ at }) => at === dir));
    await b.do({ op: 'remove', path: dir });
  });

  test('cgroups: what is refused, and how', async () => {
    const b = bench();
    const group = 'suite/refusals';
    const file = { op: 'cgroupWrite', group, controller: 'pids', file: 'pids.max' } as const;
    assert.is(await b.errno({ op: 'cgroupRemove', group }), 'ENOENT');
    assert.is(await b.errno({ ...file, value: '1' }), 'ENOENT');
    await b.do({ op: 'cgroupCreate', group });
    assert.is(await b.errno({ op: 'cgroupCreate', group }), 'EEXIST');
    if (b.driver.facts.cgroup === 'v1') {
      await b.do({ ...file, value: '7' });
      assert.is(await b.do({ ...file, op: 'cgroupRead' }), '7\n');
      assert.is(await b.errno({ ...file, value: 'many' }), 'EINVAL');
      assert.is(await b.errno({ ...file, file: 'pids.none', value: '1' }), 'ENOENT');
      const freezer = { op: 'cgroupWrite', group, controller: 'freezer', file: 'freezer.state' } as const;
      assert.is(await b.errno({ ...freezer, value: 'COLD' }), 'EINVAL');
    }
    await b.do({ op: 'cgroupRemove', group });
  });

  boxed('cgroups: a group with a process in it cannot be removed', async (box, b) => {
    await box.start(['sleep', '100']);
    assert.is(await b.errno({ op: 'cgroupRemove', group: box.group }), 'EBUSY');
  });

  boxed('mounts: the view stays mounted while a container uses it, in a namespace of its own', async (box, b) => {
    const pid = await box.start(['sleep', '100']);
    const inside = (await box.end(await box.enter(pid, ['cat', '/proc/mounts']))).out;
    assert.match(inside, / \/ overlay /);
    assert.match(inside, / \/proc proc /);
    assert.not.ok((await b.do({ op: 'mounts' })).some(({ at }) => at === `${box.root}/proc`));
  });
}

function processes(boxed: Boxed): void {
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

/** The rules of PID 1 of a namespace, pid_namespaces(7). */
function firstProcess(boxed: Boxed): void {
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
    await box.pass(pid, 200);
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
    await box.pass(pid, 100);
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
    await box.pass(pid, 200);
    const infos = await b.do({ op: 'processes', group: box.group });
    const orphan = infos.filter(({ args }) => args[0] === 'sleep');
    assert.equal(
      orphan.map(({ innerParent }) => innerParent),
      [1, 1],
    );
  });

  boxed('a stopped process goes on when it is continued', async (box, b) => {
    const pid = await box.start(['sleep', '100']);
    const other = await box.enter(pid, ['sleep', '0.3']);
    await box.signal(other, 'STOP');
    assert.is(await box.pass(other, 600), false);
    const infos = await b.do({ op: 'processes', group: box.group });
    assert.is(infos.find((info) => info.pid === other)?.state, 'T');
    await box.signal(other, 'CONT');
    assert.is((await box.end(other)).code, 0);
  });
}

function freezer(boxed: Boxed): void {
  boxed('freezer: nothing runs while frozen, all goes on when thawed', async (box, b) => {
    const pid = await box.start(['sh', '-c', 'while sleep 0.05; do echo tick; done']);
    await box.pass(pid, 300);
    await box.freeze(true);
    const before = (await box.said(pid)).out.length;
    assert.ok(before > 0);
    await box.pass(pid, 300);
    assert.is((await box.said(pid)).out.length, before);
    if (b.driver.facts.cgroup === 'v1') {
      const state = { op: 'cgroupRead', group: box.group, controller: 'freezer', file: 'freezer.state' } as const;
      assert.is(await b.do(state), 'FROZEN\n');
    }
    await box.freeze(false);
    await box.pass(pid, 300);
    assert.ok((await box.said(pid)).out.length > before);
  });

  boxed('freezer: SIGKILL waits for the thaw on v1, not on v2', async (box, b) => {
    const pid = await box.start(['sleep', '100']);
    await box.freeze(true);
    await box.signal(pid, 'KILL');
    assert.is(await box.pass(pid, 200), b.driver.facts.cgroup === 'v2');
    await box.freeze(false);
    assert.is((await box.end(pid)).signal, 'KILL');
  });

  boxed('freezer: signals sent meanwhile arrive after the thaw', async (box) => {
    const pid = await box.start(['sleep', '100']);
    const other = await box.enter(pid, ['sleep', '100']);
    await box.freeze(true);
    await box.signal(other, 'TERM');
    assert.is(await box.pass(other, 200), false);
    await box.freeze(false);
    assert.is((await box.end(other)).signal, 'TERM');
  });
}
