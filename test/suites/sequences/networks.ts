/**
 * Sequences of command lines about networks: several of them with containers on one or more, connected and disconnected while
 * they run and while they do not, published ports, names, isolation, and what becomes of it all.
 *
 * Kept true: a sequence follows from its seed alone; what is asked of a container does not depend on how fast it is; no name could be
 * the beginning of an ID.
 */
import fc from 'fast-check';

const pick = (...words: readonly string[]): fc.Arbitrary<string> => fc.constantFrom(...words);

function say(...parts: readonly (string | fc.Arbitrary<string>)[]): fc.Arbitrary<string> {
  const arbitraries = parts.map((part) => (typeof part === 'string' ? fc.constant(part) : part));
  return fc.tuple(...arbitraries).map((words) => words.filter((word) => word !== '').join(' '));
}

const network = pick('n1', 'n1', 'n2', 'n2', 'n3', 'bridge');
const anyNetwork = fc.oneof(
  { weight: 8, arbitrary: network },
  { weight: 1, arbitrary: pick('host', 'none', 'nosuch') },
);
const container = pick('x1', 'x2', 'x3', 'x1', 'x2', 'nosuch');
const joined = pick('', '', '--network n1', '--network n1', '--network n2', '--network n3', '--network none');
const mode = fc.oneof(
  { weight: 8, arbitrary: joined },
  { weight: 1, arbitrary: pick('--network container:x1', '--network host', '--network n1 --network-alias al') },
  { weight: 1, arbitrary: pick('--network n2 --ip 10.5.0.77', '--network n1 --ip 10.5.0.78', '--ip 172.17.0.9') },
);
const port = pick('', '', '', '-p 8080:80', '-p 127.0.0.1:8081:81', '-P', '-p 8080:80/udp', '-p 8082-8083:82-83');
const created = pick(
  '',
  '',
  '--internal',
  '--subnet 10.5.0.0/24',
  '--subnet 10.5.0.0/24 --gateway 10.5.0.9',
  '--label a=b',
);

const seen = pick(
  'ip -f inet addr show scope global | grep -c inet',
  'ip route',
  'sh -c "grep -E ^1[07] /etc/hosts"',
  'grep -c 127.0.0.11 /etc/resolv.conf',
  'sh -c "ip -f inet addr | grep inet"',
  'sh -c "ping -c 1 -W 1 x1 >/dev/null 2>&1; echo $?"',
  'sh -c "ping -c 1 -W 1 al >/dev/null 2>&1; echo $?"',
  'sh -c "ping -c 1 -W 1 172.17.0.1 >/dev/null 2>&1; echo $?"',
  'sh -c "ping -c 1 -W 1 172.18.0.2 >/dev/null 2>&1; echo $?"',
  'nc -w 1 172.17.0.2 81',
  'hostname',
);
const facts = pick(
  '{{json .NetworkSettings.Ports}}',
  '{{range $k, $v := .NetworkSettings.Networks}}{{println $k $v.IPAddress $v.Gateway $v.IPPrefixLen $v.MacAddress}}{{end}}',
  '{{.HostConfig.NetworkMode}} {{.NetworkSettings.IPAddress}}',
);

const kinds: readonly (readonly [weight: number, line: fc.Arbitrary<string>])[] = [
  [5, say('docker network create', created, pick('n1', 'n2', 'n3'))],
  [10, say('docker run -d --name', container, mode, port, 'busybox sleep 1000')],
  [3, say('docker create --name', container, mode, port, 'busybox sleep 1000')],
  [3, say('docker run --rm', mode, 'busybox', seen)],
  [9, say('docker exec', container, seen)],
  [6, say('docker network connect', pick('', '', '--alias al', '--ip 10.5.0.50'), anyNetwork, container)],
  [5, say('docker network disconnect', pick('', '', '-f'), anyNetwork, container)],
  [2, say('docker network rm', anyNetwork)],
  [1, pick('docker network prune -f', "docker network ls --format '{{.Name}} {{.Driver}} {{.Internal}}'")],
  [2, say("docker network inspect -f '{{json .IPAM.Config}} {{len .Containers}}'", anyNetwork)],
  [4, fc.tuple(facts, container).map(([what, name]) => `docker inspect -f '${what}' ${name}`)],
  [2, say('docker port', container)],
  [
    2,
    pick(
      "docker ps --format '{{.Names}} {{.Ports}} {{.Networks}}'",
      'docker ps -a --filter network=n1 --format "{{.Names}}"',
    ),
  ],
  [2, say('docker start', container)],
  [2, say('docker restart -t 0', container)],
  [2, say('docker kill', container)],
  [1, say('docker stop -t 0', container)],
  [2, say('docker rm -f', container)],
  [1, say('docker rename', container, pick('x4', 'x2'))],
];
const line = fc.oneof(...kinds.map(([weight, arbitrary]) => ({ weight, arbitrary })));

/** So many lines, the same for the same seed. */
export const networkSequence = (seed: number, length: number): readonly string[] =>
  fc.sample(line, { seed, numRuns: length });
