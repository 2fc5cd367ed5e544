/**
 * `--security-opt seccomp=FILE`: the client reads the file, and what is in it goes to the daemon (docker/cli opts.go
 * parseSecurityOpts).
 */

import { readSeccomp, SeccompFile } from '../engine/flows/seccomp.ts';
import type { CreateSpec } from '../engine/index.ts';
import type { Flow } from '../op.ts';
import { hostPath } from './commands/common.ts';
import { type Cli, CliError } from './spec.ts';

const isProfile = (option: string): boolean => /^seccomp[=:]/.test(option) && option.slice(8) !== 'unconfined';

/** The spec with texts for files. `by`: the name of the command. Throws CliError. */
export function* profiles(cli: Cli, spec: CreateSpec, by: string): Flow<CreateSpec> {
  if (cli.engine.facts.guarded !== true)
    throw new CliError(
      `cutaway: docker ${by} --security-opt seccomp=FILE is not simulated yet; --on linux carries it out`,
      125,
    );
  const SecurityOpt: string[] = [];
  try {
    for (const option of spec.security?.SecurityOpt ?? []) {
      const file = option.slice(8);
      SecurityOpt.push(isProfile(option) ? `seccomp=${yield* readSeccomp(hostPath(cli, file), file)}` : option);
    }
  } catch (error) {
    if (!(error instanceof SeccompFile)) throw error;
    throw new CliError(`docker: ${error.message}.\nSee 'docker ${by} --help'.`, 125);
  }
  return { ...spec, security: { ...spec.security, SecurityOpt } };
}
