/**
 * `cutaway serve`: the built site on this machine's loopback, and where the machine can, the linux target beside it.
 */
import { stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { UsageError } from '../../core/index.ts';
import { linuxNeedsHere, probe } from '../probe.ts';
import { type SiteServer, startServer } from '../server.ts';
import type { Env, Run } from './env.ts';
import { dim } from './show.ts';

/** The same every time, so that a browser finds the progress again that it keeps for this origin. */
const usualPort = 8420;

export const run: Run = async (call, env) => {
  const port = portOf(call.values.port);
  const folder = await siteFolder(call.values.site);
  const missing = (await probe(linuxNeedsHere())).filter(({ met, untried }) => !met && untried !== true);
  const server = await start(
    port,
    folder,
    missing.length === 0 ? () => env.openTarget('linux', { interactive: true }) : undefined,
  );
  sayWhere(server, missing, env);
  return untilSignal(server);
};

/** What is built lies in dist/site: beside the program when it is built, above backend/ in the sources. */
async function siteFolder(given: string | undefined): Promise<string> {
  if (given !== undefined) {
    if (await isSite(given)) return given;
    throw new UsageError('serve: there is no built site', { file: given }, 'a folder with an index.html is wanted');
  }
  for (let folder = dirname(fileURLToPath(import.meta.url)); ; folder = dirname(folder)) {
    const site = join(folder, 'dist', 'site');
    if (await isSite(site)) return site;
    if (folder === dirname(folder)) throw new UsageError('serve: the site is not built', undefined, 'npm run build', 3);
  }
}

async function isSite(folder: string): Promise<boolean> {
  return stat(join(folder, 'index.html')).then(
    (found) => found.isFile(),
    () => false,
  );
}

type OpenTarget = () => ReturnType<Env['openTarget']>;

async function start(given: number | undefined, folder: string, openTarget?: OpenTarget): Promise<SiteServer> {
  const options = openTarget === undefined ? { folder } : { folder, openTarget };
  try {
    return await startServer({ ...options, port: given ?? usualPort });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code !== 'EADDRINUSE' && code !== 'EACCES') throw error;
    if (given !== undefined) throw new UsageError(`serve: port ${given} cannot be had (${message})`);
    return startServer(options);
  }
}

function portOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= 65535) return port;
  throw new UsageError(`serve: "${text}" is no port`, undefined, 'a number up to 65535; 0 takes any that is free');
}

function sayWhere(server: SiteServer, missing: Awaited<ReturnType<typeof probe>>, env: Env): void {
  env.out(`${server.url}\n`);
  const said =
    missing.length === 0
      ? 'with a real kernel beside the simulation, for pages opened by this address; keep it to yourself'
      : `the simulation alone: ${missing.map(({ name, detail }) => `${name}: ${detail}`).join('; ')}`;
  env.err(`${dim(env, `${said}\nCtrl-C ends it`)}\n`);
}

/** Serves until it is told to end; a second signal does not wait for the labs, which end by themselves then. */
function untilSignal(server: SiteServer): Promise<number> {
  return new Promise((resolve, reject) => {
    let told = false;
    const end = (signal: NodeJS.Signals): void => {
      const status = signal === 'SIGINT' ? 130 : 143;
      if (told) process.exit(status);
      told = true;
      server.close().then(() => resolve(status), reject);
    };
    // Not `once`: a library that sees nobody else listen would end the program at once.
    process.on('SIGINT', end).on('SIGTERM', end);
  });
}
