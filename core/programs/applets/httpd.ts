/** httpd: serves the files of a directory over HTTP, each connection in a process of its own. */
import { SysError } from '../../errors.ts';
import type { Call, Sys } from '../../kernel/sys.ts';
import type { Stat } from '../../vfs/fs.ts';
import { type Applet, attempt, Die, reason } from '../lib/applet.ts';
import { byteString, textOf, toBytes } from '../lib/bytes.ts';
import { httpDate, Stream } from '../lib/http.ts';
import { dotted, ipNumber, listenOn } from '../lib/net.ts';

// biome-ignore format: a table reads better in rows
const types: Readonly<Record<string, string>> = {
  txt: 'text/plain', h: 'text/plain', c: 'text/plain', cc: 'text/plain', cpp: 'text/plain', htm: 'text/html', html: 'text/html',
  jpg: 'image/jpeg', jpeg: 'image/jpeg', gif: 'image/gif', png: 'image/png', svg: 'image/svg+xml', css: 'text/css',
  js: 'application/javascript', wav: 'audio/wav', avi: 'video/x-msvideo', qt: 'video/quicktime', mov: 'video/quicktime',
  mpe: 'video/mpeg', mpeg: 'video/mpeg', mid: 'audio/midi', midi: 'audio/midi', mp3: 'audio/mpeg',
};

const answers: Readonly<Record<number, readonly [title: string, text?: string]>> = {
  200: ['OK'],
  206: ['Partial Content'],
  302: ['Found'],
  400: ['Bad Request', 'Unsupported method'],
  403: ['Forbidden', ''],
  404: ['Not Found', 'The requested URL was not found'],
  501: ['Not Implemented', 'The requested method is not recognized'],
};

export const httpd: Applet = {
  usage: '[-ifv[v]] [-c CONFFILE] [-p [IP:]PORT] [-u USER[:GRP]] [-r REALM] [-h HOME]',
  *main(ctx) {
    const options = ctx.options('c:d:h:e:r:m:u:p:ifv');
    const plain = options.get('d');
    if (plain !== undefined) {
      ctx.out.put(decoded(plain));
      return 0;
    }
    const markup = options.get('e');
    if (markup !== undefined) {
      ctx.out.put(markup.replace(/[^A-Za-z0-9]/g, (c) => `&#${c.charCodeAt(0)};`));
      return 0;
    }
    const home = options.get('h') ?? '.';
    try {
      ctx.sys.chdir(home);
    } catch (error) {
      throw new Die(`can't change directory to '${home}': ${reason(error)}`);
    }
    const listener = listenOn(ctx, ...place(options.get('p') ?? '80'));
    const talk = options.all('v').length;
    if (options.has('f')) return yield* serve(ctx.sys, listener, talk);
    // In the background nobody is there to talk to.
    ctx.sys.fork(function* daemon(own) {
      own.setsid();
      const none = own.open('/dev/null', { read: true, write: true });
      for (const fd of [0, 1, 2]) own.dup2(none, fd);
      own.close(none);
      return yield* serve(own, listener, 0);
    });
    return 0;
  },
};

