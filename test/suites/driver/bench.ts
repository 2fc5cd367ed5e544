/**
 * What the suite of a driver works with: short ways to perform Ops, and containers to perform them on.
 */
import type { suite } from 'uvu';
import type { Blocked, Driver } from '../../../core/driver.ts';
import {
  type ContainerMount,
  type LayerSource,
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
} from '../../../core/op.ts';

export const own: Readonly<Record<NsKind, NsSource>> = {
  mnt: 'new',
  uts: 'new',
  ipc: 'new',
  pid: 'new',
  net: 'new',
  user: 'host',
  cgroup: 'host',
};

export const PATH = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
const hidden = ['nosuid', 'noexec', 'nodev'];
const mounts: readonly ContainerMount[] = [
  { type: 'proc', source: 'proc', options: hidden, at: '/proc' },
  { type: 'tmpfs', source: 'tmpfs', options: ['nosuid', 'strictatime', 'mode=755', 'size=65536k'], at: '/dev' },
  { type: 'sysfs', source: 'sysfs', options: [...hidden, 'ro'], at: '/sys' },
];

/** Short ways to perform Ops. */
export class Bench {
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
export class Box {
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

  /** Waits for the end, at most a minute: who is slow may be slow. */
  async end(pid: number): Promise<{ code: number; signal: Signal | undefined; out: string; err: string }> {
    const waited = await this.bench.do({ op: 'wait', pid, timeoutMs: 60_000 });
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

  /** Lets the clock go on until it is so. */
  async until(pid: number, isSo: () => boolean | Promise<boolean>): Promise<void> {
    for (let looks = 0; !(await isSo()); looks++) {
      if (looks > 3000) throw new Error(`what was waited for while ${pid} ran did not come`);
      await this.pass(pid, 20);
    }
  }

  /** Until its standard output has that in it. */
  async says(pid: number, text: string): Promise<void> {
    await this.until(pid, async () => (await this.said(pid)).out.includes(text));
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
      await this.bench.do({ op: 'wait', pid, timeoutMs: 60_000 });
      await this.bench.do({ op: 'forget', pid });
    }
    await this.bench.do({ op: 'cgroupRemove', group: this.group });
    await this.bench.do({ op: 'umount', at: this.root });
    await this.bench.do({ op: 'remove', path: this.dir });
  }
}

export type Test = ReturnType<typeof suite>;
/** A test with a container of its own. */
export type Boxed = (title: string, body: (box: Box, bench: Bench) => Promise<void>) => void;
