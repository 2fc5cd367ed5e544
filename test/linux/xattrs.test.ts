/**
 * Extended attributes in a lab's commit: a file's capabilities go into the layer and come back out of it, all others stay
 * behind, as the real engine does it (moby/pkg/archive ReadSecurityXattrToTarHeader).
 */
import { execFileSync } from 'node:child_process';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createLinuxTarget } from '../../backend/linux-target.ts';
import { linuxNeeds } from '../../backend/probe.ts';
import { gated, needs } from '../support/needs.ts';

/** `cap_net_bind_service=ep`: struct vfs_cap_data of revision 2, linux/capability.h; it has zero bytes in it. */
const capability = '0100000200040000000000000000000000000000';
const attributes = { 'security.capability': capability, 'user.note': '6d696e65', 'trusted.note': '6f757273' };

/** Perl, since neither setfattr nor setcap is on every machine; 188 and 191 are setxattr and getxattr on x86_64. */
const setScript =
  'my ($f, $n, $v) = @ARGV; $v = pack "H*", $v; syscall(188, $f, $n, $v, length $v, 0) == 0 or die "$n: $!"';
const getScript =
  'my ($f, $n) = @ARGV; my $v = "\\0" x 256; my $l = syscall(191, $f, $n, $v, 256); print $l < 0 ? "none" : unpack "H*", substr $v, 0, $l';

const setxattr = (path: string, name: string, value: string): void => {
  execFileSync('perl', ['-e', setScript, path, name, value]);
};
const getxattr = (path: string, name: string): string =>
  execFileSync('perl', ['-e', getScript, path, name], { encoding: 'utf8' });

const test = suite('linux: extended attributes');

gated(test, await needs(...linuxNeeds))('commit keeps security.capability of a file and no other', async () => {
  const target = await createLinuxTarget();
  const ask = async (line: string): Promise<string> => {
    const { exitCode, stdout, stderr } = await target.run(line);
    assert.is(exitCode, 0, `${line}: ${stderr}`);
    return stdout.trim();
  };
  const upperOf = async (kind: string, name: string): Promise<string> =>
    target.driver.lab.root + (await ask(`docker ${kind} inspect -f '{{.GraphDriver.Data.UpperDir}}' ${name}`));
  try {
    await ask("docker run --name c1 busybox sh -c 'cp /bin/busybox /server; mkdir /d; echo x > /plain'");
    const upper = await upperOf('container', 'c1');
    for (const [name, value] of Object.entries(attributes)) {
      setxattr(`${upper}/server`, name, value);
      assert.is(getxattr(`${upper}/server`, name), value, `${name} cannot be set here`);
    }
    setxattr(`${upper}/d`, 'trusted.note', attributes['trusted.note']);
    await ask('docker commit c1 able');
    const layer = await upperOf('image', 'able');
    const found = (path: string) => Object.keys(attributes).map((name) => getxattr(`${layer}/${path}`, name));
    assert.equal(found('server'), [capability, 'none', 'none']);
    assert.equal(found('d'), ['none', 'none', 'none']);
    assert.equal(found('plain'), ['none', 'none', 'none']);

    await ask('docker save -o able.tar able');
    await ask('docker rm c1');
    await ask('docker rmi able');
    await ask('docker load -i able.tar');
    assert.is(getxattr(`${await upperOf('image', 'able')}/server`, 'security.capability'), capability);
  } finally {
    await target.close();
  }
});

test.run();
