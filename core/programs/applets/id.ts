/** id and groups. */
import { type Applet, Die, Usage } from '../lib/applet.ts';
import { readNames } from '../lib/users.ts';

export const id: Applet = {
  usage: '[-ugGnr] [USER]',
  *main(ctx) {
    const options = ctx.options('ugGnr');
    const [name, ...others] = options.rest;
    const kinds = ['u', 'g', 'G'].filter((each) => options.has(each));
    if (others.length > 0 || kinds.length > 1 || (kinds.length === 0 && (options.has('n') || options.has('r'))))
      throw new Usage();
    const names = yield* readNames(ctx.sys);
    const uid = name === undefined ? ctx.sys.uid : names.uid(name);
    if (uid === undefined) throw new Die(`unknown user ${name}`);
    const gid = name === undefined ? ctx.sys.gid : (names.primary(name) ?? 0);
    const user = names.user(uid);
    const more = user === undefined ? [] : names.memberships(user).filter((each) => each !== gid);
    const groups = name === undefined ? ctx.sys.groups : [gid, ...more];
    const shown = (number: number, text: string | undefined): string =>
      options.has('n') ? (text ?? String(number)) : String(number);
    const both = (number: number, text: string | undefined): string =>
      `${number}${text === undefined ? '' : `(${text})`}`;
    if (options.has('u')) ctx.out.put(`${shown(uid, user)}\n`);
    else if (options.has('g')) ctx.out.put(`${shown(gid, names.group(gid))}\n`);
    else if (options.has('G'))
      ctx.out.put(
        `${[gid, ...groups.filter((each) => each !== gid)].map((each) => shown(each, names.group(each))).join(' ')}\n`,
      );
    else {
      const list = groups.length > 0 ? ` groups=${groups.map((each) => both(each, names.group(each))).join(',')}` : '';
      ctx.out.put(`uid=${both(uid, user)} gid=${both(gid, names.group(gid))}${list}\n`);
    }
    return 0;
  },
};

export const groups: Applet = {
  usage: '[USER]',
  *main(ctx) {
    const names = yield* readNames(ctx.sys);
    const { gid, groups: more } = ctx.sys;
    const all = [gid, ...more.filter((each) => each !== gid)];
    ctx.out.put(`${all.map((each) => names.group(each) ?? each).join(' ')}\n`);
    return 0;
  },
};
