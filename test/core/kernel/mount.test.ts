/** Paths, mounts and mount namespaces of the simulated kernel. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { SysError } from '../../../core/errors.ts';
import { bootHost } from '../../../core/kernel/host.ts';
import { runProgram } from '../../../core/kernel/launch.ts';
import * as paths from '../../../core/kernel/pathcalls.ts';
import { pivotRoot } from '../../../core/kernel/spaces/pivot.ts';
import type { Sys } from '../../../core/kernel/sys.ts';
import { textContent } from '../../../core/vfs/content.ts';

/** What `body` answers when it runs as a process of a fresh host. */
function inside<T>(body: (sys: Sys) => T, uid = 0): T {
  const answers: T[] = [];
  const kernel = bootHost({
    programs: {
      t: function* (sys) {
        answers.push(body(sys));
        yield* sys.burn(0);
        return 0;
      },
    },
  });
  const { code } = runProgram(kernel, ['t'], { uid, gid: uid, cwd: '/tmp' });
  assert.is(code, 0);
  return answers[0]!;
}

function errno(body: () => unknown): string {
  try {
    body();
    return 'ok';
  } catch (error) {
    if (error instanceof SysError) return error.errno;
    throw error;
  }
}

const put = (sys: Sys, path: string, text = ''): void => sys.putContent(path, textContent(text), 0o644);

test('symbolic links: relative, absolute, chained, dangling, circular', () => {
  inside((sys) => {
    sys.mkdir('/tmp/d', 0o755);
    put(sys, '/tmp/d/f', 'x');
    sys.symlink('d', '/tmp/rel');
    sys.symlink('/tmp/rel/f', '/tmp/abs');
    sys.symlink('nowhere', '/tmp/dangling');
    sys.symlink('b', '/tmp/a');
    sys.symlink('a', '/tmp/b');
    assert.is(sys.stat('/tmp/rel/f').size, 1);
    assert.is(sys.stat('/tmp/abs').size, 1);
    assert.is(sys.lstat('/tmp/abs').type, 'symlink');
    assert.is(
      errno(() => sys.stat('/tmp/dangling')),
      'ENOENT',
    );
    assert.is(
      errno(() => sys.stat('/tmp/a')),
      'ELOOP',
    );
    assert.is(
      errno(() => sys.stat('/tmp/d/f/x')),
      'ENOTDIR',
    );
    assert.is(
      errno(() => sys.stat('/tmp/d/f/')),
      'ENOTDIR',
    );
    assert.is(
      errno(() => sys.stat('')),
      'ENOENT',
    );
    assert.is(
      errno(() => sys.stat(`/${'n'.repeat(256)}`)),
      'ENAMETOOLONG',
    );
  });
});

test('forty symbolic links are followed, forty-one are not', () => {
  inside((sys) => {
    put(sys, '/tmp/l0');
    for (let i = 1; i <= 41; i++) sys.symlink(`l${i - 1}`, `/tmp/l${i}`);
    assert.is(
      errno(() => sys.stat('/tmp/l40')),
      'ok',
    );
    assert.is(
      errno(() => sys.stat('/tmp/l41')),
      'ELOOP',
    );
  });
});

test('a dangling link as the last component is created through', () => {
  inside((sys) => {
    sys.symlink('/tmp/target', '/tmp/link');
    sys.close(sys.open('/tmp/link', { write: true, create: true }));
    assert.is(sys.lstat('/tmp/target').type, 'file');
  });
});

test('chroot: nobody walks above the root, and getcwd ends there', () => {
  inside((sys) => {
    sys.mkdir('/tmp/jail', 0o755);
    sys.mkdir('/tmp/jail/in', 0o755);
    sys.symlink('/../../etc', '/tmp/jail/out');
    sys.chroot('/tmp/jail');
    sys.chdir('/in');
    assert.is(sys.cwd(), '/in');
    sys.chdir('../../..');
    assert.is(sys.cwd(), '/');
    assert.is(
      errno(() => sys.stat('/out')),
      'ENOENT',
    );
    assert.equal(
      sys.readdir('/').map(({ name }) => name),
      ['in', 'out'],
    );
  });
});

