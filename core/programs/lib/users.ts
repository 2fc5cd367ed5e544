/** /etc/passwd and /etc/group of the root that the program lives in. */
import type { Call, Sys } from '../../kernel/sys.ts';
import { slurp, splitLines } from './io.ts';

export interface Names {
  user(uid: number): string | undefined;
  group(gid: number): string | undefined;
  uid(name: string): number | undefined;
  gid(name: string): number | undefined;
  /** Group ids that list the user as a member. */
  memberships(user: string): readonly number[];
  /** Primary group of a user. */
  primary(user: string): number | undefined;
}

export function* readNames(sys: Sys): Call<Names> {
  const passwd = rows((yield* slurp(sys, '/etc/passwd')) ?? '');
  const group = rows((yield* slurp(sys, '/etc/group')) ?? '');
  const byId = (table: string[][], id: number): string | undefined => table.find((row) => Number(row[2]) === id)?.[0];
  const byName = (table: string[][], name: string): number | undefined => {
    const row = table.find((each) => each[0] === name);
    return row === undefined ? undefined : Number(row[2]);
  };
  return {
    user: (uid) => byId(passwd, uid),
    group: (gid) => byId(group, gid),
    uid: (name) => byName(passwd, name),
    gid: (name) => byName(group, name),
    memberships: (user) => group.filter((row) => row[3]?.split(',').includes(user)).map((row) => Number(row[2])),
    primary: (user) => {
      const row = passwd.find((each) => each[0] === user);
      return row === undefined ? undefined : Number(row[3]);
    },
  };
}

function rows(text: string): string[][] {
  return splitLines(text)
    .map((line) => line.split(':'))
    .filter((row) => row.length > 2);
}
