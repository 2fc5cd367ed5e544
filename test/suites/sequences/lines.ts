/**
 * Sequences of command lines that nobody wrote: legal and illegal ones in any order, with programs that change files in every
 * way that a union file system treats specially.
 *
 * Kept true: a sequence follows from its seed alone; no line depends on who is faster. So containers called `loop…` run a program
 * that never ends by itself and are never waited for, containers called `end…` run one that ends and are never left running.
 */
import fc from 'fast-check';

type Lines = fc.Arbitrary<readonly string[]>;

const pick = (...words: readonly string[]): fc.Arbitrary<string> => fc.constantFrom(...words);

/** One line made of parts; empty parts are left out. */
function say(...parts: readonly (string | fc.Arbitrary<string>)[]): fc.Arbitrary<string> {
  const arbitraries = parts.map((part) => (typeof part === 'string' ? fc.constant(part) : part));
  return fc.tuple(...arbitraries).map((words) => words.filter((word) => word !== '').join(' '));
}

/** Containers whose program ends, and those whose program does not. */
const finite = pick('end1', 'end2', 'end3');
const lasting = pick('loop1', 'loop2');
const anyName = pick('end1', 'end2', 'end3', 'loop1', 'loop2', 'nosuch');
const names = fc.uniqueArray(anyName, { minLength: 1, maxLength: 3 }).map((list) => list.join(' '));
const image = fc.oneof(
  { weight: 4, arbitrary: fc.constant('busybox') },
  { weight: 4, arbitrary: pick('i1', 'i2', 'i1:v2') },
  { weight: 1, arbitrary: pick('i1:latest', 'UPPER', 'busybox:') },
);
const newImage = pick('i1', 'i2', 'i1:v2', 'sub/i3:x.y', '');

/** Paths of the image and paths that come and go. */
const path = pick(
  '/a',
  '/a/b',
  '/a/b/c',
  '/x',
  '/x/y',
  '/tmp',
  '/tmp/t',
  '/etc',
  '/etc/passwd',
  '/etc/group',
  '/etc/new',
  '/home',
  '/home/h',
  '/root',
  '/root/r',
  '/bin/true',
  '/bin/zcat',
  '/usr',
  '/usr/bin',
  '/var/log',
  '/happiness.txt',
);

/** Files that the simulation has in full: of big ones it knows size and digest only. */
const small = path.filter((at) => !at.startsWith('/bin'));
/** What is moved and copied as a whole: /etc holds what differs between hosts. */
const movable = path.filter((at) => at !== '/etc');

/** One change of the file system (or a look at it), as a command of a shell. */
const change: fc.Arbitrary<string> = fc.oneof(
  say('touch', path),
  say(pick('echo one', 'echo two', 'printf three'), '>', path),
  say('echo more >>', small),
  say(pick('mkdir', 'mkdir -p', 'mkdir -m 700', 'rmdir'), path),
  say(pick('rm', 'rm -f', 'rm -r', 'rm -rf'), path),
  say('rm -rf', pick('/a', '/etc', '/home', '/usr')).chain((rm) => say(rm, pick('', '; mkdir /a', '; mkdir /home'))),
  say('mv', movable, path),
  say(pick('cp', 'cp -r', 'cp -a', 'cp -f'), movable, path),
  say(pick('ln', 'ln -s', 'ln -sf', 'ln -f'), path, path),
  say('ln -s', pick('../x', 'b', 'nowhere', '/etc/passwd'), path),
  say('chmod', pick('700', '644', '4755', '1777', '000', 'u+x', 'go-rwx', 'a+t'), path),
  say('chown', pick('1', '1:1', '1000:1000', ':5'), path),
  say('chmod -R 711', pick('/a', '/etc', '/x', '/root')),
  say(
    'cat',
    path.filter((at) => !at.startsWith('/bin')),
  ),
  say('ls -a', path),
  say('test', pick('-e', '-d', '-f', '-L', '-s'), path, '&& echo yes'),
  say('mkfifo', pick('/pipe', '/a/pipe', '/home/pipe')),
  say('cd', path, '&& pwd'),
  say('stat -c "%F %a %u %g %h"', path),
  say('find', path, '| sort'),
  say('readlink', path),
  say('exit', pick('0', '1', '3', '127', '200')),
  pick(
    'nosuchprogram',
    'kill -9 $$',
    'kill -TERM $$; echo on',
    'echo out; echo err >&2',
    'id',
    '[ $$ = 1 ] && echo first',
    'false',
  ),
);