test('permissions count for everybody but root', () => {
  inside((sys) => {
    assert.is(
      errno(() => sys.readdir('/root')),
      'EACCES',
    );
    assert.is(
      errno(() => sys.stat('/root/x')),
      'EACCES',
    );
    assert.is(
      errno(() => sys.mkdir('/etc/x', 0o755)),
      'EACCES',
    );
    assert.is(
      errno(() => sys.open('/etc/passwd', { write: true })),
      'EACCES',
    );
    assert.is(
      errno(() => sys.unlink('/etc/passwd')),
      'EACCES',
    );
    assert.is(
      errno(() => sys.chmod('/etc/passwd', 0o666)),
      'EPERM',
    );
    assert.is(
      errno(() => sys.mount('none', '/tmp', 'tmpfs', [])),
      'EPERM',
    );
    assert.is(
      errno(() => sys.chroot('/tmp')),
      'EPERM',
    );
    put(sys, '/tmp/own');
    assert.is(sys.stat('/tmp/own').uid, 1000);
    assert.is(
      errno(() => sys.kill(1, 'TERM')),
      'EPERM',
    );
  }, 1000);
});

test('a mount hides what is below until it is taken away; mounts stack', () => {
  inside((sys) => {
    sys.mkdir('/tmp/m', 0o755);
    put(sys, '/tmp/m/below');
    sys.mount('one', '/tmp/m', 'tmpfs', []);
    put(sys, '/tmp/m/first');
    sys.mount('two', '/tmp/m', 'tmpfs', ['ro']);
    assert.equal(sys.readdir('/tmp/m'), []);
    assert.is(
      errno(() => put(sys, '/tmp/m/x')),
      'EROFS',
    );
    sys.umount('/tmp/m');
    assert.equal(
      sys.readdir('/tmp/m').map(({ name }) => name),
      ['first'],
    );
    assert.is(
      errno(() => sys.rmdir('/tmp/m')),
      'EBUSY',
    );
    assert.is(
      errno(() => sys.rename('/tmp/m/first', '/tmp/first')),
      'EXDEV',
    );
    sys.umount('/tmp/m');
    assert.equal(
      sys.readdir('/tmp/m').map(({ name }) => name),
      ['below'],
    );
    assert.is(
      errno(() => sys.umount('/tmp/m')),
      'EINVAL',
    );
  });
});

test('a mount that somebody stands in, or has a file open in, is busy', () => {
  inside((sys) => {
    sys.mkdir('/tmp/m', 0o755);
    sys.mount('one', '/tmp/m', 'tmpfs', []);
    sys.chdir('/tmp/m');
    assert.is(
      errno(() => sys.umount('/tmp/m')),
      'EBUSY',
    );
    sys.chdir('/');
    const file = sys.open('/tmp/m/f', { write: true, create: true });
    assert.is(
      errno(() => sys.umount('/tmp/m')),
      'EBUSY',
    );
    sys.close(file);
    sys.umount('/tmp/m');
  });
});

test('bind mounts show a directory or a file once more, rbind what is mounted below as well', () => {
  inside((sys) => {
    for (const name of ['from', 'from/sub', 'to', 'tree']) sys.mkdir(`/tmp/${name}`, 0o755);
    put(sys, '/tmp/from/f', 'same');
    put(sys, '/tmp/single');
    sys.mount('tmpfs', '/tmp/from/sub', 'tmpfs', []);
    put(sys, '/tmp/from/sub/deep');
    sys.mount('/tmp/from', '/tmp/to', 'none', ['bind']);
    assert.is(sys.stat('/tmp/to/f').ino, sys.stat('/tmp/from/f').ino);
    assert.equal(sys.readdir('/tmp/to/sub'), []);
    // The kernel takes no other flag together with MS_BIND: that needs a second call.
    sys.mount('/tmp/from/sub', '/tmp/tree', 'none', ['rbind', 'ro']);
    put(sys, '/tmp/tree/deep');
    sys.mount('none', '/tmp/tree', 'none', ['remount', 'bind', 'ro']);
    assert.equal(
      sys.readdir('/tmp/tree').map(({ name }) => name),
      ['deep'],
    );
    assert.is(
      errno(() => put(sys, '/tmp/tree/x')),
      'EROFS',
    );
    sys.mount('/tmp/from/f', '/tmp/single', 'none', ['bind']);
    assert.is(sys.stat('/tmp/single').size, 4);
    assert.is(
      errno(() => sys.mount('/tmp/from', '/tmp/single', 'none', ['bind'])),
      'ENOTDIR',
    );
  });
});

test('an overlay of directories; a missing one is refused, as is a type that nobody knows', () => {
  inside((sys) => {
    for (const name of ['low', 'up', 'work', 'view']) sys.mkdir(`/tmp/${name}`, 0o755);
    put(sys, '/tmp/low/f', 'low');
    const options = ['lowerdir=/tmp/low', 'upperdir=/tmp/up', 'workdir=/tmp/work'];
    sys.mount('overlay', '/tmp/view', 'overlay', options);
    sys.unlink('/tmp/view/f');
    put(sys, '/tmp/view/g');
    assert.equal(
      sys.readdir('/tmp/view').map(({ name }) => name),
      ['g'],
    );
    assert.equal(sys.stat('/tmp/up/f').rdev, [0, 0]);
    assert.is(sys.stat('/tmp/low/f').size, 3);
    assert.is(
      errno(() => sys.mount('overlay', '/mnt', 'overlay', ['upperdir=/tmp/up'])),
      'EINVAL',
    );
    assert.is(
      errno(() => sys.mount('overlay', '/mnt', 'overlay', ['lowerdir=/tmp/none'])),
      'ENOENT',
    );
    assert.is(
      errno(() => sys.mount('x', '/mnt', 'nosuchfs', [])),
      'ENODEV',
    );
  });
});

