/**
 * Lines that need a shell. Docker commands in them are carried out on the engine; all else is given to the host's shell. A line
 * without docker goes to the host whole; in a mixed one this file does what the shell would do between the commands: `;` `&&`
 * `||`, pipes, redirections, variables, `$(docker …)`, and the simpler compound commands.
 *
 * Kept true: what cannot be mixed with docker is refused with a message and exit code 2, before anything after it is done.
 */
import { type Flow, perform, StepError } from '../../op.ts';
import {
  type AndOr,
  type Command,
  type Pipeline,
  type Redir,
  type Script,
  ScriptError,
  type Simple,
} from '../../programs/sh/ast.ts';
import { quote } from '../../shell.ts';
import { type Around, callDocker, type LineContext } from '../line.ts';
import { callsThrough, commandCalls, isDocker, literal, scriptCalls, wordCalls } from './detect.ts';
import { type Expander, fields, MixError, text } from './expand.ts';
import { read } from './read.ts';
import { readsArchive, stageFrom, throughOf, writesArchive } from './stages.ts';

interface Streams {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  readonly stdin: string | undefined;
  /** Host file that standard input comes from, for archives. */
  readonly stdinFile?: string;
  /** Host file that standard output goes to, for archives. */
  readonly stdoutFile?: string;
}

/** Carries out `line`; returns its exit code. */
export function* runMixed(cli: LineContext, line: string, around: Around): Flow<number> {
  try {
    const { script, plain } = read(line);
    if (plain !== undefined) return yield* callDocker(cli, around, plain);
    return yield* new Line(cli, line, around).whole(script);
  } catch (error) {
    if (error instanceof ScriptError) {
      cli.err(`sh: ${error.message}\n`);
      return 2;
    }
    if (!(error instanceof MixError)) throw error;
    cli.err(`cutaway: this cannot be mixed with docker on one line: ${error.message}\n`);
    return 2;
  }
}

class Line implements Expander {
  readonly #cli: LineContext;
  readonly #around: Around;
  readonly #variables = new Map<string, string>();
  readonly #exported = new Set<string>();
  #cwd: string;
  #status = 0;

  constructor(
    cli: LineContext,
    readonly source: string,
    around: Around,
  ) {
    this.#cli = cli;
    this.#around = around;
    this.#cwd = cli.cwd;
  }