const script = fc.array(change, { minLength: 1, maxLength: 4 }).map((list) => list.join('; '));
const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

/** A program that ends, as the words behind the image. */
const shortProgram = fc.oneof(
  { weight: 8, arbitrary: script.map((text) => `sh -c ${quoted(text)}`) },
  {
    weight: 1,
    arbitrary: pick('true', 'false', 'nosuch', '/etc', '/etc/passwd', 'cat /etc/passwd', 'ls /', 'env -u HOSTNAME'),
  },
);

const endless = pick(
  'sleep 300',
  `sh -c 'trap "echo bye; exit 3" TERM; sleep 300 & wait'`,
  `sh -c 'trap "" TERM; sleep 300 & wait'`,
  `sh -c 'sleep 300 & sleep 301; true'`,
  `sh -c 'echo up; trap "echo one" USR1; while :; do sleep 300 & wait; done'`,
);

const createFlags = pick('', '', '', '--init', '-i', '--hostname hh', '-w /w/d', '-u 1', '-e A=b', '--network none');
const one = (arbitrary: fc.Arbitrary<string>): Lines => arbitrary.map((text) => [text]);
const signal = pick('', '-s KILL', '-s TERM', '-s USR1', '-s 9', '-s SIGHUP', '-s NOSUCH', '-s 0');
const inspected = pick(
  '{{.State.Status}} {{.State.ExitCode}} {{.State.Error}}',
  '{{json .Config.Cmd}}',
  '{{.Name}} {{.Path}} {{.Args}}',
  '{{len .Id}}',
  '{{.RestartCount}} {{.Driver}} {{.State.Running}}{{.State.Paused}}',
  '{{.Nope}}',
  '{{range .RootFS.Layers}}x{{end}}',
  '{{.Config.Image}} {{.HostConfig.AutoRemove}}',
);

/** Instructions that a commit applies to the config; those that would make a container another one to run are left out. */
const configChange = pick(
  'CMD ["cat", "/etc/passwd"]',
  'CMD echo committed',
  'ENTRYPOINT ["echo", "in"]',
  'ENV K=v L="two words"',
  'ENV K=w$K',
  'LABEL k=v',
  'LABEL k=w other=x',
  'USER 1:1',
  'WORKDIR /w',
  'WORKDIR sub',
  'ONBUILD RUN true',
  'RUN no',
  'ENV',
);
const inspectedImage = pick(
  '',
  '',
  "-f '{{json .Config.Cmd}} {{json .Config.Entrypoint}} {{json .Config.Env}} {{json .Config.Labels}}'",
  "-f '{{.Config.User}} {{.Config.WorkingDir}} {{json .Config.OnBuild}}'",
  "-f '{{.Id}} {{.Parent}} {{.Comment}} {{.Author}}'",
  "-f '{{json .RootFS}} {{.Size}} {{.VirtualSize}}'",
  "-f '{{json .RepoTags}} {{json .RepoDigests}}'",
  "-f '{{.DockerVersion}} {{.Architecture}} {{json .ContainerConfig.Labels}}'",
);
const listed = pick(
  '-f dangling=true',
  '-f dangling=false',
  '-a -f dangling=true',
  '-f before=i2',
  '-f since=busybox',
  '-f since=i1 -f before=i2',
  "-f 'reference=i*'",
  '-f reference=sub/*',
  '-f label=k',
  '-f label=k=w',
  '--no-trunc',
  '-a --digests --no-trunc',
  "-a --format '{{.Repository}}:{{.Tag}} {{.ID}} {{.Size}} {{.Digest}}'",
  'i1:v2',
);
/** Images by what was typed, and by their ID. */
const someImage = fc.oneof(
  { weight: 3, arbitrary: image },
  { weight: 1, arbitrary: image.map((name) => `$(docker images -q ${name})`) },
  { weight: 1, arbitrary: image.map((name) => `$(docker images -q --no-trunc ${name})`) },
);

