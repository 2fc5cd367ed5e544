/** `docker import`: a tar becomes an image of one layer (docker CLI reference, `docker image import`). */
import { importArchive } from '../../engine/index.ts';
import type { Flow } from '../../op.ts';
import { type FlagValues, flag } from '../flags.ts';
import { CliError, type CommandSpec } from '../spec.ts';
import { referenceProblem } from './common.ts';
import { withInput } from './input.ts';

export const importCommand: CommandSpec = {
  name: 'import',
  usage: '[OPTIONS] file|URL|- [REPOSITORY[:TAG]]',
  summary: 'Import the contents from a tarball to create a filesystem image',
  flags: [
    flag('-c, --change', 'list', 'Apply Dockerfile instruction to the created image'),
    flag('-m, --message', 'string', 'Set commit message for imported image'),
    flag('--platform', 'string', 'Set platform if server is multi-platform capable'),
  ],
  acts: ['change', 'message'],
  args: { rule: 'atLeast', count: 1 },
  *run(cli, flags, [source = '', name]): Flow<number> {
    if (/^https?:\/\//.test(source)) throw new CliError(`cutaway: there is no network to fetch ${source} from`);
    const input = source === '-' ? undefined : source;
    const id = yield* withInput(cli, input, requestOf(flags, name), function* (file) {
      const problem = name === undefined ? undefined : referenceProblem(name);
      if (problem !== undefined) throw new CliError(problem);
      return yield* importArchive(cli.engine, file, {
        ...(name === undefined ? {} : { name }),
        message: flags.text('message'),
        changes: flags.list('change'),
      });
    });
    cli.out(`${id}\n`);
    return 0;
  },
};

/** Path and query as the client posts them: Go's url.Values, in the order of their names. */
function requestOf(flags: FlagValues, name = ''): string {
  const platform = flags.text('platform').toLowerCase();
  const values = [
    ...flags.list('change').map((change) => ['changes', change]),
    ['fromSrc', '-'],
    ['message', flags.text('message')],
    ...(platform === '' ? [] : [['platform', platform]]),
    ['repo', name],
    ['tag', ''],
  ];
  const escaped = (text: string): string =>
    encodeURIComponent(text)
      .replace(/[!'()*]/g, hex)
      .replaceAll('%20', '+');
  return `/images/create?${values.map(([key, value = '']) => `${key}=${escaped(value)}`).join('&')}`;
}

const hex = (char: string): string => `%${char.charCodeAt(0).toString(16).toUpperCase()}`;
