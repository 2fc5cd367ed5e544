/** wget: fetches a file over HTTP. */
import { SysError } from '../../errors.ts';
import type { Call } from '../../kernel/sys.ts';
import { type Applet, attempt, type Ctx, Die, reason, Usage } from '../lib/applet.ts';
import { byteString, fromBytes, toBytes } from '../lib/bytes.ts';
import type { Options } from '../lib/getopt.ts';
import { Stream } from '../lib/http.ts';
import { readAll } from '../lib/io.ts';
import { connectTo, dotted, lookup } from '../lib/net.ts';

const long = {
  continue: 'c',
  quiet: 'q',
  'server-response': 'S',
  'output-document': 'O',
  'output-file': 'o',
  'directory-prefix': 'P',
  'user-agent': 'U',
  spider: '1',
  header: '2',
  'post-data': '3',
  'post-file': '4',
  'no-check-certificate': '5',
  timeout: 'T',
  tries: 't',
  proxy: 'Y',
};

const MOST_REDIRECTS = 20;

export const wget: Applet = {
  usage: '[-cqS] [--spider] [-O FILE] [-o LOGFILE] [--header STR]',
  *main(ctx) {
    const options = ctx.options('cqSO:o:P:Y:U:T:t:12:3:4:5', long);
    // Debian's build has -T in its table of options and no variable behind it.
    if (options.has('T')) ctx.sys.kill(ctx.sys.pid, 'SEGV');
    if (options.rest.length === 0) throw new Usage();
    const log = options.get('o');
    const to = log === undefined ? 2 : ctx.sys.open(log, { write: true, create: true, truncate: true }, 0o666);
    for (const url of options.rest) yield* new Fetch(ctx, options, to).fetch(url);
    return ctx.status;
  },
};

interface Place {
  readonly host: string;
  readonly port: number;
  readonly path: string;
}

