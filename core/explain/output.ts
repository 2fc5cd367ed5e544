/**
 * Pieces of what docker prints, in words: statuses, exit codes, `<none>`, sizes, letters of `docker diff`, headings.
 * Facts: Docker docs (docker run "Exit status", docker ps, docker images), moby 20.10 sources; signal(7).
 */
import type { Engine } from '../engine/index.ts';
import { statusOf } from '../engine/index.ts';
import { signalByNumber } from '../engine/signals.ts';
import { type Explanation, type Part, text, tryIt } from './explanation.ts';

interface Phrase {
  readonly pattern: RegExp;
  readonly title: (match: RegExpExecArray) => string;
  readonly parts: (engine: Engine, match: RegExpExecArray) => readonly Part[];
}

const say =
  (...words: readonly string[]): Phrase['parts'] =>
  () =>
    words.map(text);

/** Exit codes that docker itself gives to a `docker run` whose program never ran. */
const dockersOwn: Readonly<Record<number, string>> = {
  125: '125 is docker’s own: the engine refused or failed before the program was started (a wrong flag, a name in use, no such image).',
  126: '126: the program was found but could not be run (no permission, a directory, not an executable).',
  127: '127: the program was not found in the container’s PATH.',
};

function exitCode(code: number): string {
  if (code === 0) return '0: the program ended by itself and reported success.';
  const own = dockersOwn[code];
  if (own !== undefined) return `${own} A shell inside the container uses 126 and 127 the same way for what it starts.`;
  const signal = code > 128 ? signalByNumber(code - 128) : undefined;
  if (signal === undefined)
    return `${code}: the program chose this number itself; anything but 0 means that something failed.`;
  return `${code} = 128 + ${code - 128}: signal ${code - 128}, SIG${signal}, ended it (a program that itself exits with ${code} cannot be told apart).${killers[signal] ?? ''}`;
}

const killers: Readonly<Partial<Record<string, string>>> = {
  KILL: ' SIGKILL cannot be caught. It comes from `docker kill`, from `docker stop` when PID 1 did not end within the grace time of ten seconds, or from the kernel when memory ran out (then `docker inspect` says OOMKilled).',
  TERM: ' SIGTERM is what `docker stop` sends first. PID 1 of a PID namespace ignores it unless it has set a handler.',
  INT: ' SIGINT is Ctrl-C.',
};

function withThatCode(engine: Engine, code: number): readonly Part[] {
  const names = Object.values(engine.world.containers)
    .filter((one) => statusOf(one) === 'exited' && one.state.context.exitCode === code)
    .map(({ name }) => name);
  return names.length === 0
    ? []
    : [text(`So ended: ${names.join(', ')}.`), tryIt(`docker inspect -f '{{json .State}}' ${names[0]}`)];
}