/** Images that the sequence made; those that take the base image away as well are `ridding`. */
const madeImages = fc
  .array(
    pick(
      'i1',
      'i1:v2',
      'sub/i3:x.y',
      '$(docker images -q i1)',
      '$(docker images -q --no-trunc i2)',
      '$(docker images -q -f dangling=true)',
    ),
    {
      minLength: 1,
      maxLength: 2,
    },
  )
  .map((list) => list.join(' '));

/** How often each kind of line comes, and what it is made of. */
const kinds: readonly (readonly [weight: number, lines: Lines])[] = [
  [10, one(say('docker run --name', finite, createFlags, image, shortProgram))],
  [3, one(say('docker run --rm', pick('', '--name end1', '--init'), image, shortProgram))],
  [2, one(say('echo hello | docker run', pick('-i', '', '-i --rm'), image, pick('cat', 'sh', 'wc -c', 'true')))],
  [4, one(say('docker run -d --name', lasting, pick('', '--init', '--rm', '-i', '--init --rm'), image, endless))],
  [4, one(say('docker create --name', finite, createFlags, image, shortProgram))],
  [2, one(say('docker create --name', lasting, image, endless))],
  [5, one(say('docker start -a', finite))],
  [2, one(say('docker start', lasting))],
  [1, one(say('docker start', pick('nosuch', 'loop1 loop2', 'loop1 nosuch')))],
  [6, one(say('docker exec', lasting, shortProgram))],
  [
    1,
    one(
      say(
        'docker exec',
        pick('-d', '-w /a', '-u 1', '-e B=c', '-w /tmp'),
        lasting,
        pick('true', 'pwd', 'env -u HOSTNAME', 'id'),
      ),
    ),
  ],
  [1, one(say('docker exec -d', lasting, 'sleep 299'))],
  [1, one(say('echo hi | docker exec', pick('-i', ''), anyName, 'cat'))],
  [1, one(say('docker exec', anyName, 'true'))],
  [3, one(say('docker stop -t 1', names))],
  [3, one(say('docker kill', signal, names))],
  [2, one(say('docker pause', names))],
  [2, one(say('docker unpause', names))],
  [2, one(say('docker restart -t 1', lasting))],
  [
    1,
    one(
      say(
        'docker wait',
        fc.uniqueArray(pick('end1', 'end2', 'nosuch'), { minLength: 1 }).map((list) => list.join(' ')),
      ),
    ),
  ],
  [4, one(say('docker rm', pick('', '', '-f', '-f', '-v'), names))],
  [2, one(say('docker rm -f', names))],
  [4, one(say('docker rmi', pick('', '-f', '--no-prune'), pick('i1', 'i2', 'i1:v2', 'i1 i2', 'sub/i3:x.y', 'nosuch')))],
  [7, one(say('docker commit', pick('', '-m note', '-a me', '-m "two words" -a you', '-p=false'), anyName, newImage))],
  [3, one(say('docker commit -c', configChange.map(quoted), anyName, newImage))],
  [4, one(say('docker rmi', pick('', '-f', '--no-prune', '-f --no-prune'), madeImages))],
  [3, one(say('docker image inspect', inspectedImage, someImage))],
  [2, one(say('docker images', listed))],
  [2, one(say('docker tag', someImage, pick('i1', 'i2', 'sub/i3:x.y', 'i9:new')))],
  [
    1,
    one(
      say(
        'docker save -o saved.tar',
        fc.uniqueArray(someImage, { maxLength: 2 }).map((list) => list.join(' ')),
      ),
    ),
  ],
  [
    1,
    one(
      say(
        'docker history',
        pick("--format '{{.ID}} {{.CreatedBy}} {{.Size}} {{.Comment}}'", '-q --no-trunc', '--no-trunc -H=false'),
        someImage,
      ),
    ),
  ],
  [1, one(say('docker ps', pick('-as', '-s', "-a --format '{{.Names}} {{.Size}}'")))],
  [3, one(say('docker logs', anyName))],
  [2, one(say('docker top', anyName, pick('', '', '-o pid,args')))],
  [3, one(say('docker diff', anyName))],
  [2, one(say('docker inspect -f', inspected.map(quoted), fc.oneof(anyName, image)))],
  [
    2,
    one(
      say(
        'docker ps',
        pick('-a', '-q', '-aq', '', '-a --no-trunc', '-n 2', '-l', "--format '{{.Names}} {{.Status}} {{.Image}}' -a"),
      ),
    ),
  ],
  [2, one(say('docker images', pick('', '-a', '-q', '-aq', 'i1', '--digests')))],
  [
    1,
    one(
      say(
        'docker rename',
        pick('end1 end2', 'end2 end3', 'end1 end1', 'loop1 loop2', 'nosuch end1', 'end1 /end3', 'end2 -'),
      ),
    ),
  ],
  [2, one(say('docker tag', image, pick('i1', 'i2', 'i1:v2', 'sub/i3:x.y', 'BAD', 'i1:')))],
  [2, one(say('docker history', pick('', '-q', '--no-trunc', '-H=false'), image))],
  [2, one(say('docker export -o out.tar', anyName))],
  [
    2,
    one(
      say(
        'docker cp',
        pick('', '', '-L'),
        anyName.chain((name) => path.map((at) => `${name}:${at}`)),
        pick('out', 'out2', 'missing/x', '.'),
      ),
    ),
  ],
  [
    1,
    one(
      pick(
        'docker',
        'docker frob',
        'docker run',
        'docker rm',
        'docker ps -z',
        'docker stop -t x end1',
        'docker run --name end1',
        'docker kill',
        'docker start -a end1 end2',
        'docker run -d -t',
      ),
    ),
  ],
];

