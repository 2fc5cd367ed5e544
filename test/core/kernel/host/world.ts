/**
 * The world in which sequences of host commands are compared: what stands there before the first line, what is looked at after
 * each one, and how what is seen is told without what differs from machine to machine.
 */

/** What a line did: its answer, and what is then there to see. */
export interface Played {
  readonly line: string;
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
  /** What differs from the line before, section by section. */
  readonly view: Readonly<Record<string, string>>;
}

export interface Sequence {
  readonly lines: readonly Played[];
}

/** test/fixtures/host-lines.json. */
export interface HostRecording {
  readonly recordedOn: string;
  readonly note: string;
  readonly sequences: readonly Sequence[];
}

export const recordingFile = new URL('../../../fixtures/host-lines.json', import.meta.url);

const scripts: Readonly<Record<string, string>> = {
  /** Which namespaces are not those of PID 1. */
  own: `for k in cgroup ipc mnt net pid user uts; do [ "$(readlink /proc/self/ns/$k)" = "$(readlink /proc/1/ns/$k)" ] || echo $k; done`,
  /** Waits until the process has become a sleep: then it is where it was to be. */
  settled: 'until grep -q ^sleep /proc/$1/cmdline; do usleep 2000; done',
  /** Waits until the process is stopped. */
  stopped: 'until grep -q "^State:.T" /proc/$1/status; do usleep 2000; done',
  /** Ends the process whose PID a file has, and waits until it is gone. */
  end: 'kill -9 $(cat $1) || exit; while kill -0 $(cat $1) 2>/dev/null; do usleep 2000; done; rm $1',
  /** Mounts without what differs: IDs, devices, what a file system says of itself. */
  mounts: `grep ' /w' /proc/self/mountinfo | sed -E 's/^[0-9]+ [0-9]+ [0-9]+:[0-9]+ //; s/(shared|master|propagate_from):[0-9]+/\\1:N/g; s/ - ([^ ]* [^ ]* r.).*/ - \\1/'`,
};

const script = ([name, text]: readonly [string, string]): string =>
  `cat >/bin/${name} <<'END'\n#!/bin/sh\n${text}\nEND\nchmod 755 /bin/${name}`;

/** Before the first line of a sequence. */
export const setup = [
  'umask 022; hostname box; ip link set lo up',
  ...Object.entries(scripts).map(script),
  'mkdir -p /w; mount -t tmpfs -o mode=755 w /w',
  'mkdir -p /w/a/d /w/b/d /w/c /w/r/bin /w/r/old /w/r/proc /w/proc /w/up /w/wk /w/lo/a/d /w/lo/b/d',
  'echo a >/w/a/f; echo ad >/w/a/d/g; echo b >/w/b/f; echo bd >/w/b/d/h; echo la >/w/lo/a/f; echo lb >/w/lo/b/n; echo bg >/w/lo/b/d/g; echo ag >/w/lo/a/d/g; echo x >/w/x; echo y >/w/y; ln -s a /w/l',
  'cp /bin/busybox /w/r/bin/; ln -s busybox /w/r/bin/sh; ln -s busybox /w/r/bin/ls',
  'echo 5 >/w/five; chown 5:6 /w/five; chmod 600 /w/five',
].join('\n');

const groupFiles = [
  ...['cpu.shares', 'cpu.cfs_quota_us', 'cpu.cfs_period_us', 'memory.limit_in_bytes', 'memory.soft_limit_in_bytes'],
  ...['memory.swappiness', 'pids.max', 'pids.current', 'freezer.state', 'cpuset.cpus', 'cpuset.mems', 'devices.list'],
  'blkio.bfq.weight',
];

/** Prints the sections `# NAME`, each followed by what is there. */
export const view = [
  'echo "# mounts"; cat /proc/self/mountinfo',
  `echo "# tree"; find /w -name proc -prune -o -print | sort | xargs stat -c '%A %u:%g %t:%T %n'`,
  `echo "# files"; find /w -name proc -prune -o -type f -size -9 -print | sort | xargs grep -H . /dev/null`,
  'echo "# net"; ip link; ip -f inet addr; ip route',
  'echo "# host"; hostname',
  `echo "# groups"; for d in $(find /sys/fs/cgroup/*/ -type d | grep -E '^/sys/fs/cgroup/[a-z]+/.' | sort); do echo $d $(wc -l <$d/tasks); for f in ${groupFiles.join(' ')}; do [ -e $d/$f ] && echo $f: $(cat $d/$f); done; done`,
].join('\n');

/** The sections of what `view` printed, told plainly. */
export function sections(text: string): Record<string, string> {
  const found: Record<string, string> = {};
  for (const part of text.split(/^# /m).slice(1)) {
    const name = part.slice(0, part.indexOf('\n'));
    const rows = part.slice(part.indexOf('\n') + 1);
    found[name] = name === 'mounts' ? mountRows(rows) : name === 'net' ? plainNet(rows) : rows;
  }
  return found;
}

/** Hardware addresses, index numbers of devices elsewhere, and what a bridge comes to know a moment later. */
export function plainNet(text: string): string {
  return text
    .replace(/([0-9a-f]{2}:){5}[0-9a-f]{2}/g, 'MAC')
    .replace(/@if\d+/g, '@ifN')
    .replace(/,LOWER_UP/g, '')
    .replace(/^\d+:/gm, 'N:');
}

/** Each mount below /w: the place of its parent in this list, root, mount point, options, tags numbered as they come, type. */
function mountRows(text: string): string {
  const rows = text.split('\n').filter((row) => /^\d+ \d+ \S+ \S+ \/w/.test(row));
  const places = new Map(rows.map((row, i) => [row.split(' ')[0]!, String(i + 1)]));
  const groups = new Map<string, string>();
  const numbered = (id: string): string => {
    if (!groups.has(id)) groups.set(id, String(groups.size + 1));
    return groups.get(id)!;
  };
  return rows
    .map((row, i) => {
      const [, parent = '', , ...rest] = row.replace(/ - (\S+ \S+ r.).*/, ' - $1').split(' ');
      const told = rest
        .join(' ')
        .replace(/(shared|master|propagate_from):(\d+)/g, (_, kind, id) => `${kind}:${numbered(id)}`);
      return `${i + 1} on ${places.get(parent) ?? '/'} ${told}\n`;
    })
    .join('');
}

/** Tells each view by what came (`+`) and what went (`-`). The first line is the world as it was, and is left out. */
export function changesOnly([first, ...lines]: readonly Played[]): Played[] {
  let before = first!.view;
  return lines.map((played) => {
    const { view: now } = played;
    const changed = Object.entries(now).filter(([name, text]) => before[name] !== text);
    const view = Object.fromEntries(changed.map(([name, text]) => [name, changes(before[name] ?? '', text)]));
    before = now;
    return { ...played, view };
  });
}

function changes(before: string, now: string): string {
  const [old, fresh] = [before.split('\n'), now.split('\n')];
  const [known, kept] = [new Set(old), new Set(fresh)];
  const went = old.filter((row) => !kept.has(row)).map((row) => `-${row}`);
  return [...went, ...fresh.filter((row) => !known.has(row)).map((row) => `+${row}`)].join('\n');
}
