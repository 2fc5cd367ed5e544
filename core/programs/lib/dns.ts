/** What programs ask a name server. */
import { type Answer, question, readReply } from '../../dns.ts';
import { SysError } from '../../errors.ts';
import type { Call, Sys } from '../../kernel/sys.ts';

const PORT = 53;
const WAIT_MS = 5000;

const numbers = { A: 1, PTR: 12, AAAA: 28 } as const;
export type DnsType = keyof typeof numbers;

/** Asks one server for the addresses of a name; undefined: it cannot be reached or says nothing. Empty: it knows no such name. */
export function* asked(sys: Sys, server: number, name: string): Call<readonly number[] | undefined> {
  return (yield* askedFor(sys, server, name, 'A'))?.addresses;
}

/** Undefined: the server cannot be reached or says nothing. */
export function* askedFor(sys: Sys, server: number, name: string, type: DnsType): Call<Answer | undefined> {
  const { net } = sys.more;
  const fd = net.socket('udp');
  try {
    yield* net.connect(fd, server, PORT);
    yield* sys.write(fd, question(1, name, numbers[type]));
    const ready = yield* net.poll([fd], sys.now() + WAIT_MS);
    return ready.length === 0 ? undefined : readReply((yield* net.receive(fd)).bytes);
  } catch (error) {
    if (error instanceof SysError && error.errno !== 'EINTR') return undefined;
    throw error;
  } finally {
    sys.close(fd);
  }
}
