/** netstat: sockets of the network namespace, or its routes. */
import type { Call, NetSocket, Peer } from '../../kernel/sys.ts';
import type { Applet, Ctx } from '../lib/applet.ts';
import { dotted } from '../lib/net.ts';
import { nameOf, routeTable } from '../lib/netshow.ts';

export const netstat: Applet = {
  usage: '[-ral] [-tuwx] [-en]',
  *main(ctx) {
    const options = ctx.options('laentuwxr');
    const numeric = options.has('n');
    const { net } = ctx.sys.more;
    if (options.has('r')) {
      ctx.out.put(routeTable(net.routes(), numeric, !options.has('e')));
      return 0;
    }
    const chosen = ['t', 'u', 'w', 'x'].filter((letter) => options.has(letter));
    const wants = (letter: string): boolean => chosen.length === 0 || chosen.includes(letter);
    const all = options.has('a');
    const listening = options.has('l');
    const which = all ? 'servers and established' : listening ? 'only servers' : 'w/o servers';
    if (wants('t') || wants('u') || wants('w'))
      ctx.out.put(
        `Active Internet connections (${which})\nProto Recv-Q Send-Q Local Address           Foreign Address         State       \n`,
      );
    for (const kind of ['tcp', 'udp'] as const) {
      if (!wants(kind[0]!)) continue;
      const found = net.sockets().filter((each) => each.kind === kind && (all || isServer(each) === listening));
      for (const each of [...found.filter(({ six }) => !six), ...found.filter(({ six }) => six)])
        yield* show(ctx, each, numeric);
    }
    // Sockets of the other kinds nobody has.
    if (wants('x'))
      ctx.out.put(
        `Active UNIX domain sockets (${which})\nProto RefCnt Flags       Type       State         I-Node Path\n`,
      );
    return 0;
  },
};

const isServer = ({ kind, state, peer }: NetSocket): boolean =>
  kind === 'tcp' ? state === 'LISTEN' : peer === undefined;

function* show(ctx: Ctx, { kind, own, peer, state, unread, six }: NetSocket, numeric: boolean): Call<void> {
  const place = function* (end: Peer | undefined): Call<string> {
    const any = end === undefined || end.ip === 0;
    const known = any || numeric ? undefined : yield* nameOf(ctx, end.ip);
    const address = any ? (six ? '::' : '0.0.0.0') : (known ?? `${six ? '::ffff:' : ''}${dotted(end.ip)}`);
    return `${address}:${end === undefined ? '*' : end.port}`;
  };
  const shown = kind === 'udp' ? (peer === undefined ? '' : 'ESTABLISHED') : state;
  const [local, foreign] = [yield* place(own), yield* place(peer)];
  ctx.out.put(
    `${kind}   ${String(unread).padStart(6)} ${'0'.padStart(6)} ${local.padEnd(23)} ${foreign.padEnd(23)} ${shown.padEnd(12)}\n`,
  );
}