test('pivot_root puts the old root where it is told, and refuses what is no mount', () => {
  const kernel = bootHost({ programs: {} });
  const { init } = kernel;
  paths.mkdir(init, '/tmp/new', 0o755);
  paths.mkdir(init, '/tmp/new/old', 0o755);
  assert.is(
    errno(() => pivotRoot(kernel, init, '/tmp/new', '/tmp/new/old')),
    'EBUSY',
  );
  init.sys.mount('/tmp/new', '/tmp/new', 'none', ['bind']);
  assert.is(
    errno(() => pivotRoot(kernel, init, '/tmp/new/old', '/tmp/new/old')),
    'EINVAL',
  );
  assert.is(
    errno(() => pivotRoot(kernel, init, '/tmp/new', '/dev')),
    'EINVAL',
  );
  pivotRoot(kernel, init, '/tmp/new', '/tmp/new/old');
  assert.equal(
    paths.readdir(init, '/').map(({ name }) => name),
    ['old'],
  );
  assert.ok(paths.stat(init, '/old/etc/passwd', true).size > 0);
});

test('control groups are made with mkdir, joined by writing a PID, and busy while somebody is in them', () => {
  const kernel = bootHost({
    programs: {
      t: function* (sys) {
        const dir = '/sys/fs/cgroup/pids/demo';
        sys.mkdir(dir, 0o755);
        const write = function* (name: string, text: string) {
          const fd = sys.open(`${dir}/${name}`, { write: true, truncate: true });
          yield* sys.write(fd, text);
          sys.close(fd);
        };
        yield* write('pids.max', '2\n');
        yield* write('cgroup.procs', '0\n');
        assert.is(
          errno(() => sys.rmdir(dir)),
          'EBUSY',
        );
        sys.fork(function* (own) {
          yield* own.sleep(1);
          return 0;
        });
        assert.is(
          errno(() =>
            sys.fork(function* (own) {
              yield* own.sleep(1);
              return 0;
            }),
          ),
          'EAGAIN',
        );
        yield* sys.wait(-1);
        assert.is(
          errno(() => sys.open('/sys/fs/cgroup/pids/new', { write: true, create: true })),
          'EACCES',
        );
        sys.close(sys.open('/sys/fs/cgroup/pids/cgroup.procs', { read: true }));
        return 0;
      },
    },
  });
  assert.is(runProgram(kernel, ['t']).code, 0);
});

test('/proc shows the processes, follows into their roots, and /proc/self is whoever asks', () => {
  const kernel = bootHost({
    programs: {
      t: function* (sys) {
        const read = function* (path: string) {
          const fd = sys.open(path, { read: true });
          const text = new TextDecoder().decode(yield* sys.read(fd));
          sys.close(fd);
          return text;
        };
        assert.is(sys.readlink('/proc/self'), String(sys.pid));
        assert.is(yield* read('/proc/self/comm'), 't\n');
        assert.is(yield* read('/proc/self/cmdline'), 't\0');
        assert.match(yield* read(`/proc/${sys.pid}/stat`), new RegExp(`^${sys.pid} \\(t\\) R 1 `));
        assert.match(yield* read('/proc/self/cgroup'), /^9:name=systemd:\/$/m);
        assert.match(yield* read('/proc/mounts'), /^proc \/proc proc rw/m);
        assert.is(sys.readlink('/proc/1/ns/pid'), 'pid:[4026531836]');
        assert.is(sys.readlink('/proc/self/exe'), '/bin/busybox');
        put(sys, '/tmp/here', 'x');
        assert.is(sys.stat('/proc/1/root/tmp/here').size, 1);
        assert.is(
          errno(() => sys.mkdir('/proc/new', 0o755)),
          'ENOENT',
        );
        const out = sys.open('/dev/stdout', { write: true });
        yield* sys.write(out, 'through /dev/stdout');
        return 0;
      },
    },
  });
  const { code, stdout, stderr } = runProgram(kernel, ['t']);
  assert.equal([code, stdout, stderr], [0, 'through /dev/stdout', '']);
});

test.run();
