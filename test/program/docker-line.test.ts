/** Which lines reach the real docker client, and how; above all, which never do. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readDockerLine } from '../../backend/docker/line.ts';

test('words are split as a shell does', () => {
  const cases: Readonly<Record<string, readonly string[]>> = {
    'docker ps -a': ['ps', '-a'],
    "docker run  busybox sh -c 'echo $HOME; ls > /x | wc'": ['run', 'busybox', 'sh', '-c', 'echo $HOME; ls > /x | wc'],
    'docker run busybox echo "a \\"b\\" c"d\\ e': ['run', 'busybox', 'echo', 'a "b" cd e'],
    "docker inspect -f '{{.State.Status}}' x": ['inspect', '-f', '{{.State.Status}}', 'x'],
    'docker inspect -f {{.State.Status}} x': ['inspect', '-f', '{{.State.Status}}', 'x'],
    'docker run \\\n  busybox true # a comment': ['run', 'busybox', 'true'],
    "docker run ''": ['run', ''],
    'docker -D ps': ['-D', 'ps'],
    'docker exec c1 -H -c x': ['exec', 'c1', '-H', '-c', 'x'],
  };
  for (const [line, argv] of Object.entries(cases)) assert.equal(readDockerLine(line), { kind: 'argv', argv }, line);
});

test('what only a shell can do is given to one', () => {
  const lines = [
    'docker stop $(docker ps -q)',
    'docker ps; docker images',
    'docker ps && docker ps || docker ps',
    'docker save busybox | docker load',
    'docker export c1 > c1.tar',
    'docker ps 2>&1',
    'docker ps >/dev/null 2>err',
    'ID=$(docker create busybox); docker rm "$ID"',
    'docker rm `docker ps -q`',
    'docker ps\ndocker images',
  ];
  for (const line of lines) assert.is(readDockerLine(line).kind, 'shell', line);
});

test('nothing else ever reaches a shell or another engine', () => {
  const lines = [
    '',
    '# docker ps',
    'ls',
    'dockerd',
    '"docker"x ps',
    'docker ps | grep x',
    'docker ps; rm x',
    'docker ps\nrm x',
    'docker ps # comment\nrm x; docker ps',
    'docker ps & reboot',
    'docker ps $(rm x)',
    'docker ps "$(rm x)"',
    'docker ps `rm x`',
    'docker ps $(docker ps $(rm x))',
    'docker ps > /etc/passwd',
    'docker ps > ../x',
    'docker ps > $HOME/x',
    'docker ps >| /etc/x',
    'docker ps < /etc/shadow',
    '(docker ps)',
    '{ docker ps; }',
    '! docker ps',
    'docker() { rm x; }',
    'if docker ps; then rm x; fi',
    'docker ps (',
    'PATH=/bin docker ps',
    'DOCKER_HOST=unix:///run/docker.sock docker ps',
    'docker -H unix:///run/docker.sock ps',
    'docker --host=unix:///run/docker.sock ps',
    'docker -DH unix:///run/docker.sock ps',
    'docker --context default ps',
    'docker ps; docker -H x ps',
    'X=-Hx; docker $X ps',
    '$X ps',
    'docker $(docker ps) ps',
    'docker "`docker ps`" ps',
    "docker ps '",
    'docker ps "',
    'docker ps $(docker ps',
    'docker ps `docker ps',
  ];
  for (const line of lines) assert.is(readDockerLine(line).kind, 'refused', line);
});

test('nothing of this machine is mounted into a container', () => {
  const refused = [
    'docker run -v /:/host busybox ls',
    'docker run -v /etc:/x busybox ls',
    'docker run -itv /home:/x busybox ls',
    'docker run -v/etc:/x busybox ls',
    'docker run --volume=/etc:/x busybox ls',
    'docker run --volume /srv/../etc:/x busybox ls',
    'docker run --mount type=bind,src=/etc,dst=/x busybox ls',
    'docker run --mount=type=bind,source=/etc,dst=/x busybox ls',
    `docker run --mount '"type=bind","src=/etc",dst=/x' busybox ls`,
    'docker volume create -o type=none -o o=bind -o device=/etc v',
    'docker volume create --opt=device=/etc v',
    'docker run -v $(docker ps -q):/x busybox ls',
  ];
  for (const line of refused) assert.is(readDockerLine(line).kind, 'refused', line);
  const own = [
    'docker run -v /srv/data:/x -v /run/x:/y -v name:/z -v /anonymous busybox ls',
    'docker run --mount type=bind,src=/srv,dst=/x busybox sh -c src=/etc',
    'docker run --device /dev/full:/dev/xfull busybox true',
    'docker volume create -o type=tmpfs -o device=tmpfs v',
  ];
  for (const line of own) assert.is(readDockerLine(line).kind, 'argv', line);
});

test.run();
