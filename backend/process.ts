/**
 * Processes of the lab: starts them, keeps their output and exit status, feeds and signals them.
 *
 * Kept true: a PID given to the engine is the lab's; `spawn` answers after the program was found and all of its surroundings
 * were made (its refusals are Outcomes, nothing of it is left then); an ended process is known until it is forgotten.
 */
import { closeSync, existsSync, readFileSync, statSync } from 'node:fs';
import { constants } from 'node:os';
import type { Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Errno, ExitStatus, OpResults, OutputChunk, Signal, Spawn } from '../core/index.ts';
import type { Cgroups } from './cgroup.ts';
import { errnoOf, Refused } from './errno.ts';
import { duplexOf, type Started, start } from './exec.ts';
import { dropJob, writeJob } from './job.ts';
import { childrenOf, type Lab } from './lab.ts';
import { entryTo } from './namespace.ts';
import type { Networks } from './network/networks.ts';
import { hasOwnMounts } from './ownmounts.ts';
import { Pipes } from './pipe.ts';
import { connect, type Streams } from './streams.ts';
import { Terminal, type WindowSize } from './terminal.ts';

/** One process that we started. */
interface Entry {
  readonly hostPid: number;
  readonly output: OutputChunk[];
  readonly watchers: Set<(chunk: OutputChunk) => void>;
  readonly stdin: Writable | undefined;
  readonly terminal: Terminal | undefined;
  readonly ended: Promise<void>;
  status?: ExitStatus;
  endedAt: number;
}

export class Processes {
  private readonly pipes: Pipes;
  private readonly byPid = new Map<number, Entry>();
  private jobs = 0;

  constructor(
    private readonly lab: Lab,
    private readonly cgroups: Cgroups,
    private readonly networks: Networks,
  ) {
    this.pipes = new Pipes();
  }

  /** Makes what the first `spawn` would otherwise wait for. */
  async prepare(): Promise<void> {
    await this.pipes.refill();
  }

  close(): Promise<void> {
    return this.pipes.close();
  }

  async spawn(spec: Spawn): Promise<{ pid: number }> {
    if (spec.cgroup !== undefined && !this.cgroups.none && !this.cgroups.exists(spec.cgroup))
      throw new Refused('ENOENT', `no cgroup ${spec.cgroup}`);
    const entry = entryTo(this.lab, spec.namespaces, hasOwnMounts(spec));
    this.jobs++;
    const number = this.jobs;
    writeJob(this.lab, number, spec);
    const streams = await connect(this.lab, this.pipes, spec);
    const words = [...entry.words, './busybox', 'sh', './setup', String(number)];
    const started = start('/usr/bin/nsenter', [...this.lab.entry(['m', 'u', 'i', 'n', 'p', 'C']), '--', ...words], {
      stdio: [...streams.child, 'pipe'],
    });
    for (const fd of streams.child) closeSync(fd);
    try {
      return { pid: await this.settle(spec, started, streams, entry.forks + 1) };
    } finally {
      dropJob(this.lab, number);
    }
  }

  /** Talks with `setup` until the program runs or is refused. */
  private async settle(spec: Spawn, started: Started, streams: Streams, forks: number): Promise<number> {
    let found: { hostPid: number; pid: number } | undefined;
    let terminal: Terminal | undefined;
    const answer = await converse(started, {
      begin: async () => {
        found = this.find(started.pid ?? 0, forks);
        if (spec.cgroup !== undefined && spec.deviceRules !== undefined)
          this.cgroups.restrictDevices(spec.cgroup, spec.deviceRules);
        await this.cgroups.join(spec.cgroup ?? '', found.hostPid);
        if (spec.endpoints !== undefined) await this.networks.joinFirst(found.pid, spec.endpoints);
        return 'go';
      },
      tty: async () => {
        terminal = await Terminal.open(found?.hostPid ?? 0);
        streams.read(terminal.reader);
        return String(terminal.number);
      },
    });
    if (answer !== 'ok' || found === undefined) {
      await started.exited;
      terminal?.close();
      throw refusalOf(answer, streams.output);
    }
    const { hostPid, pid } = found;
    await this.executed(hostPid, spec.init === true);
    const entry: Entry = {
      hostPid,
      output: streams.output,
      watchers: streams.watchers,
      stdin: streams.stdin,
      terminal,
      endedAt: 0,
      ended: started.exited.then(finish),
    };
    const cgroups = this.cgroups;
    async function finish(end: Awaited<Started['exited']>): Promise<void> {
      const endedAt = Date.now();
      const oom = spec.cgroup !== undefined && cgroups.oomKills(spec.cgroup) > 0;
      await streams.drained();
      streams.stdin?.destroy();
      terminal?.close();
      entry.endedAt = endedAt;
      entry.status = statusOf(end, oom);
    }
    this.byPid.set(pid, entry);
    if (terminal !== undefined && typeof spec.stdin === 'object') await this.input(pid, spec.stdin.text, true);
    return pid;
  }

