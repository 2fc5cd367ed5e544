/**
 * Sequences of command lines about volumes, bind mounts and tmpfs mounts: several containers over the same volumes, in any
 * order, nested, read-only, with content that the image has at the mount point, and what becomes of it all.
 *
 * Kept true: a sequence follows from its seed alone; what the engine does in no order (several anonymous volumes at once) is asked
 * for one at a time.
 */
import fc from 'fast-check';

export const pick = (...words: readonly string[]): fc.Arbitrary<string> => fc.constantFrom(...words);

export function say(...parts: readonly (string | fc.Arbitrary<string>)[]): fc.Arbitrary<string> {
  const arbitraries = parts.map((part) => (typeof part === 'string' ? fc.constant(part) : part));
  return fc.tuple(...arbitraries).map((words) => words.filter((word) => word !== '').join(' '));
}

const volume = pick('v1', 'v2', 'v3');
const container = pick('c1', 'c2', 'c3', 'nosuch');
const image = fc.oneof(
  { weight: 5, arbitrary: fc.constant('busybox') },
  { weight: 1, arbitrary: pick('i1', 'withvol') },
);
/** Where things are mounted: new places, below each other, directories and files of the image. */
const place = pick(
  '/m',
  '/m/n',
  '/m/n/o',
  '/x',
  '/tmp',
  '/root',
  '/home',
  '/etc',
  '/var/log',
  '/etc/group',
  '/usr',
  'rel',
  '/',
);
/** Each sequence has its own directories on the host, which outlive it. */
const host = pick('/srv/SEED', '/srv/SEED/a', '/srv/SEED/b', '/srv/SEED/file', '/srv/SEED/a/link');
const mode = pick('', '', '', ':ro', ':rw', ':nocopy', ':z', ':bad', ':ro,z');

const flag: fc.Arbitrary<string> = fc.oneof(
  { weight: 6, arbitrary: fc.tuple(volume, place, mode).map(([name, at, how]) => `-v ${name}:${at}${how}`) },
  { weight: 3, arbitrary: fc.tuple(host, place, mode).map(([path, at, how]) => `-v ${path}:${at}${how}`) },
  { weight: 1, arbitrary: say('--tmpfs', place) },
  { weight: 1, arbitrary: place.map((at) => `--tmpfs ${at}:size=64k,mode=750`) },
  {
    weight: 1,
    arbitrary: fc.tuple(volume, place).map(([name, at]) => `--mount type=volume,src=${name},dst=${at},volume-nocopy`),
  },
  {
    weight: 1,
    arbitrary: fc.tuple(host, place).map(([path, at]) => `--mount type=bind,src=${path},dst=${at},readonly`),
  },
  { weight: 1, arbitrary: place.map((at) => `--mount type=tmpfs,dst=${at}`) },
  { weight: 1, arbitrary: say('--volumes-from', container, pick('', '')).map((text) => text.trim()) },
  { weight: 1, arbitrary: pick('--read-only', '-w /m', '--user 1') },
);
/** Where a flag mounts something. */
const placeOf = (text: string): string =>
  /dst=([^,]*)/.exec(text)?.[1] ?? /--tmpfs ([^:]*)/.exec(text)?.[1] ?? /-v [^:]*:([^:]*)/.exec(text)?.[1] ?? text;

/** Is it refused, or may it fail with half of the others done? */
const isBad = (text: string): boolean => /:bad|:rel|=rel|tmpfs rel|:\/(:|$)|=\/,|\/srv.*nocopy|\/etc\/group/.test(text);

/**
 * At most one anonymous volume each, one mount for each place, and nothing beside what is refused: which of several is refused,
 * and what is done before, depends on the order of a map.
 */
const flags = fc
  .tuple(
    fc.uniqueArray(flag, { minLength: 1, maxLength: 3, selector: placeOf }),
    pick('', '', '', '-v /anon', '-v /tmp'),
  )
  .map(([list, anonymous]) => {
    const bad = list.find(isBad);
    return bad ?? [...list, anonymous].filter((text) => text !== '').join(' ');
  });

