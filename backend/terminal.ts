/**
 * Terminals of processes in the lab: pseudo-terminals of the devpts that their container has, pty(7). This side, the master, is
 * ours; the process gets /dev/pts/<number> as its three standard streams and as its controlling terminal.
 *
 * Kept true: the descriptor is closed once nobody holds the other side or `close` is called; what was written before that is read
 * first.
 */
import { closeSync, constants, openSync, write as writeTo } from 'node:fs';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { ReadStream } from 'node:tty';
import { Refused } from './errno.ts';
import { duplexOf, start } from './exec.ts';
import { which } from './tools.ts';

/** Characters. */
export interface WindowSize {
  readonly rows: number;
  readonly columns: number;
}

/** TIOCSPTLCK, TIOCGPTN and TIOCSWINSZ, ioctl_tty(2): Node has no call for them. Descriptor 0 is the master. */
const openScript = `my $n = pack 'i', 0;
ioctl(STDIN, 0x40045431, $n) && ioctl(STDIN, 0x80045430, $n) or die "$!\\n";
open my $out, '>&=', 3; print $out unpack('i', $n), "\\n";`;
const sizeScript = `ioctl(STDIN, 0x5414, pack('S4', @ARGV, 0, 0)) or die "$!\\n"; open my $out, '>&=', 3; print $out "ok\\n";`;

/** TCGETS; of c_lflag ICANON and ECHO, termios(3). */
const modeScript = `my $t = ' ' x 60; ioctl(STDIN, 0x5401, $t) or die "$!\\n";
open my $out, '>&=', 3; print $out +((unpack('L4', $t))[3] & 10) == 2 ? "silent\\n" : "shown\\n";`;

export class Terminal {
  /** What the process writes; ends when nobody has the terminal any more. */
  readonly reader: Readable;
  private closed = false;
  private writing: Promise<void> = Promise.resolve();

  private constructor(
    private readonly master: number,
    /** Of /dev/pts/<number> in the container. */
    readonly number: number,
  ) {
    this.reader = new ReadStream(master);
    this.reader.on('close', () => {
      this.closed = true;
    });
  }

  /** A new terminal in the devpts that the process sees; `hostPid` is its PID here. Throws Refused. */
  static async open(hostPid: number): Promise<Terminal> {
    const master = openSync(`/proc/${hostPid}/root/dev/pts/ptmx`, constants.O_RDWR | constants.O_NOCTTY);
    try {
      return new Terminal(master, Number(await ask(master, openScript)));
    } catch (error) {
      closeSync(master);
      throw error;
    }
  }

  /** Types; what the line discipline has no room for yet waits. */
  type(text: string): Promise<void> {
    this.writing = this.writing.then(() => this.put(Buffer.from(text)));
    return this.writing;
  }

  async resize({ rows, columns }: WindowSize): Promise<void> {
    if (this.closed) throw new Refused('EIO', 'the terminal is closed');
    await ask(this.master, sizeScript, String(rows), String(columns));
  }

  /** Lines are read, and what is typed is not shown. */
  async isSilent(): Promise<boolean> {
    return !this.closed && (await ask(this.master, modeScript)) === 'silent';
  }

  close(): void {
    this.closed = true;
    this.reader.destroy();
  }

  private async put(bytes: Buffer): Promise<void> {
    let at = 0;
    while (at < bytes.length && !this.closed) {
      const written = await new Promise<number>((resolve) => {
        writeTo(this.master, bytes, at, bytes.length - at, null, (error, n) => {
          // EIO: nobody has the other side any more.
          if (error !== null && error.code !== 'EAGAIN') this.closed = true;
          resolve(error === null ? n : 0);
        });
      });
      at += written;
      if (written === 0) await sleep(5);
    }
  }
}

/** Runs a line of perl on the terminal; answers what it printed. */
async function ask(master: number, script: string, ...words: readonly string[]): Promise<string> {
  const perl = start(which('perl') ?? 'perl', ['-e', script, ...words], {
    stdio: [master, 'ignore', 'ignore', 'pipe'],
  });
  const talk = duplexOf(perl, 3);
  let said = '';
  talk.on('data', (data: Buffer) => {
    said += data.toString();
  });
  await new Promise<void>((resolve) => talk.once('close', () => resolve()));
  if (said === '') throw new Refused('EIO', 'no terminal could be made');
  return said.trim();
}