  /**
   * Until the process runs the program itself: what comes before is all executed from the tool directory. With docker-init
   * until that one has started the program: a signal that came earlier would find a PID 1 without handlers and be lost.
   */
  private async executed(hostPid: number, init: boolean): Promise<void> {
    const tools = statSync(this.lab.toolDir).dev;
    const ownProgram = (): boolean => {
      try {
        return statSync(`/proc/${hostPid}/exe`).dev !== tools && (!init || hasStarted(hostPid));
      } catch {
        return true;
      }
    };
    while (!ownProgram()) await sleep(1);
  }

  /** The process that `setup` runs in, as this machine and as the lab number it. */
  private find(outer: number, forks: number): { hostPid: number; pid: number } {
    let hostPid: number | undefined = outer;
    for (let n = 0; n < forks && hostPid !== undefined; n++) hostPid = childrenOf(hostPid)[0];
    const status = hostPid === undefined ? '' : readFileSync(`/proc/${hostPid}/status`, 'utf8');
    // NSpid: our namespace first, then the lab's, then those below.
    const pid = Number(/^NSpid:\s+\d+\s+(\d+)/m.exec(status)?.[1]);
    if (hostPid === undefined || !(pid > 0)) throw new Refused('ESRCH', 'the process ended before it began');
    return { hostPid, pid };
  }

  async signal(pid: number, signal: Signal): Promise<undefined> {
    const entry = this.byPid.get(pid);
    if (entry?.status !== undefined) throw new Refused('ESRCH');
    if (entry !== undefined) {
      process.kill(entry.hostPid, `SIG${signal}` as NodeJS.Signals);
      return;
    }
    const number = constants.signals[`SIG${signal}` as NodeJS.Signals];
    const ran = await this.lab.inside(['kill', `-${number}`, String(pid)]);
    if (ran.code !== 0) throw new Refused(errnoOf(ran.stderr), ran.stderr.trim());
  }

  async wait(pid: number, timeoutMs?: number): Promise<OpResults['wait']> {
    const entry = this.entry(pid);
    if (entry.status === undefined) {
      if (timeoutMs === undefined) await entry.ended;
      else if (timeoutMs > 0) await atMost(entry.ended, timeoutMs);
    }
    return entry.status === undefined ? { exited: false } : { exited: true, status: entry.status, at: entry.endedAt };
  }

  output(pid: number): readonly OutputChunk[] {
    return [...this.entry(pid).output];
  }

  /** Hands on what a process has written and what it writes from now on. Answers how to stop. */
  watch(pid: number, show: (chunk: OutputChunk) => void): () => void {
    const entry = this.byPid.get(pid);
    if (entry === undefined) return () => undefined;
    for (const chunk of entry.output) show(chunk);
    entry.watchers.add(show);
    return () => entry.watchers.delete(show);
  }

  takesInput(pid: number): boolean {
    const entry = this.byPid.get(pid);
    if (entry?.terminal !== undefined) return entry.status === undefined;
    const stdin = entry?.stdin;
    return stdin !== undefined && !stdin.destroyed && !stdin.writableEnded;
  }

  /** Whether it, or a process that it started, runs or waits for a disk: on its way, however slowly, to something else. */
  isBusy(pid: number): boolean {
    const entry = this.byPid.get(pid);
    return entry !== undefined && entry.status === undefined && anyBusy(entry.hostPid);
  }

  async input(pid: number, text: string, end: boolean): Promise<undefined> {
    const { stdin, terminal } = this.entry(pid);
    // The end of what is typed is a key, too: Ctrl-D.
    if (terminal !== undefined) return void (await terminal.type(end ? `${text}\x04` : text));
    if (stdin === undefined || stdin.writableEnded) throw new Refused('EBADF', 'standard input is not open');
    if (stdin.destroyed) throw new Refused('EPIPE');
    if (text !== '') {
      await new Promise<void>((resolve, reject) => {
        stdin.write(text, (error) => (error ? reject(new Refused('EPIPE')) : resolve()));
      });
    }
    if (end) stdin.end();
  }

  /** Its terminal takes lines and shows nothing of what is typed, as for a password. */
  async isSilent(pid: number): Promise<boolean> {
    return (await this.byPid.get(pid)?.terminal?.isSilent()) ?? false;
  }

