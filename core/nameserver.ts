/**
 * What the engine's name server says to a container (libnetwork resolver.go): the addresses of members of the networks that the
 * container is on, by their names there, and the names of such addresses.
 *
 * Kept true: nobody else is known. For other names it would ask the name servers of the host; there is none that it could
 * reach, so it says nothing, as dockerd does then.
 */
import { type Asked, readQuestion, reply, replyName } from './dns.ts';
import type { Endpoint } from './op.ts';

/** Types of what is asked for, RFC 1035 and RFC 3596. */
const [A, PTR, AAAA] = [1, 12, 28];

/** A place of a container on a network; `where`: what stands for its network namespace. */
export interface Placed {
  readonly where: unknown;
  readonly endpoint: Endpoint;
}

/** The answer to a question from the namespace `asker`; undefined: none. */
export function answerQuestion(
  question: Uint8Array,
  asker: unknown,
  members: readonly Placed[],
): Uint8Array | undefined {
  const asked = readQuestion(question);
  return asked === undefined ? undefined : answer(asked, asker, members);
}

/** Members of the networks that the asker is on; those of one network only, of the first that knows the name. */
function answer(asked: Asked, asker: unknown, members: readonly Placed[]): Uint8Array | undefined {
  const all = members.filter(({ endpoint }) => endpoint.known !== undefined);
  const own = all.filter(({ where }) => where === asker).sort((a, b) => (domain(a) < domain(b) ? -1 : 1));
  const near = own.map(({ endpoint }) => all.filter((each) => each.endpoint.bridge === endpoint.bridge));
  if (asked.type === PTR) {
    const ip = reversed(asked.name);
    const found = near.flat().find(({ endpoint }) => endpoint.ip === ip);
    return found === undefined ? undefined : replyName(asked, `${found.endpoint.known!.names[0]}.${domain(found)}`);
  }
  const name = asked.name.toLowerCase();
  const found = near.map((some) => some.filter((each) => isCalled(each, name))).find((some) => some.length > 0);
  if (found === undefined || (asked.type !== A && asked.type !== AAAA)) return undefined;
  return reply(asked, asked.type === A ? found.map(({ endpoint }) => endpoint.ip) : [], true);
}

const domain = ({ endpoint }: Placed): string => endpoint.known!.network;

const isCalled = (member: Placed, name: string): boolean =>
  member.endpoint.known!.names.some((each) => {
    const own = each.toLowerCase();
    return name === own || name === `${own}.${domain(member).toLowerCase()}`;
  });

/** The address in `2.0.18.172.in-addr.arpa`. */
function reversed(name: string): number | undefined {
  const [, text] = /^((?:\d+\.){4})in-addr\.arpa$/.exec(name) ?? [];
  return text?.split('.').reduceRight((sum, part) => (part === '' ? sum : sum * 256 + Number(part)), 0);
}