  *whole(script: Script): Flow<number> {
    const streams: Streams = { out: this.#cli.out, err: this.#cli.err, stdin: this.#cli.stdin };
    if (!scriptCalls(script)) {
      const through = script.items.flatMap((item) => item.pipelines.flatMap((pipe) => pipe.commands.map(throughOf)));
      this.#refuseThrough(through.find((name) => name !== undefined));
      return yield* this.#host(this.source, streams);
    }
    return yield* this.#script(script, streams);
  }

  variable(name: string): string {
    if (name === '?') return String(this.#status);
    return this.#variables.get(name) ?? this.#cli.env[name] ?? '';
  }

  *capture(script: Script): Flow<string> {
    let output = '';
    const out = (more: string) => {
      output += more;
    };
    yield* this.#script(script, { out, err: this.#cli.err, stdin: undefined });
    return output.replace(/\n+$/, '');
  }

  *ask(line: string): Flow<string> {
    let output = '';
    const out = (more: string) => {
      output += more;
    };
    yield* this.#host(line, { out, err: this.#cli.err, stdin: undefined });
    return output;
  }

  *#script(script: Script, streams: Streams): Flow<number> {
    this.#status = 0;
    for (const item of script.items) yield* this.#andOr(item, streams);
    return this.#status;
  }

  *#andOr(item: AndOr, streams: Streams): Flow<void> {
    const calls = item.pipelines.some((pipeline) => pipeline.commands.some(commandCalls));
    if (item.background && calls) throw new MixError('a docker command in the background (&)');
    if (item.background) {
      this.#status = yield* this.#host(`${this.#text(item)} &`, streams);
      return;
    }
    for (const [at, pipeline] of item.pipelines.entries()) {
      const op = at === 0 ? undefined : item.ops[at - 1];
      if ((op === '&&' && this.#status !== 0) || (op === '||' && this.#status === 0)) continue;
      const code = yield* this.#pipeline(pipeline, streams);
      this.#status = pipeline.negated ? Number(code === 0) : code;
    }
  }

  /** Each stage runs to its end before the next one begins; neighbours of the host's are given to it as one pipe. */
  *#pipeline({ commands }: Pipeline, streams: Streams): Flow<number> {
    let code = 0;
    const { stdoutFile: _, stdinFile, ...rest } = streams;
    let from: Pick<Streams, 'stdin' | 'stdinFile'> = {
      stdin: streams.stdin,
      ...(stdinFile === undefined ? {} : { stdinFile }),
    };
    for (let at = 0; at < commands.length; ) {
      const stage = stageFrom(commands, at);
      at += stage.length;
      let piped = '';
      const last = at >= commands.length;
      const out = last ? streams.out : (more: string) => (piped += more);
      // Archives are no text: they go from one command to the next in a file of the host.
      const archive = !last && (writesArchive(stage) || readsArchive(commands[at]!));
      const shown = archive ? yield* this.#shownFile(stage, streams) : undefined;
      if (shown !== undefined) {
        from = { stdin: undefined, stdinFile: shown };
        continue;
      }
      const file = archive ? yield* this.#pipeFile() : undefined;
      const to = file === undefined ? {} : { stdoutFile: file };
      const here: Streams = { ...(last ? { ...rest, ...streams } : rest), ...from, ...to, out };
      code = yield* this.#stage(stage, here);
      if (from.stdinFile?.startsWith(this.#pipe) === true) yield* this.#forget(from.stdinFile);
      from = file === undefined ? { stdin: piped } : { stdin: undefined, stdinFile: file };
    }
    return code;
  }

  #pipes = 0;

  get #pipe(): string {
    return `${this.#cli.engine.facts.dataRoot}/tmp/pipe-`;
  }

  *#pipeFile(): Flow<string> {
    this.#pipes += 1;
    const path = this.#pipe + String(this.#pipes);
    yield* perform('make a pipe', { op: 'writeFile', path, data: '', mode: 0o600 }, { quiet: true });
    return path;
  }

  /** `cat FILE` at the beginning of a pipe is the file itself. */
  *#shownFile([command, ...more]: readonly Command[], streams: Streams): Flow<string | undefined> {
    if (command?.kind !== 'simple' || more.length + command.redirs.length + command.assigns.length > 0)
      return undefined;
    const [program, path, ...others] = command.words;
    if (literal(program) !== 'cat' || path === undefined || others.length > 0) return undefined;
    const [name = '', ...names] = yield* fields(this, path);
    const isFile = names.length === 0 && !name.startsWith('-') && name !== '';
    const code = isFile
      ? yield* this.#host(`[ -f ${quote(name)} ] && : < ${quote(name)}`, { ...streams, err: () => {} })
      : 1;
    return code === 0 ? this.#absolute(name) : undefined;
  }

