/**
 * /etc/passwd and /etc/group of a Debian 12 host before anybody added to them (package base-passwd), Docker's group beside
 * them. The engine puts these names into the headers of the layers that it packs, so they are part of a diffID.
 */

const user = (name: string, uid: number, gid: number, home: string, shell = '/usr/sbin/nologin', who = name): string =>
  `${name}:x:${uid}:${gid}:${who}:${home}:${shell}\n`;

export const hostPasswd: string = [
  user('root', 0, 0, '/root', '/bin/sh'),
  user('daemon', 1, 1, '/usr/sbin'),
  user('bin', 2, 2, '/bin'),
  user('sys', 3, 3, '/dev'),
  user('sync', 4, 65534, '/bin', '/bin/sync'),
  user('games', 5, 60, '/usr/games'),
  user('man', 6, 12, '/var/cache/man'),
  user('lp', 7, 7, '/var/spool/lpd'),
  user('mail', 8, 8, '/var/mail'),
  user('news', 9, 9, '/var/spool/news'),
  user('uucp', 10, 10, '/var/spool/uucp'),
  user('proxy', 13, 13, '/bin'),
  user('www-data', 33, 33, '/var/www'),
  user('backup', 34, 34, '/var/backups'),
  user('list', 38, 38, '/var/list', '/usr/sbin/nologin', 'Mailing List Manager'),
  user('irc', 39, 39, '/run/ircd', '/usr/sbin/nologin', 'ircd'),
  user('_apt', 42, 65534, '/nonexistent', '/usr/sbin/nologin', ''),
  user('nobody', 65534, 65534, '/nonexistent'),
].join('');

const groups: readonly (readonly [string, number])[] = [
  ...([
    ['root', 0],
    ['daemon', 1],
    ['bin', 2],
    ['sys', 3],
    ['adm', 4],
    ['tty', 5],
    ['disk', 6],
    ['lp', 7],
  ] as const),
  ...([
    ['mail', 8],
    ['news', 9],
    ['uucp', 10],
    ['man', 12],
    ['proxy', 13],
    ['kmem', 15],
    ['dialout', 20],
  ] as const),
  ...([
    ['fax', 21],
    ['voice', 22],
    ['cdrom', 24],
    ['floppy', 25],
    ['tape', 26],
    ['sudo', 27],
    ['audio', 29],
  ] as const),
  ...([
    ['dip', 30],
    ['www-data', 33],
    ['backup', 34],
    ['operator', 37],
    ['list', 38],
    ['irc', 39],
    ['src', 40],
  ] as const),
  ...([
    ['shadow', 42],
    ['utmp', 43],
    ['video', 44],
    ['sasl', 45],
    ['plugdev', 46],
    ['staff', 50],
  ] as const),
  ...([
    ['games', 60],
    ['users', 100],
    ['docker', 103],
    ['nogroup', 65534],
  ] as const),
];

export const hostGroup: string = groups.map(([name, gid]) => `${name}:x:${gid}:\n`).join('');