const phrases: readonly Phrase[] = [
  {
    pattern: /^exited \((\d+)\)/i,
    title: ([, code]) => `the first process has ended, with exit code ${code}`,
    parts: (engine, [, code]) => [
      text(
        'A container lives exactly as long as its first process (PID 1). Now there is no process, no namespace and no cgroup of it; its read-write layer and its records are all still there, until `docker rm`.',
      ),
      text(exitCode(Number(code))),
      ...withThatCode(engine, Number(code)),
    ],
  },
  {
    pattern: /^exit (?:code|status) (\d+)$/i,
    title: ([, code]) => `exit code ${code}`,
    parts: (engine, [, code]) => [text(exitCode(Number(code))), ...withThatCode(engine, Number(code))],
  },
  {
    pattern: /^up\b.*\(paused\)$/i,
    title: () => 'alive, and frozen',
    parts: say(
      'The processes exist and hold their memory, and get no processor time: the freezer cgroup holds them. No signal was sent, and the program cannot notice, except by the clock.',
    ),
  },
  {
    pattern: /^up\b/i,
    title: () => 'its first process is alive',
    parts: say('The time is counted from the last start, not from its creation.'),
  },
  {
    pattern: /^created$/i,
    title: () => 'made, and never started (or CREATED: when it was made)',
    parts: say(
      'As a status: its layers and records exist, no process ever did; a start that failed leaves a container like that as well.',
      'As a heading: how long ago the container or image was made.',
    ),
  },
  {
    pattern: /^restarting(?: \((\d+)\))?/i,
    title: () => 'between two runs of a restart policy',
    parts: say(
      'The program ended, and the engine waits before it starts it again: 100 ms first, twice as long each time, at most a minute.',
    ),
  },
  {
    pattern: /^(dead|removal in progress)$/i,
    title: () => 'being removed, or half removed',
    parts: say('`docker rm` is at work, or could not finish: something of it (often a mount) is still in use.'),
  },
  {
    pattern: /^<none>(:<none>)?$/i,
    title: () => 'an image without a name',
    parts: () => [
      text(
        'Dangling: nothing points at it by name and no other image stands on it. It was committed or built without a name, or its name was given to another image. Its layers are there until `docker rmi`.',
      ),
      text(
        'Intermediate: no name either, but another image stands on it; only `docker images -a` lists those. In the column DIGEST `<none>` says that the image was never pulled from or pushed to a registry: a digest is that of a manifest.',
      ),
      tryIt('docker images -f dangling=true', 'docker images -a'),
    ],
  },
  {
    pattern: /^<missing>$/i,
    title: () => 'a step of an image’s history without an image of its own on this host',
    parts: say(
      'History belongs to the config and travels with the image; the images of the steps in between stay on the machine that built it.',
    ),
  },
  {
    pattern: /^(\S+) \(virtual (\S+)\)$/i,
    title: ([, own, all]) => `the read-write layer holds ${own}; with the image it is ${all}`,
    parts: say(
      'Only the first number is this container’s alone. The image’s part is on disk once, however many containers stand on it, so virtual sizes must not be added up.',
    ),
  },
  {
    pattern: /^(virtual )?size$/i,
    title: () => 'bytes of files, layer by layer',
    parts: say(
      'Of an image: the files of all its layers together, also those that a layer above hides; layers shared with other images are counted in each. Of a layer (docker history): what it adds. A deletion adds nothing and frees nothing.',
      'Of a container (docker ps -s): its read-write layer, and in brackets (virtual) with the image’s. The space on disk is more, since files take whole blocks.',
    ),
  },
  {
    pattern: /^A (\/.*)$/,
    title: ([, path]) => `${path} was added`,
    parts: say('It is in the read-write layer, and in no layer below.'),
  },
  {
    pattern: /^C (\/.*)$/,
    title: ([, path]) => `${path} was changed`,
    parts: say(
      'It is in a layer below, and was copied up and changed. A directory is listed as changed when something in it was added, changed or deleted: its entry had to be made in the read-write layer.',
    ),
  },
  {
    pattern: /^D (\/.*)$/,
    title: ([, path]) => `${path} was deleted`,
    parts: say(
      'The read-write layer holds a whiteout for it. The file still lies in the layer below, and still takes its space.',
    ),
  },
  {
    pattern: /^\.wh\.\.wh\.\.opq$/,
    title: () => 'an opaque mark in a layer’s tar',
    parts: say(
      'In a tar: nothing of the layers below is merged into the directory that holds it. Unpacked for overlayfs it becomes the extended attribute trusted.overlay.opaque=y on that directory.',
    ),
  },
  {
    pattern: /^\.wh\.(.+)$/,
    title: ([, name]) => `the whiteout of ${name}, as a tar has it`,
    parts: say(
      'An empty file of that name in a layer’s tar (and in AUFS on disk) says “deleted here”. Unpacked for overlayfs it becomes a character device 0:0 under the plain name.',
    ),
  },
  {
    pattern: /^c-{9}.*\b0, +0\b/,
    title: () => 'a whiteout, as overlayfs has it on disk',
    parts: say('A character device with the numbers 0:0 in upperdir hides what lower layers hold under that name.'),
  },
  {
    pattern: /^trusted\.overlay\.opaque(=.*)?$/,
    title: () => 'the mark of an opaque directory',
    parts: say(
      'Set (=y) on a directory of a layer, nothing of the layers below is merged into it: it was removed and made again, or replaced.',
    ),
  },
  {
    pattern: /^(container id|image id|repository|tag|digest|names|ports|command|status|image)$/i,
    title: ([heading]) => `the column ${heading.toUpperCase()}`,
    parts: (_, [heading]) => [text(columns[heading.toUpperCase()]!)],
  },
  {
    pattern: /is already in use by container/,
    title: () => 'a container’s name is in use',
    parts: say(
      'Stopped containers keep their names, and all they wrote, until they are removed: `docker ps -a` shows them; `docker rm` or `docker rename` frees the name.',
    ),
  },
  {
    pattern: /You cannot remove a running container/,
    title: () => 'a running container is not removed',
    parts: say('Stop it first, or use `docker rm -f`, which sends SIGKILL and removes.'),
  },
  {
    pattern: /conflict: unable to (delete|remove)/,
    title: () => 'an image that something stands on',
    parts: say(
      'A container, running or not, or another image uses its layers. With -f the name goes and the layers stay for as long as they are used; a running container cannot be overruled.',
    ),
  },
];

const columns: Readonly<Record<string, string>> = {
  'CONTAINER ID': 'The first twelve of the 64 random hexadecimal digits that name the container.',
  'IMAGE ID':
    'The first twelve digits of the sha256 of the image’s config. The same content has the same ID everywhere.',
  REPOSITORY: 'The first part of a name that points at the image. An image has as many lines as it has names.',
  TAG: 'The second part of a name; `latest` when none was given. A tag is a pointer, and can be moved to another image.',
  DIGEST: 'sha256 of the manifest that the image was pulled or pushed with; <none> for an image that never was.',
  NAMES: 'Unique among containers, running or not. Without --name the engine draws an adjective and a scientist.',
  PORTS: 'Ports that the image says it listens on, and, with an arrow, those of the host that lead to them.',
  COMMAND: 'What PID 1 was started with: entry point and arguments, cut at twenty characters unless --no-trunc.',
  STATUS:
    'The state of the first process: Up, Up (Paused), Created, Exited (its exit code), Restarting, Removal In Progress, Dead.',
  IMAGE: 'The image as it was named on the command line; its ID when that name points elsewhere by now.',
};

export function explainOutput(engine: Engine, subject: string): Explanation | undefined {
  const asked = subject.trim();
  for (const { pattern, title, parts } of phrases) {
    const match = pattern.exec(asked);
    if (match !== null) return { subject, title: title(match), parts: parts(engine, match) };
  }
  return undefined;
}

/** Examples of what is understood, for who asked for something else. */
export const outputExamples: readonly string[] = ['Exited (137)', '<none>', 'SIZE'];
