/**
 * The one table of the terminal program: every subcommand with its arguments, options and help. Parsing, `--help` and the
 * overview are made from it, and each entry says which file carries it out, loaded only when it is called.
 */
import { storageDrivers } from '../../core/index.ts';
import type { Run } from './env.ts';

export interface OptionSpec {
  readonly name: string;
  readonly short?: string;
  /** Name of its value in the help; absent: a switch. */
  readonly value?: string;
  /** The only values allowed. */
  readonly choices?: readonly string[];
  /** Several choices, parted by commas. */
  readonly many?: boolean;
  /** May be given several times; in `Call.lists`. */
  readonly repeated?: boolean;
  readonly summary: string;
  readonly required?: boolean;
}

export interface Subcommand {
  readonly name: string;
  /** Arguments as shown in the usage line. */
  readonly usage: string;
  readonly summary: string;
  /** How many arguments it takes. */
  readonly args: readonly [min: number, max: number];
  readonly options: readonly OptionSpec[];
  /** Paragraphs below the options. */
  readonly notes?: readonly string[];
  readonly load: () => Promise<{ readonly run: Run }>;
}

const targets = ['sim', 'linux', 'docker'] as const;
const on: OptionSpec = {
  name: 'on',
  value: 'TARGET',
  choices: targets,
  summary: 'where the commands run (default sim)',
};
const lab: OptionSpec = {
  name: 'lab',
  value: 'NAME',
  summary: 'keep the world under this name, and go on from it next time',
};
const fault: OptionSpec = {
  name: 'fault',
  value: 'NAME',
  choices: ['whiteouts'],
  summary: 'put a known fault into the simulation (whiteouts: they are ignored)',
};
const storage: OptionSpec = {
  name: 'storage-driver',
  value: 'NAME',
  choices: storageDrivers,
  summary: 'how the engine keeps layers (default overlay2; aufs only on sim)',
};
const bridge: OptionSpec = {
  name: 'bridge',
  summary: 'the engine has docker0: addresses, -p, --network container:NAME (sim and linux)',
};
const cgroup: OptionSpec = {
  name: 'cgroup',
  value: 'VERSION',
  choices: ['v1', 'v2'],
  summary: 'which control groups the host has (default v1 on sim; linux and docker: what this machine has)',
};
const kinds = ['stack', 'union', 'images', 'lifecycle', 'host', 'network', 'storage-drivers'] as const;

/** What `cutaway` without a subcommand does. */
export const interactive: Subcommand = {
  name: '',
  usage: '',
  summary: 'interactive: type docker and host commands, see output, steps and the picture',
  args: [0, 0],
  options: [on, lab, storage, cgroup, bridge, fault],
  load: () => import('./interactive.ts'),
};

