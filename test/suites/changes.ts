/**
 * `docker commit --change`: changes of every kind, legal and not, each given to one container (`create --name k1 -e A=1 -l x=y
 * busybox sh -c true`). What the real Docker 20.10.24 made of them is kept in test/fixtures/commit-changes.json.
 */
import { readFileSync } from 'node:fs';
import type { Target } from '../../core/index.ts';
import { quote } from '../../core/index.ts';

export const container = `docker create --name k1 -e A=1 -l x=y busybox sh -c true`;

// biome-ignore-start lint/suspicious/noTemplateCurlyInString: these are the builder's, not JavaScript's
export const changes: readonly (readonly string[])[] = [
  ...[
    ...['CMD ["a","b"]', 'CMD a b "c d"', 'CMD', 'CMD []', 'CMD ["a", b]', 'cmd x', 'Cmd ["a"] b', 'CMD [1]'],
    ...['ENTRYPOINT ["/bin/x"]', 'ENTRYPOINT exec top -b', 'ENTRYPOINT []', 'ENTRYPOINT'],
    ...[
      'ENV A=2 B="x y" C=a\\ b',
      'ENV D some text $A',
      'ENV',
      'ENV A',
      'ENV PATH=/x',
      'ENV E=\'$A\' F="$A" G=$A',
      'ENV A=1 B',
    ],
    ...[
      'ENV H=${A} I=${NO:-def} J=${A:+alt} K=${NO:+alt}',
      'ENV L=a#b M="a\\"b" N=\\$A',
      'ENV O=${NO:?}',
      'ENV P="open',
    ],
    ...['ENV =x', 'ENV A=3\\', 'ENV Q=ü R=<&>'],
    ...[
      'EXPOSE 80 443/tcp 53/udp 1000-1002',
      'EXPOSE x',
      'EXPOSE 70000',
      'EXPOSE 80/foo',
      'EXPOSE',
      'EXPOSE $A',
      'EXPOSE 80-70',
    ],
    ...['EXPOSE 8080:80', 'EXPOSE 53/UDP'],
    ...['LABEL a=b "c d"="e f"', 'LABEL k v w', 'LABEL a', 'LABEL x=z', 'LABEL l=$A', "LABEL m='a=b' n=<c>"],
    ...[
      'ONBUILD RUN echo hi',
      'ONBUILD FROM x',
      'ONBUILD ONBUILD RUN x',
      'ONBUILD',
      'ONBUILD cmd x',
      'ONBUILD ENV a=b',
    ],
    ...['USER 1:2', 'USER', 'USER a b', 'USER $A'],
    ...['VOLUME /a /b', 'VOLUME ["/c","/d e"]', 'VOLUME', 'VOLUME []', 'VOLUME [""]', 'VOLUME /$A'],
    ...['WORKDIR sub', 'WORKDIR /x/../y', 'WORKDIR', 'WORKDIR $A/b', 'WORKDIR a b', 'WORKDIR ../../z'],
    ...[
      'HEALTHCHECK --interval=5s --retries=3 CMD curl x',
      'HEALTHCHECK NONE',
      'HEALTHCHECK CMD ["a","b"]',
      'HEALTHCHECK',
    ],
    ...[
      'HEALTHCHECK FOO',
      'HEALTHCHECK --interval=1 CMD x',
      'HEALTHCHECK NONE x',
      'HEALTHCHECK CMD',
      'HEALTHCHECK --foo=1 CMD x',
    ],
    ...[
      'HEALTHCHECK --timeout=1m30s --start-period=500ms CMD x',
      'HEALTHCHECK --retries=0 CMD x',
      'HEALTHCHECK --interval=1us CMD x',
    ],
    ...['HEALTHCHECK --retries=x CMD x', 'HEALTHCHECK --interval=1x CMD x', 'HEALTHCHECK --interval=0 CMD x'],
    ...[
      'STOPSIGNAL SIGUSR1',
      'SHELL ["/bin/zsh","-c"]',
      'RUN x',
      'FROM x',
      'NONSENSE x',
      'MAINTAINER me',
      'ARG x=1',
      'COPY a b',
    ],
    ...['# comment', '', 'CMD --foo x', 'ENV --x a=b', '  CMD   x  '],
    ...['CMD x\nENV Z=1', 'CMD a \\\n  b', 'ENV A=1 \\\n# no\n B=2'],
  ].map((line) => [line]),
  ['CMD x', 'ENTRYPOINT y', 'WORKDIR /w', 'WORKDIR v'],
  ['ENTRYPOINT y', 'CMD x'],
  ['ENV A=5', 'ENV B=$A', 'USER $B'],
  ['LABEL a=1', 'LABEL a=2', 'EXPOSE 1', 'EXPOSE 2'],
  ['CMD fine', 'NONSENSE x'],
];
// biome-ignore-end lint/suspicious/noTemplateCurlyInString: as above

export interface Changed {
  readonly changes: readonly string[];
  /** The image's `Config` without what differs between containers, or the refusal. */
  readonly config?: object;
  readonly error?: string;
}

/** Gives each to the container of a target. */
export async function applyChanges(target: Target, all = changes): Promise<readonly Changed[]> {
  await target.run(container);
  const answers: Changed[] = [];
  for (const one of all) {
    const options = one.map((change) => `-c ${quote(change)}`).join(' ');
    const { exitCode, stdout, stderr } = await target.run(`docker commit ${options} k1`);
    if (exitCode !== 0) answers.push({ changes: one, error: stderr.trim() });
    else {
      const { stdout: json } = await target.run(`docker image inspect -f '{{json .Config}}' ${stdout.trim()}`);
      answers.push({ changes: one, config: { ...(JSON.parse(json) as object), Hostname: '' } });
    }
  }
  return answers;
}

export const recordFile = new URL('../fixtures/commit-changes.json', import.meta.url);

export const recordedChanges = (): readonly Changed[] =>
  JSON.parse(readFileSync(recordFile, 'utf8')) as readonly Changed[];
