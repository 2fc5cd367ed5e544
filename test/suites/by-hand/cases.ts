/**
 * Overlay mounts as a person types them on a host: what the kernel takes, what it refuses and with which words, what lies where
 * afterwards. Each case is a few lines of shell in a fresh world, after `setup`.
 *
 * The answers of a real kernel are recorded (record.ts) and held against the simulation and the lab.
 */

/** Before each case: three lower directories whose names clash, an upper one, a workdir and a mount point. */
export const setup = [
  'mkdir -p /o/a/d /o/b/d /o/c /o/up /o/work /o/m',
  'for x in a b c; do echo $x > /o/$x/f; echo $x > /o/$x/only-$x; done',
  'echo a > /o/a/d/x; echo b > /o/b/d/x; echo b > /o/b/d/y',
].join('; ');

const all = 'lowerdir=/o/a:/o/b:/o/c,upperdir=/o/up,workdir=/o/work';
const put = (options: string, at = '/o/m'): string => `mount -t overlay overlay -o ${options} ${at}`;
const kinds = (dir: string): string => `cd ${dir} && find . | sort | xargs stat -c '%A %n'`;
const shown = 'grep " /o/m " /proc/mounts';

export const cases: Readonly<Record<string, readonly string[]>> = {
  'several layers: the leftmost that has a name wins': [
    put(all),
    'cat /o/m/f /o/m/d/x /o/m/d/y; ls /o/m',
    shown,
    'mount | grep overlay',
    "stat -c '%a %n' /o/work /o/work/work",
  ],
  'the order of the layers decides': [put('lowerdir=/o/c:/o/b:/o/a'), 'cat /o/m/f /o/m/d/x'],
  'what is written lands in the upper directory': [
    put(all),
    'echo new > /o/m/n; echo more >> /o/m/f; chmod 600 /o/m/only-c; mkdir /o/m/e',
    kinds('/o/up'),
    'cat /o/up/f /o/a/f',
  ],
  'what is deleted becomes a device 0:0': [
    put(all),
    'rm /o/m/f /o/m/only-b /o/m/d/y; ls /o/m /o/m/d',
    "stat -c '%F %t:%T' /o/up/f /o/up/only-b /o/up/d/y",
    'rm -r /o/m/d; ls /o/m; ls -l /o/up/d | cut -c 1-10',
  ],
  'a directory removed and made again hides what was below': [
    put(all),
    'rm -r /o/m/d; mkdir /o/m/d; ls /o/m/d; ls /o/up/d',
    'umount /o/m',
    put(all),
    'ls -a /o/m/d',
  ],
  'a whiteout made by hand hides as well': [
    'mknod /o/up/f c 0 0',
    put(all),
    'ls /o/m; cat /o/m/f',
    'echo back > /o/m/f; cat /o/m/f',
  ],
  'a device 0:0 in a lower layer hides those below it, not those above': [
    'rm /o/b/f; mknod /o/b/f c 0 0',
    put('lowerdir=/o/b:/o/a'),
    'ls /o/m',
    'umount /o/m',
    put('lowerdir=/o/a:/o/b'),
    'cat /o/m/f',
  ],
  'a lower directory is moved by copying': [put(all), 'mv /o/m/d /o/m/e; ls /o/m /o/m/e', kinds('/o/up')],
  'without an upper directory it is read-only': [
    put('lowerdir=/o/a:/o/b'),
    'touch /o/m/x',
    'rm /o/m/f',
    'mkdir /o/m/z',
    shown,
  ],
  'one lower directory alone is not enough': [put('lowerdir=/o/a')],
  'asked for read-only': [put(`ro,${all}`), 'touch /o/m/x', shown],
  '-r is the same': [`mount -r -t overlay overlay -o ${all} /o/m`, 'touch /o/m/x', shown],
  'remounted read-only and back': [
    put(all),
    'mount -o remount,ro /o/m',
    'touch /o/m/x',
    'mount -o remount,rw /o/m',
    'touch /o/m/x; ls /o/up',
  ],
  'no workdir': [put('lowerdir=/o/a,upperdir=/o/up')],
  'no lowerdir': [put('upperdir=/o/up,workdir=/o/work')],
  'no options': ['mount -t overlay overlay /o/m'],
  'an empty lowerdir': [put('lowerdir=')],
  'a workdir alone': [put('lowerdir=/o/a:/o/b,workdir=/o/work'), 'touch /o/m/x', shown],
  'a lower directory that is not there': [put('lowerdir=/o/a:/o/none')],
  'an upper directory that is not there': [put('lowerdir=/o/a,upperdir=/o/none,workdir=/o/work')],
  'a workdir that is not there': [put('lowerdir=/o/a,upperdir=/o/up,workdir=/o/none')],
  'a file as lower layer': [put('lowerdir=/o/a:/o/b/f')],
  'a file as upper layer': [put('lowerdir=/o/a,upperdir=/o/b/f,workdir=/o/work')],
  'a mount point that is not there': [put(all, '/o/none')],
  'a file as mount point': [put(all, '/o/a/f')],
  'the upper directory inside a lower one': [
    'mkdir /o/a/up /o/a/work',
    put('lowerdir=/o/a,upperdir=/o/a/up,workdir=/o/a/work'),
  ],
  'a lower directory inside the upper one': [
    'mkdir /o/up/low',
    put('lowerdir=/o/up/low,upperdir=/o/up,workdir=/o/work'),
  ],
  'a lower directory inside another': [put('lowerdir=/o/a:/o/a/d')],
  'the same lower directory twice': [put('lowerdir=/o/a:/o/a')],
  'the workdir inside the upper directory': [
    'mkdir /o/up/work',
    put('lowerdir=/o/a,upperdir=/o/up,workdir=/o/up/work'),
  ],
  'the upper directory inside the workdir': [
    'mkdir /o/work/up',
    put('lowerdir=/o/a,upperdir=/o/work/up,workdir=/o/work'),
  ],
  'workdir and upper directory the same': [put('lowerdir=/o/a,upperdir=/o/up,workdir=/o/up')],
  'the upper directory also the lower one': [put('lowerdir=/o/a,upperdir=/o/a,workdir=/o/work')],
  'workdir on another file system': [
    'mount -t tmpfs tmpfs /o/work',
    put('lowerdir=/o/a,upperdir=/o/up,workdir=/o/work'),
  ],
  'upper and workdir on a file system of their own': [
    'mount -t tmpfs tmpfs /o/up; mkdir /o/up/up /o/up/work',
    put('lowerdir=/o/a,upperdir=/o/up/up,workdir=/o/up/work'),
    'touch /o/m/x; ls /o/up/up',
  ],
  'an upper directory that cannot be written to': [
    'mkdir /o/up/up /o/up/work; mount -o bind /o/up /o/up; mount -o remount,bind,ro /o/up',
    put('lowerdir=/o/a,upperdir=/o/up/up,workdir=/o/up/work'),
  ],
  'an option that nobody knows': [put(`${all},nonsense`), put(`${all},foo=bar`)],
  'an option with a value that it cannot have': [put(`${all},index=maybe`), put(`${all},redirect_dir=perhaps`)],
  'options that are known': [put(`${all},index=off,redirect_dir=off,metacopy=off,xino=off`), shown],
  'a type that nobody knows': [`mount -t overly overlay -o ${all} /o/m`],
  'any word will do as source': [
    `mount -t overlay whatever -o ${all} /o/m`,
    shown,
    'df /o/m | tail -n 1 | cut -d " " -f 1',
  ],
  'relative paths are looked up where one stands': [
    'cd /o && mount -t overlay overlay -o lowerdir=a:b,upperdir=up,workdir=work m && cat m/f',
    shown,
  ],
  'a colon in a name needs a backslash': [
    "mkdir '/o/x:y'; echo colon > '/o/x:y/z'",
    put('lowerdir=/o/x:y:/o/a'),
    put("'lowerdir=/o/x\\:y:/o/a'"),
    'cat /o/m/z; ls /o/m',
  ],
  'links as layers are followed': ['ln -s a /o/la; ln -s b /o/lb', put('lowerdir=/o/la:/o/lb'), 'cat /o/m/f', shown],
  'busy while somebody stands in it': [put(all), 'cd /o/m && umount /o/m', 'umount /o/m', shown],
  'busy while a file in it is open': [put(all), '(exec 3</o/m/f; umount /o/m); umount /o/m; ls /o/m'],
  'taken away lazily': [put(all), 'cd /o/m && umount -l /o/m; ls /o/m', shown],
  'not mounted': ['umount /o/m', 'umount /o/none'],
  'taken away once is taken away': [put(all), 'umount /o/m', 'umount /o/m', 'ls /o/m'],
  'mounted twice at one place: the last one shows': [
    put('lowerdir=/o/a:/o/b'),
    put('lowerdir=/o/c:/o/b'),
    'cat /o/m/f; grep -c " /o/m " /proc/mounts',
    'umount /o/m; cat /o/m/f; umount /o/m; ls /o/m',
  ],
  'the same layers at two places': [
    'mkdir /o/n /o/up2 /o/work2',
    put('lowerdir=/o/a,upperdir=/o/up,workdir=/o/work'),
    put('lowerdir=/o/a,upperdir=/o/up2,workdir=/o/work2', '/o/n'),
    'rm /o/m/f; ls /o/m; ls /o/n',
  ],
  'an overlay as the lower layer of another': [
    'mkdir /o/n /o/up2 /o/work2',
    put('lowerdir=/o/b:/o/c'),
    put('lowerdir=/o/a:/o/m,upperdir=/o/up2,workdir=/o/work2', '/o/n'),
    'cat /o/n/f /o/n/only-c; rm /o/n/only-c; ls /o/n; ls /o/m',
    'umount /o/m',
  ],
  'what lies below the mount point comes back': ['echo hidden > /o/m/h', put(all), 'ls /o/m', 'umount /o/m; ls /o/m'],
  'an upper directory filled before': [
    'echo up > /o/up/f; mkdir /o/up/d; echo z > /o/up/d/z',
    put(all),
    'cat /o/m/f; ls /o/m/d',
  ],
  'a workdir that is not empty': ['echo w > /o/work/w', put(all), 'ls -A /o/work'],
  'the upper directory stays and can be mounted again': [
    put(all),
    'echo kept > /o/m/k; rm /o/m/f; umount /o/m',
    put(all),
    'cat /o/m/k; ls /o/m',
  ],
};
