/** Ports as they are typed: `80`, `80-90`, `53/udp` (go-connections nat/nat.go, nat/parse.go). */

/** `80/tcp` in its two parts, without a protocol TCP; nothing at all when there is no port. */
export function splitProto(text: string): readonly [proto: string, port: string] {
  const [port = '', proto = ''] = text.split('/');
  return port === '' ? ['tcp', ''] : [proto === '' ? 'tcp' : proto, port];
}

/** The first and the last of a range. Throws an Error in Go's words. */
export function portRange(text: string): readonly [first: number, last: number] {
  if (text === '') throw new Error('Empty string specified for ports.');
  const [first, last = first] = text.split('-', 2).map(portNumber);
  if (last! < first!) throw new Error(`Invalid range specified for the Port: ${text}`);
  return [first!, last!];
}

function portNumber(text: string): number {
  const quoted = JSON.stringify(text);
  if (!/^\d+$/.test(text)) throw new Error(`strconv.ParseUint: parsing ${quoted}: invalid syntax`);
  if (Number(text) > 65535) throw new Error(`strconv.ParseUint: parsing ${quoted}: value out of range`);
  return Number(text);
}
