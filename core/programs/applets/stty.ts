/** stty: shows and sets the modes of the terminal that is standard input (busybox coreutils/stty.c). */
import type { Call } from '../../kernel/sys.ts';
import { type SpecialName, specialNames, standard, type Termios, withFlags } from '../../kernel/tty/termios.ts';
import { type Applet, type Ctx, Die, reason } from '../lib/applet.ts';

const words = (text: string): readonly string[] => text.split(' ');

/** Flags by line, as `stty -a` shows them: control, input, output, local. */
const rows: readonly (readonly string[])[] = [
  words('parenb parodd cmspar cs8 hupcl cstopb cread clocal crtscts'),
  words('ignbrk brkint ignpar parmrk inpck istrip inlcr igncr icrnl ixon ixoff iuclc ixany imaxbel iutf8'),
  words('opost olcuc ocrnl onlcr onocr onlret ofill ofdel nl0 cr0 tab0 bs0 vt0 ff0'),
  words('isig icanon iexten echo echoe echok echonl noflsh xcase tostop echoprt echoctl echoke flusho extproc'),
];

/** What cannot be off. */
const always = new Set(words('cs8 nl0 cr0 tab0 bs0 vt0 ff0'));
const flags = new Set(rows.flat());
const aliases: Readonly<Record<string, string>> = {
  crterase: 'echoe',
  crtkill: 'echoke',
  ctlecho: 'echoctl',
  tandem: 'ixoff',
};

type Change = (modes: Termios, on: boolean) => Termios;
const off = (names: string): Record<string, boolean> => Object.fromEntries(words(names).map((name) => [name, false]));
const on = (names: string): Record<string, boolean> => Object.fromEntries(words(names).map((name) => [name, true]));

const RAW_OFF =
  'ignbrk brkint ignpar parmrk inpck istrip inlcr igncr icrnl ixon ixoff iuclc ixany imaxbel opost isig icanon xcase';
const raw: Change = (modes) => ({ ...withFlags(modes, off(RAW_OFF)), min: 1, time: 0 });
const cooked: Change = (modes) => withFlags(modes, on('brkint ignpar istrip icrnl ixon opost isig icanon'));
const sane: Change = (modes) => ({
  ...standard,
  flags: new Set([
    ...standard.flags,
    'brkint',
    'imaxbel',
    ...['cread', 'hupcl', 'iutf8'].filter((name) => modes.flags.has(name)),
  ]),
});

const combined: Readonly<Record<string, Change>> = {
  raw: (modes, wanted) => (wanted ? raw(modes, true) : cooked(modes, true)),
  cooked: (modes, wanted) => (wanted ? cooked(modes, true) : raw(modes, true)),
  cbreak: (modes, wanted) => withFlags(modes, { icanon: !wanted }),
  nl: (modes, wanted) =>
    withFlags(modes, wanted ? off('icrnl onlcr') : { ...on('icrnl onlcr'), ...off('inlcr igncr ocrnl onlret') }),
  sane,
  ek: (modes) => ({ ...modes, chars: { ...modes.chars, erase: standard.chars.erase, kill: standard.chars.kill } }),
  crt: (modes) => withFlags(modes, on('echoe echoctl echoke')),
};

/** `^C`, `undef`, a number, a character. */
function character(text: string): number {
  if (text === 'undef' || text === '^-' || text === '') return 0;
  if (text.startsWith('^') && text.length > 1) return text[1] === '?' ? 127 : text.charCodeAt(1) & 31;
  return text.length === 1 ? text.charCodeAt(0) : Number(text) & 255;
}

const shownChar = (code: number): string =>
  code === 0
    ? '<undef>'
    : code === 127
      ? '^?'
      : code < 32
        ? `^${String.fromCharCode(code + 64)}`
        : String.fromCharCode(code);

/** Joins with spaces into lines of at most `width` characters. */
function wrapped(parts: readonly string[], width: number): string {
  let [text, column] = ['', 0];
  for (const part of parts) {
    if (column > 0 && column + 1 + part.length >= width) {
      text += '\n';
      column = 0;
    }
    text += column > 0 ? ` ${part}` : part;
    column += part.length + (column > 0 ? 1 : 0);
  }
  return text === '' ? '' : `${text}\n`;
}

function everything(modes: Termios, rowsOf: number, columns: number, width: number): string {
  const chars = specialNames.map((name) => `${name} = ${shownChar(modes.chars[name])};`);
  const lines = rows.map((names) =>
    wrapped(
      names.map((name) => (always.has(name) || modes.flags.has(name) ? name : `-${name}`)),
      width,
    ),
  );
  const speed = wrapped(['speed 38400 baud;', `rows ${rowsOf};`, `columns ${columns};`, 'line = 0;'], width);
  return `${speed}${wrapped([...chars, `min = ${modes.min};`, `time = ${modes.time};`], width)}${lines.join('')}`;
}

/** Bits of c_iflag, c_oflag, c_cflag and c_lflag, the lowest first (asm-generic/termbits.h); `.` for those without a name. */
const bits: readonly (readonly string[])[] = [
  words('ignbrk brkint ignpar parmrk inpck istrip inlcr igncr icrnl iuclc ixon ixany ixoff imaxbel iutf8'),
  words('opost olcuc onlcr ocrnl onocr onlret ofill ofdel'),
  words('. . . . . . cstopb cread parenb parodd hupcl clocal'),
  words('isig icanon xcase echo echoe echok echonl noflsh tostop echoctl echoprt echoke flusho . . iexten extproc'),
];