  *#forget(path: string): Flow<void> {
    yield { title: 'the pipe is empty', op: { op: 'remove', path }, quiet: true };
  }

  *#stage(stage: readonly Command[], streams: Streams): Flow<number> {
    const [only] = stage;
    const { stdinFile, stdoutFile, ...plain } = streams;
    if (stage.length === 1 && only !== undefined && commandCalls(only)) {
      return yield* this.#command(only, streams);
    }
    if (stdinFile === undefined && stdoutFile === undefined && stage.length === 1 && only !== undefined) {
      return yield* this.#command(only, plain);
    }
    const text = stage.map((command) => this.#text(command)).join(' | ');
    const input = stdinFile === undefined ? '' : ` < ${quote(stdinFile)}`;
    const output = stdoutFile === undefined ? '' : ` > ${quote(stdoutFile)}`;
    return yield* this.#host(input + output === '' ? text : `{ ${text}\n}${input}${output}`, plain);
  }

  *#command(command: Command, streams: Streams): Flow<number> {
    if (!commandCalls(command)) return yield* this.#hostCommand(command, streams);
    if (command.kind === 'simple') return yield* this.#simple(command, streams);
    if (command.redirs.length > 0) throw new MixError('a redirection of several commands at once');
    switch (command.kind) {
      case 'group':
        return yield* this.#script(command.body, streams);
      case 'subshell': {
        const [variables, cwd] = [[...this.#variables], this.#cwd];
        const code = yield* this.#script(command.body, streams);
        this.#variables.clear();
        for (const [name, value] of variables) this.#variables.set(name, value);
        this.#cwd = cwd;
        return code;
      }
      case 'if': {
        if ((yield* this.#script(command.test, streams)) === 0) return yield* this.#script(command.then, streams);
        return command.else === undefined ? 0 : yield* this.#script(command.else, streams);
      }
      case 'for': {
        let code = 0;
        const values: string[] = [];
        for (const word of command.words ?? []) values.push(...(yield* fields(this, word)));
        for (const value of values) {
          this.#variables.set(command.name, value);
          code = yield* this.#script(command.body, streams);
        }
        return code;
      }
      case 'loop': {
        let code = 0;
        while (((yield* this.#script(command.test, streams)) === 0) !== command.until)
          code = yield* this.#script(command.body, streams);
        return code;
      }
      default:
        throw new MixError(`docker inside '${command.kind}'`);
    }
  }

  /** A docker command, an assignment from one, or a host command with `$(docker …)` among its words. */
  *#simple(command: Simple, streams: Streams): Flow<number> {
    const argv: string[] = [];
    this.#status = 0;
    const ours = isDocker(command);
    for (const word of command.words) argv.push(...(yield* this.#words(word, ours)));
    const assigned: [string, string][] = [];
    for (const { name, value } of command.assigns) assigned.push([name, yield* text(this, value)]);
    if (argv.length === 0) {
      for (const [name, value] of assigned) this.#variables.set(name, value);
      return this.#status;
    }
    const reads = ours && readsArchive(command);
    const redirected = yield* this.#redirect(command.redirs, streams, ours, reads);
    const code = ours
      ? yield* this.docker(argv.slice(1), redirected.streams, assigned)
      : yield* this.#host(
          [...assigned.map(([name, value]) => `${name}=${quote(value)}`), ...argv].join(' '),
          redirected.streams,
        );
    yield* redirected.close();
    return code;
  }

  /** Words of a docker command as they are; those of a host command quoted again for the shell. */
  *#words(word: Simple['words'][number], ours: boolean): Flow<string[]> {
    if (!ours && !wordCalls(word)) return [this.source.slice(word.start, word.end)];
    const values = yield* fields(this, word);
    return ours ? values : values.map(quote);
  }

  /** Carries out `docker <argv>`. */
  *docker(argv: readonly string[], streams: Streams, assigned: readonly [string, string][]): Flow<number> {
    const exported = [...this.#exported].map((name) => [name, this.variable(name)] as const);
    const env = { ...this.#cli.env, ...Object.fromEntries([...exported, ...assigned]) };
    return yield* callDocker(this.#cli, this.#around, argv, { ...streams, cwd: this.#cwd, env });
  }

  *#hostCommand(command: Command, streams: Streams): Flow<number> {
    if (command.kind === 'simple') {
      this.#refuseThrough(callsThrough(command));
      const name = literal(command.words[0]);
      if (command.words.length === 0) {
        for (const assign of command.assigns) this.#variables.set(assign.name, yield* text(this, assign.value));
        return 0;
      }
      if (name === 'cd') return yield* this.#cd(command, streams);
      if (name === 'export') return yield* this.#export(command);
    }
    if (command.redirs.some(({ op }) => op === '<<')) throw new MixError('a here-document for a command of the host');
    return yield* this.#host(this.#text(command), streams);
  }

  *#cd(command: Simple, streams: Streams): Flow<number> {
    let out = '';
    const code = yield* this.#host(`${this.#text(command)} && pwd`, {
      ...streams,
      out: (more) => {
        out += more;
      },
    });
    if (code === 0) this.#cwd = out.replace(/\n$/, '');
    return code;
  }

  *#export(command: Simple): Flow<number> {
    for (const word of command.words.slice(1)) {
      const [name = '', ...value] = (yield* text(this, word)).split('=');
      if (value.length > 0) this.#variables.set(name, value.join('='));
      this.#exported.add(name);
    }
    return 0;
  }

  #refuseThrough(name: string | undefined): void {
    if (name !== undefined) throw new MixError(`docker called by '${name}'; call it by its own name`);
  }

  /** A line of the host's shell, in this line's directory and with its variables. */
  *#host(line: string, streams: Streams): Flow<number> {
    const variables = [...this.#variables].map(
      ([name, value]) => `${this.#exported.has(name) ? 'export ' : ''}${name}=${quote(value)}\n`,
    );
    const directory = this.#cwd === this.#cli.cwd ? '' : `cd ${quote(this.#cwd)}\n`;
    // `$?` of the line so far.
    const status = this.#status === 0 ? '' : `(exit ${this.#status})\n`;
    const op = { op: 'host', line: directory + variables.join('') + status + line } as const;
    try {
      const stdin = streams.stdin;
      const answer = yield* perform(`host: ${line}`, stdin === undefined ? op : { ...op, stdin });
      streams.out(answer.stdout);
      streams.err(answer.stderr);
      return answer.code;
    } catch (error) {
      if (!(error instanceof StepError)) throw error;
      streams.err(`sh: ${error.message}\n`);
      return 126;
    }
  }

  *#redirect(
    redirs: readonly Redir[],
    streams: Streams,
    archives: boolean,
    reads = false,
  ): Flow<{ streams: Streams; close: () => Flow<void> }> {
    let now = streams;
    const files = new Map<string, string>();
    const into = (name: string) => (more: string) => {
      files.set(name, (files.get(name) ?? '') + more);
    };
    for (const { fd, op, target } of redirs) {
      const value = op === '<<' ? '' : yield* text(this, target);
      if (op === '<' && reads) {
        if ((yield* this.#host(`: < ${quote(value)}`, streams)) !== 0) throw new MixError(`the file ${value}`);
        now = { ...now, stdin: undefined, stdinFile: this.#absolute(value) };
      } else if (op === '<') now = { ...now, stdin: yield* this.ask(`cat < ${quote(value)}`) };
      else if (op === '<<') now = { ...now, stdin: yield* text(this, target) };
      else if (op === '>&' && fd === 2 && value === '1') now = { ...now, err: now.out };
      else if (op === '>&' && fd === 1 && value === '2') now = { ...now, out: now.err };
      else if (['>', '>|', '>>', '&>'].includes(op) && (fd === 1 || fd === 2)) {
        if (op === '>>') files.set(value, files.get(value) ?? '');
        else if ((yield* this.#host(`: > ${quote(value)}`, streams)) !== 0) throw new MixError(`the file ${value}`);
        const write = into(value);
        if (fd === 1 || op === '&>')
          now = { ...now, out: write, ...(archives && op !== '>>' ? { stdoutFile: this.#absolute(value) } : {}) };
        if (fd === 2 || op === '&>') now = { ...now, err: write };
      } else throw new MixError(`the redirection ${fd}${op}${value}`);
    }
    const host = (line: string, stdin: string) => this.#host(line, { ...streams, stdin });
    const close = function* (): Flow<void> {
      for (const [name, content] of files) if (content !== '') yield* host(`cat >> ${quote(name)}`, content);
    };
    return { streams: now, close };
  }

  #absolute(path: string): string {
    return path.startsWith('/') ? path : `${this.#cwd === '/' ? '' : this.#cwd}/${path}`;
  }

  #text(span: { readonly start: number; readonly end: number }): string {
    return this.source.slice(span.start, span.end);
  }
}
