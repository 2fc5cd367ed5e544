/**
 * The resolv.conf of a container: the host's, without name servers that only the host itself can reach, and with public ones
 * when none is left (libnetwork/resolvconf FilterResolvDNS, as 20.10 calls it).
 */

const localhost = /^nameserver\s+((127\.([0-9]{1,3}\.){2}[0-9]{1,3})|(::1)$)\s*\n*/gm;
const nameserver = /^\s*nameserver\s+\S+\s*$/m;
const publicServers = ['8.8.8.8', '8.8.4.4', '2001:4860:4860::8888', '2001:4860:4860::8844'];

/** `host`: the text of the host's file; empty when it has none. */
export function resolvConfOf(host: string): string {
  const filtered = host.replace(localhost, '');
  if (nameserver.test(filtered)) return filtered;
  return `${filtered}\n${publicServers.map((address) => `nameserver ${address}`).join('\n')}`;
}
