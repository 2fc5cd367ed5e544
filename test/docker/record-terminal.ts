/**
 * `npm run record:terminal [-- GROUP...]` (counted from 1; default: all of them): types the sessions of test/suites/terminal/scripts.ts at the real docker client, on a pseudo-terminal, and
 * writes what was to be seen to test/fixtures/terminal-20.10.24.json.
 *
 * Kept true: an answer is there when nothing has come for a while; whoever needs longer says so in the script.
 */
import { spawnSync } from 'node:child_process';
import { readlinkSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { baseArchives } from '../../backend/base.ts';
import { type DockerEngine, startDockerEngine } from '../../backend/dockerd.ts';
import { childrenOf } from '../../backend/lab.ts';
import { readSessions, redrawn, type Session, sessionsFile, type Typed } from '../suites/terminal/played.ts';
import { type Given, groups, type Keys, type Script } from '../suites/terminal/scripts.ts';
import { Pty } from '../support/pty.ts';

const QUIET = 500;
/** Until a client shows anything at all, or is taken to have nothing to show. */
const FIRST = 3_000;

const given = (item: Keys | Given): Given => (typeof item === 'object' && 'keys' in item ? item : { keys: item });

const marks = ({ byOrder, apart }: Given): Pick<Given, 'byOrder' | 'apart'> => ({
  ...(byOrder === undefined ? {} : { byOrder }),
  ...(apart === undefined ? {} : { apart }),
});

function run(engine: DockerEngine, env: NodeJS.ProcessEnv, line: string): string {
  const { stdout, stderr } = spawnSync('/bin/sh', ['-c', inShell(engine, line)], { env, encoding: 'utf8' });
  return stdout + stderr;
}

const inShell = ({ programs }: DockerEngine, line: string): string => line.replace(/^docker/, programs.client);

/** TIOCSWINSZ on the terminal that the client sits at; stty(1) would do it twice, for rows and for columns. */
const sizeScript = `open my $tty, '+<', shift or die "$!\\n"; ioctl($tty, 0x5414, pack('S4', @ARGV, 0, 0)) or die "$!\\n";`;

function resize(pty: Pty, rows: number, columns: number): void {
  const client = childrenOf(pty.pid)[0] ?? 0;
  const terminal = readlinkSync(`/proc/${client}/fd/0`);
  spawnSync('perl', ['-e', sizeScript, terminal, String(rows), String(columns)]);
}

async function record(engine: DockerEngine, env: NodeJS.ProcessEnv, script: Script): Promise<Session> {
  const pty = new Pty(inShell(engine, script.line), env);
  let seen = 0;
  const news = (): string => {
    const text = pty.output.slice(seen);
    seen = pty.output.length;
    return text;
  };
  await pty.until(() => pty.output !== '' || pty.exitCode !== undefined, FIRST);
  await pty.quiet(QUIET + (script.line.includes('sleep 1;') ? 1_000 : 0));
  const start = redrawn(news());
  const typed: Typed[] = [];
  for (const item of script.typed.map(given)) {
    const { keys, quietMs = QUIET } = item;
    if (typeof keys === 'string') pty.type(keys);
    else if ('rows' in keys) resize(pty, keys.rows, keys.columns);
    else run(engine, env, keys.meanwhile);
    await sleep(50);
    await pty.quiet(quietMs);
    typed.push([keys, news(), ...marked(item)]);
  }
  await pty.until(() => pty.exitCode !== undefined, FIRST);
  const code = pty.exitCode ?? null;
  await pty.close();
  const after = (script.after ?? []).map((item) => {
    const mine = typeof item === 'string' ? { keys: item } : item;
    return [String(mine.keys), run(engine, env, String(mine.keys)), ...marked(mine)] as const;
  });
  const { name, line, apart } = script;
  const why = apart === undefined ? {} : { apart };
  return { name, line, start, ...why, typed, code, ...(script.after === undefined ? {} : { after }) };
}

function marked(item: Given): [] | [Pick<Given, 'byOrder' | 'apart'>] {
  const mark = marks(item);
  return Object.keys(mark).length === 0 ? [] : [mark];
}

const wanted = process.argv.slice(2).map(Number);
const engine = await startDockerEngine({ archives: await baseArchives() });
const env = { ...process.env, DOCKER_HOST: `unix://${engine.socket}`, LANG: 'C.UTF-8', TERM: 'xterm' };
try {
  const recorded: { sessions: readonly Session[] }[] = [];
  for (const [n, group] of groups.entries()) {
    if (wanted.length > 0 && !wanted.includes(n + 1)) {
      recorded.push(readSessions().groups[n] ?? { sessions: [] });
      continue;
    }
    await engine.reset();
    const sessions: Session[] = [];
    for (const script of group) {
      sessions.push(await record(engine, env, script));
      process.stdout.write(`${script.name}: ${script.line}\n`);
    }
    recorded.push({ sessions });
  }
  const recordedOn = `Docker client and engine ${engine.programs.version} (Debian 12), busybox 1.35.0, a pseudo-terminal of 24 rows and 80 columns`;
  writeFileSync(sessionsFile, `${JSON.stringify({ recordedOn, groups: recorded }, null, 1)}\n`);
} finally {
  await engine.stop();
}
