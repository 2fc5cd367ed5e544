/**
 * Our end of the lab's relay (relay-script.ts): asks it for name servers and proxies, and answers what containers ask it for.
 *
 * Kept true: it is started when it is first needed; its answers come in the order of the requests; when it is gone every request
 * is refused, and none waits for ever.
 */
import { constants } from 'node:os';
import type { Readable, Writable } from 'node:stream';
import { type Errno, type PublishedPort, strerror } from '../../core/index.ts';
import { Refused } from '../errno.ts';
import { type Started, start } from '../exec.ts';
import type { Lab } from '../lab.ts';

const errnoNames = new Map(Object.entries(constants.errno).map(([name, number]) => [number, name]));

/** What is to be said to a question that came for the name server `key`; undefined: nothing. */
export type Answers = (key: number, question: Uint8Array) => Uint8Array | undefined;

export class Relay {
  private process: Started | undefined;
  private readonly waiting: ((words: readonly string[]) => void)[] = [];
  private heard = '';
  private gone = false;

  constructor(
    private readonly lab: Lab,
    private readonly answers: Answers,
  ) {}

  /** A name server in the network namespace of a process of the lab. The ports it listens on. */
  async serve(key: number, pid: number): Promise<{ readonly udp: number; readonly tcp: number }> {
    const [udp, tcp] = await this.ask(['serve', String(key), String(pid)]);
    return { udp: Number(udp), tcp: Number(tcp) };
  }

  async cease(key: number): Promise<void> {
    if (this.process !== undefined) await this.ask(['cease', String(key)]);
  }

  /** A proxy for a port of the lab's host; its PID. EADDRINUSE, EADDRNOTAVAIL. */
  async publish(
    { proto, port }: PublishedPort,
    host: { readonly ip: string; readonly port: number },
    ip: string,
  ): Promise<number> {
    const [pid] = await this.ask(['publish', proto, host.ip, String(host.port), ip, String(port)]);
    return Number(pid);
  }

  async withdraw(pid: number): Promise<void> {
    if (!this.gone) await this.ask(['withdraw', String(pid)]);
  }

  private async ask(words: readonly string[]): Promise<readonly string[]> {
    const [verdict, ...rest] = await new Promise<readonly string[]>((resolve) => {
      const input = this.started();
      if (input === undefined) return resolve(['no', String(constants.errno.EIO)]);
      this.waiting.push(resolve);
      input.write(`${words.join(' ')}\n`);
    });
    if (verdict === 'ok') return rest;
    const name = errnoNames.get(Number(rest[0])) ?? 'EIO';
    throw new Refused((name in strerror ? name : 'EIO') as Errno);
  }

  private started(): Writable | undefined {
    if (this.gone) return undefined;
    this.process ??= this.begin();
    return this.process.stdio[0] as Writable;
  }

  private begin(): Started {
    const perl = ['./ld.so', '--library-path', '.', './perl', '-f', './relay', String(setnsNumber())];
    const entry = this.lab.entry(['m', 'u', 'i', 'n', 'p', 'C']);
    const started = start('/usr/bin/nsenter', [...entry, '--', ...perl], { stdio: ['pipe', 'pipe', 'ignore'] });
    const [input, output] = started.stdio as [Writable, Readable];
    input.on('error', () => this.end());
    output.on('data', (data: Buffer) => this.hear(data.toString()));
    output.on('close', () => this.end());
    return started;
  }

  private hear(text: string): void {
    this.heard += text;
    for (let end = this.heard.indexOf('\n'); end >= 0; end = this.heard.indexOf('\n')) {
      const words = this.heard.slice(0, end).split(' ');
      this.heard = this.heard.slice(end + 1);
      if (words[0] === 'ask') this.tell(words);
      else this.waiting.shift()?.(words);
    }
  }

  private tell([, key, question, hex = '']: readonly string[]): void {
    const said = this.answers(Number(key), Buffer.from(hex, 'hex'));
    const answer = said === undefined ? '-' : Buffer.from(said).toString('hex');
    this.started()?.write(`tell ${question} ${answer}\n`);
  }

  private end(): void {
    this.gone = true;
    for (const resolve of this.waiting.splice(0)) resolve(['no', String(constants.errno.EIO)]);
  }
}

/** asm/unistd.h */
function setnsNumber(): number {
  const numbers: Readonly<Record<string, number>> = { x64: 308, arm64: 268, arm: 375 };
  const here = numbers[process.arch];
  if (here === undefined) throw new Refused('ENOSYS', `system calls of ${process.arch} are not known`);
  return here;
}