/** `http://` may be missing. */
function placeOf(url: string): Place {
  const [, scheme = 'http', rest = ''] = /^(?:([a-z]+):\/\/)?(.*)$/.exec(url) ?? [];
  if (scheme === 'https' || scheme === 'ftp') throw new Die(`cutaway: ${scheme} is not in the simulation`);
  if (scheme !== 'http') throw new Die(`not an http or ftp url: ${url}`);
  const [, host = '', path = '/'] = /^([^/?#]*)(.*)$/.exec(rest) ?? [];
  const [name = '', port = '80'] = host.split(':');
  return { host: name, port: Number(port), path: path.startsWith('/') ? path : `/${path}` };
}

const nameOf = (host: string, port: number): string => (port === 80 ? host : `${host}:${port}`);

class Fetch {
  private readonly quiet: boolean;

  constructor(
    private readonly ctx: Ctx,
    private readonly options: Options,
    private readonly log: number,
  ) {
    this.quiet = options.has('q');
  }

  private *say(text: string): Call<void> {
    if (!this.quiet) yield* this.ctx.sys.write(this.log, text);
  }

  *fetch(url: string): Call<void> {
    let place = placeOf(url);
    let ip = yield* this.announce(place);
    const file = this.options.get('O') ?? `${this.prefix}${place.path.split('/').at(-1) || 'index.html'}`;
    const began = this.beginning(file);
    for (let turns = 0; turns <= MOST_REDIRECTS; turns++) {
      const { stream, status, line, head } = yield* this.ask(place, ip, began);
      const to = head.get('location');
      if (status >= 300 && status < 400 && to !== undefined) {
        // Elsewhere on the same host nothing is looked up again.
        if (to.startsWith('/')) place = { ...place, path: to };
        else {
          place = placeOf(to);
          ip = yield* this.announce(place);
        }
        continue;
      }
      if (status !== 200 && status !== 204 && status !== 206) throw new Die(`server returned error: ${line}`);
      if (this.options.has('1')) yield* this.say('remote file exists\n');
      else {
        if (status === 200 && began > 0) yield* this.ctx.warn('restart failed', 0);
        yield* this.save(stream, file, status === 206 ? began : 0, head.get('content-length'));
      }
      return;
    }
    throw new Die('too many redirections');
  }

  private *announce({ host, port }: Place): Call<number> {
    const ip = yield* lookup(this.ctx, host);
    yield* this.say(`Connecting to ${nameOf(host, port)} (${dotted(ip)}:${port})\n`);
    return ip;
  }

  private get prefix(): string {
    const dir = this.options.get('P');
    return dir === undefined ? '' : `${dir.replace(/\/$/, '')}/`;
  }

  /** With -c: what is there already. */
  private beginning(file: string): number {
    return this.options.has('c') && file !== '-' ? (attempt(() => this.ctx.sys.stat(file))?.size ?? 0) : 0;
  }

  private *ask(
    { host, port, path }: Place,
    ip: number,
    from: number,
  ): Call<{
    stream: Stream;
    status: number;
    line: string;
    head: ReadonlyMap<string, string>;
  }> {
    const { ctx } = this;
    const fd = yield* connectTo(ctx, ip, port);
    yield* ctx.sys.write(fd, toBytes(byteString(yield* this.request(nameOf(host, port), path, from))));
    const stream = new Stream(ctx.sys, fd);
    const line = yield* this.first(stream);
    const head = new Map<string, string>();
    for (let each: string | undefined = line; each !== undefined; ) {
      if (this.options.has('S')) yield* ctx.sys.write(this.log, `  ${each}\n`);
      if (each === '') break;
      const at = each.indexOf(':');
      if (at > 0) head.set(each.slice(0, at).toLowerCase(), each.slice(at + 1).trim());
      each = yield* stream.line();
    }
    return { stream, status: Number.parseInt(line.split(' ')[1] ?? '0', 10), line, head };
  }

  private *request(host: string, path: string, from: number): Call<string> {
    const { options } = this;
    const given = options.all('2');
    const named = (name: string): boolean => given.some((each) => each.toLowerCase().startsWith(`${name}:`));
    const data = options.get('3') ?? (yield* this.posted());
    return [
      `${data === undefined ? 'GET' : 'POST'} ${path} HTTP/1.1`,
      ...(named('host') ? [] : [`Host: ${host}`]),
      ...(named('user-agent') ? [] : [`User-Agent: ${options.get('U') ?? 'Wget'}`]),
      'Connection: close',
      ...(from > 0 ? [`Range: bytes=${from}-`] : []),
      ...given,
      ...(data === undefined
        ? ['', '']
        : [
            ...(named('content-type') ? [] : ['Content-Type: application/x-www-form-urlencoded']),
            `Content-Length: ${byteString(data).length}`,
            '',
            data,
          ]),
    ].join('\r\n');
  }

  private *posted(): Call<string | undefined> {
    const file = this.options.get('4');
    if (file === undefined) return undefined;
    const fd = yield* this.ctx.open(file);
    if (fd === undefined) throw new Die(`can't open '${file}'`);
    return fromBytes(yield* readAll(this.ctx.sys, fd));
  }

  /** The line of the status. */
  private *first(stream: Stream): Call<string> {
    try {
      const line = yield* stream.line();
      if (line?.startsWith('HTTP/') === true) return line;
    } catch (error) {
      if (error instanceof SysError && error.errno !== 'EINTR')
        throw new Die(`error getting response: ${reason(error)}`);
      throw error;
    }
    throw new Die('error getting response');
  }

  private *save(stream: Stream, file: string, from: number, length: string | undefined): Call<void> {
    const { sys } = this.ctx;
    const out = file === '-' ? 1 : this.create(file, from);
    yield* this.say(file === '-' ? 'writing to stdout\n' : `saving to '${file}'\n`);
    let size = from;
    for (let left = length === undefined ? Number.POSITIVE_INFINITY : Number(length); left > 0; ) {
      const part = yield* stream.some(left);
      if (part === '') break;
      yield* sys.write(out, toBytes(part));
      left -= part.length;
      size += part.length;
    }
    if (!this.options.has('o')) yield* this.say(meter(file, size, sys.isatty(2)));
    if (out !== 1) sys.close(out);
    yield* this.say(file === '-' ? 'written to stdout\n' : `'${file}' saved\n`);
  }

  /** A file that was not named must not be there yet. */
  private create(file: string, from: number): number {
    const named = this.options.has('O');
    const how = from > 0 ? { append: true } : named ? { truncate: true } : { excl: true };
    try {
      return this.ctx.sys.open(file, { write: true, create: true, ...how }, 0o666);
    } catch (error) {
      throw new Die(`can't open '${file}': ${reason(error)}`);
    }
  }
}

/** The line of the progress as it stands in the end. */
function meter(file: string, size: number, isTty: boolean): string {
  const name = file.split('/').at(-1)!.slice(0, 20).padEnd(20);
  const amount = size < 100_000 ? String(size).padStart(6) : `${String(Math.floor(size / 1024)).padStart(5)}k`;
  return `${isTty ? '\r' : ''}${name} 100% |${'*'.repeat(32)}|${amount}  0:00:00 ETA\n`;
}