const decoded = (text: string): string =>
  text
    .replace(/\+/g, ' ')
    .replace(/%([0-9a-fA-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));

/** `[IP:]PORT`. */
function place(text: string): [ip: number, port: number] {
  const [, host, port = ''] = /^(?:(.*):)?(\d+)$/.exec(text) ?? [];
  const ip = host === undefined || host === '' ? 0 : ipNumber(host);
  if (ip === undefined) throw new Die(`bad address '${text}'`);
  if (port === '' || Number(port) > 65535) throw new Die('bind: Cannot assign requested address');
  return [ip, Number(port)];
}

function* serve(sys: Sys, listener: number, talk: number): Call<number> {
  sys.sigaction('CHLD', 'ignore');
  for (;;) {
    const fd = yield* sys.more.net.accept(listener);
    sys.fork(function* child(own) {
      own.close(listener);
      return yield* answer(own, fd, talk);
    });
    sys.close(fd);
  }
}

function* answer(sys: Sys, fd: number, talk: number): Call<number> {
  const { peer } = sys.more.net.ends(fd);
  const who = `[::ffff:${dotted(peer?.ip ?? 0)}]:${peer?.port ?? 0}`;
  try {
    if (talk > 2) yield* sys.write(2, `${who}: connected\n`);
    const request = yield* read(new Stream(sys, fd));
    if (talk > 1 && request.url !== undefined) yield* sys.write(2, `${who}: url:${request.url}\n`);
    const { status, head, file } = find(sys, request);
    yield* sys.write(fd, toBytes(byteString(headText(sys, status, head))));
    if (talk > 0) yield* sys.write(2, `${who}: response:${status}\n`);
    if (file !== undefined) yield* copy(sys, file, fd);
    sys.more.net.shutdown(fd);
    // What the other side still says is of no interest, but it has to be heard.
    while ((yield* sys.read(fd)).length > 0);
    if (talk > 2) yield* sys.write(2, `${who}: closed\n`);
    return 0;
  } catch (error) {
    if (error instanceof SysError) return 1;
    throw error;
  }
}

interface Request {
  readonly method: string;
  readonly url: string | undefined;
  /** First byte that is wanted. */
  readonly from: number;
  readonly to: number | undefined;
}

function* read(stream: Stream): Call<Request> {
  const [method = '', url, version] = ((yield* stream.line()) ?? '').split(' ');
  const bad = { method, url: undefined, from: 0, to: undefined };
  if (version === undefined || !version.startsWith('HTTP/') || url?.startsWith('/') !== true) return bad;
  let [from, to]: [number, number | undefined] = [0, undefined];
  for (;;) {
    const line = yield* stream.line();
    if (line === undefined || line === '') break;
    const range = /^range:\s*bytes=(\d+)-(\d*)/i.exec(line);
    if (range !== null) [from, to] = [Number(range[1]), range[2] === '' ? undefined : Number(range[2])];
  }
  return { method, url, from, to };
}

interface Answer {
  readonly status: number;
  readonly head: readonly string[];
  readonly file?: { readonly path: string; readonly from: number; readonly size: number };
}

function find(sys: Sys, { method, url, from, to }: Request): Answer {
  const html = (status: number, ...more: readonly string[]): Answer => ({
    status,
    head: ['Content-type: text/html', ...more],
  });
  if (url === undefined) return html(400);
  if (method !== 'GET' && method !== 'HEAD') return html(501);
  const path = cleaned(textOf(byteString(decoded(url.replace(/[?#].*/, '')))));
  if (path === undefined) return html(400);
  let name = `.${path}`;
  if (path.endsWith('/')) name += 'index.html';
  const stat = attempt(() => sys.stat(name));
  if (stat === undefined) return html(404);
  if (stat.type === 'dir') return html(302, `Location: ${path}/`);
  if (!sys.access(name, 'r')) return html(404);
  return found(name, stat, from, to);
}

function found(name: string, { mtime, size }: Stat, from: number, to: number | undefined): Answer {
  const last = Math.min(to ?? size - 1, size - 1);
  const part = from > 0 && from <= last;
  const seconds = Math.floor(mtime / 1000);
  const length = part ? last - from + 1 : size;
  // Of a part busybox does not say what it is.
  const type = part ? 'text/html' : types[/\.(\w+)$/.exec(name)?.[1] ?? ''];
  return {
    status: part ? 206 : 200,
    head: [
      ...(type === undefined ? [] : [`Content-type: ${type}`]),
      ...(part ? [`Content-Range: bytes ${from}-${last}/${size}`] : []),
      'Accept-Ranges: bytes',
      `Last-Modified: ${httpDate(mtime)}`,
      `ETag: "${seconds.toString(16)}-${size.toString(16)}"`,
      `Content-Length: ${length}`,
    ],
    file: { path: name, from: part ? from : 0, size: length },
  };
}

/** Without `.`, `..` and double slashes; undefined when it leads out. */
function cleaned(path: string): string | undefined {
  const names: string[] = [];
  for (const name of path.split('/')) {
    if (name === '' || name === '.') continue;
    if (name !== '..') names.push(name);
    else if (names.pop() === undefined) return undefined;
  }
  const isDir = /(^|\/)\.{0,2}$/.test(path);
  return `/${names.join('/')}${isDir && names.length > 0 ? '/' : ''}`;
}

function headText(sys: Sys, status: number, head: readonly string[]): string {
  const [title, text] = answers[status]!;
  const lines = [`HTTP/1.1 ${status} ${title}`, `Date: ${httpDate(sys.now())}`, 'Connection: close', ...head, '', ''];
  const page = `<HTML><HEAD><TITLE>${status} ${title}</TITLE></HEAD>\n<BODY><H1>${status} ${title}</H1>\n${text}\n</BODY></HTML>\n`;
  return lines.join('\r\n') + (text === undefined ? '' : page);
}

function* copy(sys: Sys, { path, from, size }: NonNullable<Answer['file']>, to: number): Call<void> {
  const fd = sys.open(path, { read: true });
  if (from > 0) sys.lseek(fd, from, 'set');
  for (let left = size; left > 0; ) {
    const bytes = yield* sys.read(fd, Math.min(left, 65536));
    if (bytes.length === 0) break;
    yield* sys.write(to, bytes);
    left -= bytes.length;
  }
  sys.close(fd);
}