  /** ENOTTY without a terminal. */
  async resize(pid: number, size: WindowSize): Promise<undefined> {
    const { terminal } = this.entry(pid);
    if (terminal === undefined) throw new Refused('ENOTTY', `process ${pid} has no terminal`);
    await terminal.resize(size);
  }

  /** A process that dies with the first one of its namespace may be noticed a moment later. */
  async forget(pid: number): Promise<undefined> {
    const entry = this.byPid.get(pid);
    if (entry !== undefined && entry.status === undefined && !existsSync(`/proc/${entry.hostPid}`)) await entry.ended;
    if (entry !== undefined && entry.status === undefined) throw new Refused('EBUSY', `process ${pid} has not ended`);
    this.byPid.delete(pid);
  }

  /** A command of the lab's own shell, to its end. */
  async host(line: string, stdin: string | undefined): Promise<OpResults['host']> {
    const here = 'host' as const;
    const { pid } = await this.spawn({
      argv: ['/bin/sh', '-c', line],
      env: ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', 'HOME=/root'],
      cwd: '/root',
      user: { uid: 0, gid: 0 },
      namespaces: { mnt: here, uts: here, ipc: here, pid: here, net: here, user: here, cgroup: here },
      tty: false,
      stdin: stdin === undefined ? 'none' : { text: stdin },
    });
    await this.wait(pid);
    const { status, output } = this.entry(pid);
    this.byPid.delete(pid);
    const text = (stream: OutputChunk['stream']): string =>
      output.map((chunk) => (chunk.stream === stream ? chunk.text : '')).join('');
    return { code: status?.code ?? 255, stdout: text('stdout'), stderr: text('stderr') };
  }

  private entry(pid: number): Entry {
    const entry = this.byPid.get(pid);
    if (entry === undefined) throw new Refused('ECHILD', `no process ${pid} was started here`);
    return entry;
  }
}

/**
 * Hears the words that have an answer, each once, and the last word: `ok`, or an errno and a message; nothing when it just
 * ended.
 */
async function converse(started: Started, answers: Readonly<Record<string, () => Promise<string>>>): Promise<string> {
  const talk = duplexOf(started, 3);
  let heard = '';
  let trouble: unknown;
  return await new Promise<string>((resolve, reject) => {
    talk.on('error', () => undefined);
    talk.on('data', (data: Buffer) => {
      heard += data.toString();
      for (let end = heard.indexOf('\n'); end >= 0; end = heard.indexOf('\n')) {
        const line = heard.slice(0, end);
        heard = heard.slice(end + 1);
        const answer = answers[line];
        if (answer === undefined) resolve(line);
        else
          answer().then(
            (word) => talk.write(`${word}\n`),
            (error: unknown) => {
              // It may have ended already, and its reason be on the way; without our word it ends now.
              trouble = error;
              talk.end();
            },
          );
      }
    });
    talk.on('close', () => (trouble === undefined ? resolve('') : reject(trouble)));
  });
}

function refusalOf(answer: string, output: readonly OutputChunk[]): Refused {
  const blank = answer.indexOf(' ');
  if (blank < 0)
    return new Refused(
      'EIO',
      output
        .map((chunk) => chunk.text)
        .join('')
        .trim() || 'the process did not start',
    );
  const message = answer.slice(blank + 1);
  const errno = answer.slice(0, blank) as Errno;
  return new Refused(errno === 'EIO' ? errnoOf(message) : errno, message);
}

function statusOf(end: Awaited<Started['exited']>, oomKilled: boolean): ExitStatus {
  const oom = oomKilled ? { oomKilled } : {};
  if (end.signal === null) return { code: end.code ?? 255, ...oom };
  const number = constants.signals[end.signal as NodeJS.Signals];
  return { code: 128 + number, signal: end.signal.slice(3) as Signal, ...oom };
}

async function atMost(promise: Promise<void>, ms: number): Promise<void> {
  const abort = new AbortController();
  await Promise.race([promise, sleep(ms, undefined, { signal: abort.signal }).catch(() => undefined)]);
  abort.abort();
}

/** Has docker-init's child become the program? Before its exec it still has docker-init's own arguments. */
function hasStarted(init: number): boolean {
  const own = argumentsOf(init);
  return childrenOf(init)
    .map(argumentsOf)
    .some((words) => words !== '' && words !== own);
}

/** States R (running, or ready to) and D (uninterruptible), proc(5). */
function anyBusy(hostPid: number): boolean {
  const stat = textOf(`/proc/${hostPid}/stat`);
  return /^.[RD]/.test(stat.slice(stat.lastIndexOf(')') + 1)) || childrenOf(hostPid).some(anyBusy);
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

function argumentsOf(hostPid: number): string {
  return readFileSync(`/proc/${hostPid}/cmdline`, 'utf8');
}
