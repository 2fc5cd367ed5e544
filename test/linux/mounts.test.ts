/** Mounts of containers that only the linux target has to fear: nothing of them gets into the lab or the machine. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { linuxNeeds } from '../../backend/probe.ts';
import { openTarget } from '../../backend/targets.ts';
import { gated, needs } from '../support/needs.ts';

const check = gated(test, await needs(...linuxNeeds));

check('links that change in a shared volume lead no mount point out of the container', async () => {
  const target = await openTarget('linux');
  try {
    const swaps = 'while :; do mkdir /v/a; rmdir /v/a; ln -s / /v/a; rm /v/a; done';
    await target.run(`docker run -d --init --name races -v outer:/v busybox sh -c '${swaps}'`);
    for (let n = 0; n < 12; n++) {
      const { exitCode, stdout } = await target.run(
        'docker run --rm -v outer:/v -v held:/v/a/raced busybox grep -o " /[^ ]*raced " /proc/mounts',
      );
      if (exitCode === 0) assert.match(stdout, /^ (\/v\/a)?\/raced \n$/);
    }
    assert.is((await target.run('ls -d /raced')).stdout, '');
    await target.run('docker rm -f races');
  } finally {
    await target.close();
  }
});

check('what the lab runs on can be read, and not be written', async () => {
  const target = await openTarget('linux');
  try {
    await target.run('ln -s /etc /srv/link');
    for (const source of ['/', '/etc', '/proc', '/sys', '/bin', '/var/lib/docker', '/srv/link']) {
      const { exitCode, stderr } = await target.run(`docker run --rm -v ${source}:/x busybox true`);
      assert.is(exitCode, 125, source);
      assert.match(stderr, 'is not carried out on this machine');
    }
    const seen = await target.run(
      "docker run --rm -v /:/x:ro busybox sh -c 'for f in x/a etc/a dev/a proc/sys/kernel/hostname; do echo 1 >/x/$f; done 2>&1'",
    );
    assert.is(seen.stdout.match(/Read-only file system|nonexistent directory/g)?.length, 4, seen.stdout);
    for (const link of ['/proc/1/root', '/proc/1/cwd'])
      assert.is((await target.run(`docker run --rm -v ${link}:/x:ro busybox true`)).exitCode, 125, link);
  } finally {
    await target.close();
  }
});

check('mounts that are made on a shared directory appear where they were asked for', async () => {
  const target = await openTarget('linux');
  try {
    for (const line of [
      'mkdir -p /srv/s',
      'mount -t tmpfs none /srv/s',
      'mount --make-shared /srv/s',
      'mkdir /srv/s/in',
      ...['rshared', 'rslave', 'rprivate'].map(
        (mode) => `docker run -d --init --name ${mode} -v /srv/s:/s:${mode} busybox sleep 1000`,
      ),
      'mount -t tmpfs inner /srv/s/in',
    ])
      assert.is((await target.run(line)).exitCode, 0, line);
    const seen = async (mode: string): Promise<string> =>
      (await target.run(`docker exec ${mode} grep -c " /s/in " /proc/mounts`)).stdout.trim();
    assert.equal([await seen('rshared'), await seen('rslave'), await seen('rprivate')], ['1', '1', '0']);
    await target.run('docker rm -f rshared rslave rprivate');
  } finally {
    await target.close();
  }
});

test.run();