/** B38400 and CS8. */
const CONTROL = 0x3f;
/** Order of the special characters in c_cc, and how many there are with those that nothing uses. */
const order = words('intr quit erase kill eof time min swtch start stop susp eol rprnt flush werase lnext eol2');
const ALL_CHARS = 32;

/** `-g`: numbers in base 16, with colons between. */
function toNumbers(modes: Termios): string {
  const sum = (names: readonly string[]): number =>
    names.reduce((all, name, bit) => all + (modes.flags.has(name) ? 2 ** bit : 0), 0);
  const own: Readonly<Record<string, number>> = { ...modes.chars, min: modes.min, time: modes.time };
  const values = bits.map((names, i) => sum(names) + (i === 2 ? CONTROL : 0));
  const chars = Array.from({ length: ALL_CHARS }, (_, i) => own[order[i] ?? ''] ?? 0);
  return [...values, ...chars].map((value) => value.toString(16)).join(':');
}

function fromNumbers(before: Termios, text: string): Termios | undefined {
  const values = text.split(':').map((part) => (/^[0-9a-f]+$/.test(part) ? Number.parseInt(part, 16) : Number.NaN));
  if (values.length !== bits.length + ALL_CHARS || values.some(Number.isNaN)) return undefined;
  const set = new Set<string>();
  for (const [i, names] of bits.entries())
    for (const [bit, name] of names.entries()) if (name !== '.' && ((values[i]! >> bit) & 1) === 1) set.add(name);
  const all = Object.fromEntries(order.map((name, i) => [name, values[bits.length + i]!]));
  const chars = Object.fromEntries(specialNames.map((name) => [name, all[name]!])) as Termios['chars'];
  return { ...before, flags: set, chars, min: all.min!, time: all.time! };
}

/** What differs from `stty sane`. */
function changed(modes: Termios): string {
  const usual = sane(modes, true);
  const chars = specialNames.filter((name) => name !== 'flush' && modes.chars[name] !== usual.chars[name]);
  const parts = rows.map((names) =>
    wrapped(
      names
        .filter((name) => !always.has(name) && modes.flags.has(name) !== usual.flags.has(name))
        .map((name) => (modes.flags.has(name) ? name : `-${name}`)),
      80,
    ),
  );
  const special = wrapped(
    chars.map((name) => `${name} = ${shownChar(modes.chars[name])};`),
    80,
  );
  return `speed 38400 baud; line = 0;\n${special}${parts.join('')}`;
}

export const stty: Applet = {
  usage: '[-a|g] [-F DEVICE] [SETTING]...',
  *main(ctx) {
    let [all, readable, fd, device] = [false, false, 0, 'standard input'];
    const settings: string[] = [];
    for (let i = 0; i < ctx.args.length; i++) {
      const arg = ctx.args[i]!;
      if (arg === '-a') all = true;
      else if (arg === '-g') readable = true;
      else if (arg === '-F') {
        device = ctx.args[++i] ?? '';
        try {
          fd = ctx.sys.open(device, { read: true });
        } catch (error) {
          throw new Die(`can't open '${device}': ${reason(error)}`);
        }
      } else settings.push(arg);
    }
    let modes: Termios;
    try {
      modes = ctx.sys.tty.attributes(fd);
    } catch (error) {
      throw new Die(`${device}: ${reason(error)}`);
    }
    const size = ctx.sys.tty.size(fd);
    if (readable) ctx.out.put(`${toNumbers(modes)}\n`);
    else if (settings.length === 0)
      ctx.out.put(
        all ? everything(modes, size.rows, size.columns, ctx.sys.winsize?.(1)?.columns || 80) : changed(modes),
      );
    else yield* apply(ctx, fd, device, settings, modes);
    return 0;
  },
};

function* apply(ctx: Ctx, fd: number, device: string, settings: readonly string[], before: Termios): Call<void> {
  let modes = before;
  const { tty } = ctx.sys;
  const number = (text: string | undefined): number => {
    if (text === undefined || !/^\d+$/.test(text)) throw new Die(`invalid number '${text ?? ''}'`);
    return Number(text);
  };
  for (let i = 0; i < settings.length; i++) {
    const setting = settings[i]!;
    const wanted = !setting.startsWith('-');
    const name = wanted ? setting : setting.slice(1);
    const flag = aliases[name] ?? name;
    const combination = Object.hasOwn(combined, name) ? combined[name] : undefined;
    if (wanted && name === 'size') {
      const { rows: high, columns } = tty.size(fd);
      if (high === 0 && columns === 0) yield* ctx.sys.write(2, `stty: ${device}\n`);
      else ctx.out.put(`${high} ${columns}\n`);
    } else if (wanted && name === 'speed') ctx.out.put('38400\n');
    else if (wanted && name === 'rows') tty.setSize(fd, { ...tty.size(fd), rows: number(settings[++i]) });
    else if (wanted && (name === 'cols' || name === 'columns'))
      tty.setSize(fd, { ...tty.size(fd), columns: number(settings[++i]) });
    else if (wanted && (name === 'min' || name === 'time')) modes = { ...modes, [name]: number(settings[++i]) };
    else if (wanted && specialNames.includes(name as SpecialName)) {
      if (settings[i + 1] === undefined) throw new Die(`missing argument to '${name}'`);
      modes = { ...modes, chars: { ...modes.chars, [name]: character(settings[++i]!) } };
    } else if (combination !== undefined) modes = combination(modes, wanted);
    else if (flags.has(flag) && !always.has(flag)) modes = withFlags(modes, { [flag]: wanted });
    else if (wanted && fromNumbers(modes, setting) !== undefined) modes = fromNumbers(modes, setting)!;
    else throw new Die(`invalid argument '${setting}'`);
  }
  if (modes !== before) yield* tty.setAttributes(fd, modes);
}
