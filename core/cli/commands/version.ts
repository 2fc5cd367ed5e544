/** `docker version`: which Docker is imitated (docker CLI reference, `docker version`). */
import type { Flow } from '../../op.ts';
import { flag } from '../flags.ts';
import { imitated } from '../imitated.ts';
import { type Cli, CliError, type CommandSpec } from '../spec.ts';
import { compile, render, TemplateExecError, TemplateSyntaxError } from '../template.ts';

const build = {
  Version: imitated,
  ApiVersion: '1.41',
  GitCommit: '297e128',
  GoVersion: 'go1.19.8',
  Os: 'linux',
  Arch: 'amd64',
};

const versions = (cli: Cli) => ({
  Client: {
    Platform: { Name: '' },
    ...build,
    DefaultAPIVersion: '1.41',
    APIVersion: '1.41',
    Context: 'default',
    Experimental: true,
  },
  Server: {
    Platform: { Name: '' },
    ...build,
    GitCommit: '5d6db84',
    APIVersion: '1.41',
    MinAPIVersion: '1.12',
    KernelVersion: cli.engine.facts.kernel,
  },
});

export const version: CommandSpec = {
  name: 'version',
  usage: '[OPTIONS]',
  summary: 'Show the Docker version information',
  flags: [
    flag('-f, --format', 'string', 'Format the output using the given Go template'),
    flag('--kubeconfig', 'string', 'Kubernetes config file'),
  ],
  acts: ['format'],
  args: { rule: 'none' },
  *run(cli, flags): Flow<number> {
    const format = flags.text('format');
    cli.out(format === '' ? text() : `${formatted(cli, format)}\n`);
    return 0;
  },
};

function formatted(cli: Cli, format: string): string {
  // The client names this template `version`.
  const named = (message: string) =>
    message.replace('template: :', 'template: version:').replace('executing ""', 'executing "version"');
  try {
    return render(compile(format), versions(cli), { type: 'system.versionInfo' });
  } catch (error) {
    if (error instanceof TemplateSyntaxError) throw new CliError(`template parsing error: ${named(error.message)}`, 64);
    if (!(error instanceof TemplateExecError)) throw error;
    cli.out('\n');
    throw new CliError(named(error.message));
  }
}

const text = (): string => `Client:
 Version:           ${build.Version}
 API version:       ${build.ApiVersion}
 Go version:        ${build.GoVersion}
 Git commit:        ${build.GitCommit}
 OS/Arch:           ${build.Os}/${build.Arch}
 Context:           default
 Experimental:      true

Server:
 Engine:
  Version:          ${build.Version}
  API version:      ${build.ApiVersion} (minimum version 1.12)
  Go version:       ${build.GoVersion}
  Git commit:       5d6db84
  OS/Arch:          ${build.Os}/${build.Arch}
  Experimental:     false
`;
