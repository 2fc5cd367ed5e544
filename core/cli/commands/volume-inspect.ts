/** `docker volume inspect`: all that is known of volumes (docker CLI reference, `docker volume inspect`). */
import { findVolume } from '../../engine/flows/volumes.ts';
import { DockerError, inspectVolume, type JsonObject } from '../../engine/index.ts';
import type { Flow } from '../../op.ts';
import { flag } from '../flags.ts';
import { CliError, type CommandSpec } from '../spec.ts';
import { evaluateFormat } from './inspect.ts';

export const volumeInspect: CommandSpec = {
  name: 'volume inspect',
  usage: '[OPTIONS] VOLUME [VOLUME...]',
  summary: 'Display detailed information on one or more volumes',
  flags: [flag('-f, --format', 'string', 'Format the output using the given Go template')],
  acts: ['format'],
  args: { rule: 'atLeast', count: 1 },
  *run(cli, flags, names): Flow<number> {
    const format = flags.text('format');
    if (format !== '') demandTemplate(format);
    const found: JsonObject[] = [];
    const errors: string[] = [];
    for (const name of names) {
      try {
        found.push(inspectVolume(cli.engine, findVolume(cli.engine, name)));
      } catch (error) {
        if (!(error instanceof DockerError)) throw error;
        errors.push(`Error: ${error.message}`);
      }
    }
    if (format === '') cli.out(`${JSON.stringify(found, null, 4)}\n`);
    else {
      const { out, err } = evaluateFormat(format, found, 'types.Volume');
      cli.out(out);
      if (err !== '') errors.push(err);
    }
    if (errors.length > 0) throw new CliError(errors.join('\n'));
    return 0;
  },
};

/** A template that cannot be read ends it before any volume is asked for. */
function demandTemplate(format: string): void {
  const { code, err } = evaluateFormat(format, []);
  if (code === 64) throw new CliError(err, code);
}
