/**
 * Sequences of command lines about what mounts pass on: bind and tmpfs mounts of the host, shared, slave or private, with
 * containers over them (`-v …:rshared`, `rslave` …) that see them come and go, and that mount something themselves. For hosts
 * that lines can be typed on.
 *
 * Unbindable mounts are not among them: whether one that becomes a slave stays unbindable differs between kernels.
 *
 * Kept true: a sequence follows from its seed alone; groups of peers are compared by the order in which they are listed, as their
 * numbers are the kernel's own.
 */
import fc from 'fast-check';
import { pick, say } from './mounts.ts';

const base = '/srv/SEED';
const dir = pick(...['', '/a', '/b', '/a/d', '/b/d', '/a/d/e', '/c'].map((path) => `${base}${path}`));
const container = pick('c1', 'c2', 'c3');
const inside = pick('/m', '/m/d', '/m/a', '/n', '/n/d', '/m/d/e');
const propagation = pick(
  '',
  '',
  ':rshared',
  ':rshared',
  ':shared',
  ':rslave',
  ':rslave',
  ':slave',
  ':private',
  ':rprivate',
  ':ro,rslave',
);
const mode = pick('shared', 'rshared', 'shared', 'slave', 'rslave', 'private', 'rprivate');

/** Mount points below some places, and with what they are tied together. */
const listing = (places: string): string =>
  `awk '$5 ~ "^(${places})(/|$)" { tags = ""; for (i = 7; $i != "-"; i++) { split($i, tag, ":"); if (tag[2] == "") { tags = tags " " $i; continue }; if (!(tag[2] in seen)) seen[tag[2]] = ++count; tags = tags " " tag[1] ":" seen[tag[2]] }; print $5, $4, substr($6, 1, 2) tags }' /proc/self/mountinfo`;
const bind = fc.tuple(dir, propagation).map(([path, how]) => `-v ${path}:/m${how}`);
const second = fc.oneof(
  fc.constant(''),
  fc.tuple(dir, propagation).map(([path, how]) => `-v ${path}:/n${how}`),
);
const tmpfs = pick('', '', '', '--tmpfs /m/d', '--tmpfs /n/a');
const powers = pick('', '--cap-add SYS_ADMIN --security-opt seccomp=unconfined');

const kinds: readonly (readonly [weight: number, line: fc.Arbitrary<string>])[] = [
  [6, say('mount -t tmpfs', pick('t1', 't2'), dir)],
  [4, say('mount', pick('--bind', '--bind', '--rbind'), dir, dir)],
  [8, fc.tuple(mode, dir).map(([how, path]) => `mount --make-${how} ${path}`)],
  [5, say('umount', pick('', '', '-l'), dir)],
  [1, say('mount --move', dir, dir)],
  [3, fc.tuple(dir, pick('d', 'a', 'd/e')).map(([path, below]) => `mkdir -p ${path}/${below}`)],
  [2, fc.tuple(dir, pick('f', 'g')).map(([path, name]) => `touch ${path}/${name}; ls -R ${path}`)],
  [7, fc.constant(listing(base))],
  [9, say('docker run -d --name', container, powers, bind, second, tmpfs, 'busybox sleep 1000')],
  [3, say('docker run --rm', bind, second, tmpfs, `busybox ${listing('/m|/n')}`)],
  [4, say('docker exec', container, 'mount -t tmpfs', pick('i1', 'i2'), inside)],
  [2, say('docker exec', container, 'mount --bind', inside, inside)],
  [2, fc.tuple(container, mode, inside).map(([name, how, path]) => `docker exec ${name} mount --make-${how} ${path}`)],
  [2, say('docker exec', container, 'umount', pick('', '-l'), inside)],
  [6, say('docker exec', container, listing('/m|/n'))],
  [3, say('docker exec', container, 'ls', inside)],
  [4, say('docker rm -f', container)],
  [1, say('docker restart -t 0', container)],
];

const line = fc.oneof(...kinds.map(([weight, arbitrary]) => ({ weight, arbitrary })));

/** The lines that belong to a seed. */
export function passingSequence(seed: number, length: number): readonly string[] {
  const made = fc.sample(fc.array(line, { minLength: length, maxLength: length }), { seed, numRuns: 1 })[0]!;
  const begun = [
    'mkdir -p /srv/SEED/a/d/e /srv/SEED/b/d /srv/SEED/c',
    'mount -t tmpfs t0 /srv/SEED',
    'mkdir -p /srv/SEED/a/d/e /srv/SEED/b/d /srv/SEED/c',
    'mount --make-shared /srv/SEED',
  ];
  return [...begun, ...made, 'docker rm -f c1', 'docker rm -f c2', 'docker rm -f c3', listing(base)].map((text) =>
    text.replaceAll('SEED', `p${seed}`),
  );
}
