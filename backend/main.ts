#!/usr/bin/env node
/**
 * The terminal program's entry: wires the real terminal, files and targets to backend/program, and answers `--version`
 * before anything else is loaded.
 */
import { version } from '../package.json';

// A reader that has seen enough (`| head`) is no fault of ours; what was begun is still ended properly.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') return;
  process.stderr.write(`cutaway: the output cannot be written (${error.message})\n`);
  // EX_IOERR of sysexits.h. What is open for real ends with us.
  process.exit(74);
});

const argv = process.argv.slice(2);
// Killed together with who called it, but a moment too early to notice.
if (process.env.CUTAWAY_STARTED_BY !== undefined && (await import('./rootless.ts')).isOrphan()) process.exit(137);
if (argv.length === 1 && (argv[0] === '--version' || argv[0] === '-V')) {
  process.stdout.write(`cutaway ${version}\n`);
} else {
  const [{ runProgram }, { realEnv }] = await Promise.all([
    import('./program/program.ts'),
    import('./program/terminal.ts'),
  ]);
  // A real target may be closing down with nothing left that keeps Node from ending before it is done.
  const alive = setInterval(() => undefined, 1 << 30);
  process.exitCode = await runProgram(argv, realEnv())
    .catch((error: unknown) => {
      process.stderr.write(
        `cutaway: a fault of the program itself\n${error instanceof Error ? error.stack : String(error)}\n`,
      );
      // EX_SOFTWARE of sysexits.h: 1 means that a comparison was made and found a difference.
      return 70;
    })
    .finally(() => clearInterval(alive));
}