export const subcommands: readonly Subcommand[] = [
  {
    name: 'run',
    usage: 'FILE|-',
    summary: 'replay a transcript or a plain list of commands',
    args: [1, 1],
    options: [
      on,
      { name: 'step', summary: 'show every step; in a terminal, wait for Enter before it' },
      {
        name: 'json',
        summary: 'print one JSON object a line: the command, its answer, its steps and what is there then',
      },
      { name: 'picture', summary: 'draw the stack after every command' },
      {
        name: 'put',
        value: 'FILE[:PATH]',
        repeated: true,
        summary: 'put a file of this machine onto the host before the first command (PATH: its name)',
      },
      {
        name: 'get',
        value: 'PATH[:FILE]',
        repeated: true,
        summary: 'fetch a file of the host after the last command (FILE: its name)',
      },
      lab,
      storage,
      cgroup,
      bridge,
      fault,
    ],
    notes: [
      'A transcript is a Markdown file with ```console blocks, or lines "$ command" with the output below them.',
      'It may begin with the version of control groups that it is for: a line "cgroup: v2" between two lines "---". --cgroup goes before that.',
    ],
    load: () => import('./run.ts'),
  },
  {
    name: 'verify',
    usage: 'FILE...',
    summary: 'run on several targets and compare them after every command',
    args: [1, Number.POSITIVE_INFINITY],
    options: [
      { ...on, value: 'LIST', many: true, summary: 'compare the simulation with these (default linux,docker)' },
      bridge,
      fault,
    ],
    notes: [
      'The simulation is always one side. At the first difference it stops with exit status 1, names the line and shows the difference and both pictures.',
      'For those who check the checker: --fault puts a known fault into the simulation, which verify has to find.',
    ],
    load: () => import('./verify.ts'),
  },
  {
    name: 'lesson',
    usage: '[ID]',
    summary: 'list the lessons, or take one',
    args: [0, 1],
    options: [on, storage, cgroup, bridge, { name: 'notes', summary: 'show the notes for the instructor as well' }],
    load: () => import('./lesson.ts'),
  },
  {
    name: 'diagram',
    usage: 'FILE|-',
    summary: 'the picture after the last (or --at N) command',
    args: [1, 1],
    options: [
      { name: 'at', value: 'N', summary: 'after the Nth command; 0 is the start' },
      { name: 'kind', value: 'KIND', choices: kinds, summary: 'what to show (default stack)' },
      {
        name: 'format',
        value: 'FORMAT',
        choices: ['text', 'mermaid', 'svg'],
        summary: 'how to write it (default text)',
      },
      { name: 'all', summary: 'list every path, also those that only the image has' },
      { name: 'container', value: 'NAME', summary: 'whose union view (default: the one the command touched)' },
      on,
      storage,
      cgroup,
      bridge,
      fault,
    ],
    load: () => import('./diagram.ts'),
  },
  {
    name: 'explain',
    usage: 'SUBJECT [FILE|-]',
    summary: 'how an ID, a layer, a path or a piece of output came about',
    args: [1, 2],
    options: [
      { ...on, choices: ['sim', 'linux'] },
      { name: 'at', value: 'N', summary: 'after the Nth command of FILE; 0 is the start' },
      { name: 'json', summary: 'print one JSON object a line' },
      lab,
      bridge,
      fault,
    ],
    notes: [
      "A subject is a name, an ID or its beginning, CONTAINER:/PATH, a path of the host, a PID, or what docker printed, such as 'Exited (137)', '<none>', SIZE.",
      'It is asked in the world that FILE leaves, in the kept one of --lab, or on a fresh host. At the prompt and in the site the same is typed as a line: cutaway explain SUBJECT.',
    ],
    load: () => import('./explain.ts'),
  },
  {
    name: 'record',
    usage: 'FILE',
    summary: 'as the interactive one, written down as a transcript',
    args: [1, 1],
    options: [on, lab, cgroup, bridge, { name: 'force', short: 'f', summary: 'write over FILE if it is there' }],
    load: () => import('./record.ts'),
  },
  {
    name: 'serve',
    usage: '',
    summary: 'the site, with the real backend beside it where the machine can',
    args: [0, 0],
    options: [
      { name: 'port', short: 'p', value: 'N', summary: 'listen there (default 8420, or any that is free)' },
      { name: 'site', value: 'FOLDER', summary: 'serve the site that was built there' },
    ],
    notes: [
      'It listens on 127.0.0.1 only. The address that it prints holds a token; a page opened by it may run commands in labs of its own on this machine, which vanish with the page.',
    ],
    load: () => import('./serve.ts'),
  },
  {
    name: 'archive',
    usage: 'IMAGE|FILE',
    summary: 'write the archive of a teaching image, or one that docker save wrote, as OCI layout too',
    args: [1, 1],
    options: [
      { name: 'output', short: 'o', value: 'FILE', summary: 'where to write it', required: true },
      {
        name: 'format',
        value: 'FORMAT',
        choices: ['docker', 'oci', 'oci-dir'],
        summary: 'as docker save does (the default), as an OCI image layout in one tar, or as a directory',
      },
    ],
    notes: ['The archive of a teaching image is the same, byte for byte, for all three targets.'],
    load: () => import('./archive.ts'),
  },
  {
    name: 'doctor',
    usage: '',
    summary: 'what this machine can do for real, and what to install for the rest',
    args: [0, 0],
    options: [],
    load: () => import('./doctor.ts'),
  },
];