const file = pick(
  '/m/f',
  '/m/n/f',
  '/m/n',
  '/x/f',
  '/tmp/f',
  '/root/f',
  '/home/h',
  '/etc/new',
  '/etc/group',
  '/anon/f',
  '/f',
);
const change: fc.Arbitrary<string> = fc.oneof(
  say('echo one >', file),
  say('echo more >>', file),
  say(pick('mkdir -p', 'rm -rf', 'ls -A', 'cat'), file),
  say(pick('chmod 700', 'chown 1:2'), pick('/m', '/m/n', '/x', '/tmp', '/anon', '/m/f')),
  say('mv', file, file),
  say('ln -s', pick('f', '/etc/group', '../x'), pick('/m/l', '/x/l', '/tmp/l')),
  say('find', pick('/m', '/x', '/anon', '/home', '/root'), '| sort'),
  say('stat -c "%a %u:%g"', pick('/m', '/m/n', '/m/n/o', '/x', '/tmp', '/root', '/anon')),
  pick('grep -cE " /(m|x|tmp|root|home|etc|anon|var/log|usr)" /proc/mounts', 'id -u'),
  say('mkdir', pick('/m/sub', '/x/sub')),
);
const script = fc
  .array(change, { minLength: 1, maxLength: 4 })
  .map((list) => `sh -c '${list.join('; ').replaceAll("'", `'\\''`)}'`);

const kinds: readonly (readonly [weight: number, line: fc.Arbitrary<string>])[] = [
  [10, say('docker run --name', container, flags, image, script)],
  [6, say('docker run --rm', flags, image, script)],
  [3, say('docker create --name', container, flags, image, script)],
  [3, say('docker start -a', container)],
  [4, say('docker rm', pick('', '-v', '-v', '-f'), container)],
  [3, say('docker volume create', pick('', '--label k=v'), volume)],
  [1, say('docker volume create -o type=tmpfs -o device=tmpfs', volume)],
  [3, say('docker volume rm', pick('', '-f'), volume)],
  [
    1,
    pick(
      'docker volume ls',
      'docker volume ls -q -f dangling=true',
      'docker volume ls -f dangling=false',
      'docker volume ls -f label=k',
    ),
  ],
  [2, say("docker volume inspect -f '{{.Name}} {{.Labels}} {{.Options}}'", volume)],
  [1, fc.constant('docker container prune -f')],
  [3, say('docker diff', container)],
  [2, say('docker commit', container, pick('i1', 'i1'))],
  [1, say("docker commit -c 'VOLUME /tmp'", container, 'withvol')],
  [
    2,
    say(
      'docker inspect -f',
      pick("'{{json .HostConfig.Binds}} {{json .HostConfig.Mounts}}'", "'{{len .Mounts}} {{json .Config.Volumes}}'"),
      container,
    ),
  ],
  [3, fc.tuple(container, file).map(([name, path]) => `docker cp ${name}:${path} out`)],
  [1, say('docker export -o out.tar', container)],
  [
    1,
    say("docker ps -a --format '{{.Names}} {{.LocalVolumes}}' --filter", pick('volume=v1', 'volume=/m', 'volume=v2')),
  ],
];

const line = fc.oneof(...kinds.map(([weight, arbitrary]) => ({ weight, arbitrary })));

/** The lines that belong to a seed. */
export function mountSequence(seed: number, length: number): readonly string[] {
  const made = fc.sample(fc.array(line, { minLength: length, maxLength: length }), { seed, numRuns: 1 })[0]!;
  const begun = `docker run --rm -v /srv/SEED:/s busybox sh -c 'echo text > /s/file; mkdir /s/a; ln -s ../b /s/a/link'`;
  return [begun, 'docker commit $(docker create busybox) i1', ...made].map((text) =>
    text.replaceAll('SEED', `s${seed}`),
  );
}
