/**
 * `docker info` as the real Docker 20.10.24 answered it (test/fixtures/docker-info.json), and what any target answers after the
 * same lines. What belongs to a host is replaced by one table, with the reason, before it is recorded or compared; all else is
 * compared as it is, with the order of the lines and of the JSON's fields.
 */
import { readFileSync } from 'node:fs';
import * as assert from 'uvu/assert';
import type { Target } from '../../core/index.ts';
import type { RecordedLine, Recording } from './recorded.ts';

export const infoFile = new URL('../fixtures/docker-info.json', import.meta.url);

/** Containers in every state, so that the counts mean something. */
export const infoSetup: readonly string[] = [
  'docker run --name c1 busybox true',
  'docker run -d --name c2 busybox sleep 300',
  'docker run -d --name c3 busybox sleep 300',
  'docker pause c3',
  'docker create busybox',
  'docker commit c1 x',
];
export const infoLines: readonly string[] = [
  'docker info',
  "docker info -f '{{json .}}'",
  'docker info -f "{{.Driver}} {{.ContainersPaused}} {{.Images}} {{.ServerVersion}} {{.Swarm.LocalNodeState}} {{len .SecurityOptions}}"',
  "docker info --format '{{json .Plugins}} {{json .Runtimes}}'",
  'docker info extra',
];

interface Replaced {
  readonly text: RegExp;
  readonly instead: string;
  readonly why: string;
}

const id = '([A-Z2-7]{4}:){11}[A-Z2-7]{4}';
/** Patterns ask for the form of what they replace: a value of another kind stays and is found. */
const hosts: readonly Replaced[] = [
  { text: new RegExp(id), instead: '<id>', why: 'fingerprint of the engine’s own key, made at its first start' },
  {
    text: /(Backing Filesystem(?:: |","))(tmpfs|extfs|xfs|btrfs|overlayfs)/,
    instead: '$1<file system>',
    why: 'what the data root lies on',
  },
  { text: /(Kernel Version: |"KernelVersion":")\d+\.\d+[^"\n]*/, instead: '$1<kernel>', why: 'the host’s kernel' },
  { text: /(Operating System: |"OperatingSystem":")[^"\n]+/, instead: '$1<system>', why: 'the host’s system' },
  { text: /"OSVersion":"[^"]*"/, instead: '"OSVersion":"<version>"', why: 'the host’s system; it may have none' },
  { text: /(CPUs: |"NCPU":)\d+/, instead: '$1<n>', why: 'the machine' },
  { text: /(Total Memory: )[\d.]+GiB/, instead: '$1<size>', why: 'the machine' },
  { text: /("MemTotal":)\d{9,}/, instead: '$1<size>', why: 'the machine' },
  { text: /(\n Name: |"NoProxy":"","Name":")[\w.-]+/, instead: '$1<host>', why: 'the host’s name' },
  {
    text: /(Docker Root Dir: |"DockerRootDir":")\/[\w/-]+/,
    instead: '$1<data root>',
    why: 'the recorded engine has one of its own',
  },
  {
    text: /"NFd":(-1|[1-9]\d+),/,
    instead: '"NFd":<nn>,',
    why: 'open files of dockerd at that moment; -1, as dockerd says it of files that it cannot count, where none runs',
  },
  {
    text: /"NGoroutines":(0|[1-9]\d+),/,
    instead: '"NGoroutines":<nn>,',
    why: 'goroutines of dockerd at that moment; none where none runs',
  },
  { text: /"SystemTime":"\d{4}-\d\d-\d\dT[\d:.]+Z"/, instead: '"SystemTime":"<now>"', why: 'the clock' },
];

const met = new Set<Replaced>();

function settled(text: string): string {
  const plain = hosts.reduce((before, one) => {
    const after = before.replace(one.text, one.instead);
    if (after !== before) met.add(one);
    return after;
  }, text);
  // Go walks this map in a random order (cli/command/system/info.go).
  return plain.replace(
    /(\n Runtimes: )(.*)/,
    (_, head: string, names: string) => head + names.split(' ').sort().join(' '),
  );
}

/** An answer without what belongs to its host. */
export const hostless = ({ line, exitCode, stdout, stderr }: RecordedLine): RecordedLine => ({
  line,
  exitCode,
  stdout: settled(stdout),
  stderr: settled(stderr),
});

export async function playInfo(target: Target): Promise<RecordedLine[]> {
  for (const line of infoSetup) assert.is((await target.run(line)).exitCode, 0, line);
  const said: RecordedLine[] = [];
  for (const line of infoLines) {
    const { exitCode, stdout, stderr } = await target.run(line);
    said.push({ line, exitCode, stdout, stderr });
  }
  return said;
}

/** Throws where the target's answers are not the recorded ones, and when the table has what nothing meets. */
export async function checkInfo(target: Target): Promise<void> {
  const { lines } = JSON.parse(readFileSync(infoFile, 'utf8')) as Recording;
  const said = await playInfo(target);
  assert.equal(
    lines.map(({ line }) => line),
    infoLines,
  );
  for (const [index, recorded] of lines.entries()) {
    assert.equal(hostless(said[index]!), recorded, recorded.line);
  }
  assert.equal(
    hosts.filter((one) => !met.has(one)).map(({ why }) => why),
    [],
  );
}