/**
 * Lines that take away what all others stand on: the base image, and whatever nobody uses. They are in sequences of their own,
 * because behind them most others are refused. Images are pruned by a label, so that there is one at most: the engine takes
 * them in no order, and a parent cannot be taken before its child.
 */
const ridding: typeof kinds = [
  [
    4,
    one(
      say(
        'docker rmi',
        pick('', '-f', '--no-prune', '-f'),
        pick('busybox', 'busybox i1', 'i2 busybox', '$(docker images -q busybox)'),
      ),
    ),
  ],
  [3, one(pick('docker load -i saved.tar', 'docker load -q -i saved.tar'))],
  [3, one(say('docker save -o saved.tar', pick('busybox', 'busybox i1', 'i2')))],
  [
    3,
    one(say('docker container prune -f', pick('', '', '--filter label=k', '--filter label!=k', '--filter until=1h'))),
  ],
  [1, one(pick('docker container prune', 'docker image prune', 'docker image prune -a'))],
  [
    3,
    one(
      fc
        .constantFrom('one', 'two')
        .chain((value) =>
          say(
            `docker commit -c 'LABEL only=${value}' end1 i9:${value} && docker image prune`,
            pick('-f', '-af'),
            `--filter label=only=${value}`,
          ),
        ),
    ).map(([text]) => text!.split(' && ')),
  ],
];

const lineOf = (list: typeof kinds): Lines => fc.oneof(...list.map(([weight, arbitrary]) => ({ weight, arbitrary })));
const line = lineOf(kinds);
const riddingLine = lineOf([...kinds, ...ridding]);

/** Two images with changes of their own, one on top of the other, so that what follows has something to work on. */
const beginning: Lines = fc
  .tuple(script, script)
  .map(([first, second]) => [
    `docker run --name end1 busybox sh -c ${quoted(first)}`,
    'docker commit end1 i1',
    `docker run --name end2 i1 sh -c ${quoted(second)}`,
    'docker commit end2 i2',
    'docker rm end1 end2',
  ]);

/** A shell script of so many changes, as the command line that runs it in a container of its own. */
export function scriptOf(seed: number, length: number, name = 'end1'): string {
  const list = fc.array(change, { minLength: length, maxLength: length });
  return `docker run --name ${name} busybox sh -c ${quoted(fc.sample(list, { seed, numRuns: 1 })[0]!.join('; '))}`;
}

/** The lines that belong to a seed. `rid`: with those that take away what the others stand on. */
export function sequenceOf(seed: number, length: number, rid = false): readonly string[] {
  const list = fc.tuple(beginning, fc.array(rid ? riddingLine : line, { minLength: length, maxLength: length }));
  return fc.sample(list, { seed, numRuns: 1 })[0]!.flat(2).slice(0, length);
}
