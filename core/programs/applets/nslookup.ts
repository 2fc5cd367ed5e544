/** nslookup: asks a name server for the addresses of a name, or the name of an address. */
import type { Call } from '../../kernel/sys.ts';
import { type Applet, type Ctx, Usage } from '../lib/applet.ts';
import { askedFor, type DnsType } from '../lib/dns.ts';
import { dotted, ipNumber, lookup, nameServers } from '../lib/net.ts';

const types: readonly DnsType[] = ['A', 'AAAA', 'PTR'];

export const nslookup: Applet = {
  usage: `[-type=QUERY_TYPE] [-debug] HOST [DNS_SERVER]

Query DNS about HOST

QUERY_TYPE: soa,ns,a,aaaa,cname,mx,txt,ptr,srv,any`,
  *main(ctx) {
    const rest: string[] = [];
    let asked: DnsType | undefined;
    for (const arg of ctx.args) {
      const [, option, value = ''] = /^-(type|querytype|q)=(.*)$/.exec(arg) ?? [];
      if (option !== undefined) asked = typeNamed(ctx, value);
      else if (arg === '-debug') ctx.lack(arg);
      else if (/^-./.test(arg)) throw new Usage();
      else rest.push(arg);
    }
    const [name, server, ...more] = rest;
    if (name === undefined || more.length > 0) throw new Usage();
    const servers = server === undefined ? yield* nameServers(ctx) : [yield* lookup(ctx, server)];
    const ip = ipNumber(name);
    const target = ip === undefined ? name : `${dotted(ip).split('.').reverse().join('.')}.in-addr.arpa`;
    const questions = asked !== undefined ? [asked] : ip === undefined ? (['A', 'AAAA'] as const) : (['PTR'] as const);
    return yield* answers(ctx, servers, target, questions);
  },
};

function typeNamed(ctx: Ctx, value: string): DnsType {
  const found = types.find((each) => each === value.toUpperCase());
  if (found !== undefined) return found;
  return ctx.lack(`-type=${value}`);
}

function* answers(ctx: Ctx, servers: readonly number[], name: string, questions: readonly DnsType[]): Call<number> {
  let shown = false;
  let code = 0;
  for (const type of questions)
    for (const server of servers) {
      const said = yield* askedFor(ctx.sys, server, name, type);
      if (said === undefined) continue;
      if (!shown) ctx.out.put(`Server:\t\t${dotted(server)}\nAddress:\t${dotted(server)}:53\n\n`);
      shown = true;
      if (said.failed) {
        ctx.out.put(`** server can't find ${name}: NXDOMAIN\n\n`);
        code = 1;
        break;
      }
      ctx.out.put('Non-authoritative answer:\n');
      for (const address of said.addresses) ctx.out.put(`Name:\t${name}\nAddress: ${dotted(address)}\n`);
      for (const found of said.names) ctx.out.put(`${name}\tname = ${found}\n`);
      ctx.out.put('\n');
      break;
    }
  if (shown) return code;
  ctx.out.put(';; connection timed out; no servers could be reached\n\n');
  return 1;
}
