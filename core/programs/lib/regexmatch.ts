/**
 * Carries out regular expressions in time bounded by pattern × text: all ways to match are followed at once (Thompson's
 * simulation), the match is the leftmost, of those the longest (POSIX.1-2017 XBD 9.1). A second pass finds the groups of that match: as in glibc, earlier alternatives and more
 * rounds go first there.
 * Only back-references, for which no such bound exists, are tried one way after the other.
 *
 * Kept true: no search takes more than `MAX_STEPS` steps; one that would ends in RegexLimit.
 */
import type { Assertion, Node, Parsed } from './regexparse.ts';

/** Steps of one search. */
export const MAX_STEPS = 20_000_000;
/** Steps of one search with back-references; each keeps more. */
export const MAX_TRIES = 2_000_000;
/** How many steps after the first match with back-references a longer one is looked for. */
const TRIES_FOR_LONGER = 10_000;
/** Instructions of one expression, its intervals written out. */
export const MAX_PROGRAM = 100_000;

export class RegexLimit extends Error {}

interface CharSet {
  /** By code below 256. */
  readonly table: Uint8Array;
  readonly source: RegExp;
}

type Inst =
  | { readonly op: 'char'; readonly set: CharSet }
  | { readonly op: 'split'; to: number; or: number }
  | { readonly op: 'jump'; to: number }
  | { readonly op: 'assert'; readonly what: Assertion }
  | { readonly op: 'save'; readonly slot: number }
  | { readonly op: 'progress'; readonly slot: number }
  | { readonly op: 'back'; readonly n: number }
  | { readonly op: 'match' };

/** Where groups begin and end: 2n and 2n + 1, -1 for not at all; 0 and 1 are the whole match. */
export type Slots = readonly number[];

export class Matcher {
  private readonly program: Inst[] = [];
  private readonly slots: number;
  private marks: number;
  private hasBack = false;
  private readonly first: CharSet['table'] | undefined;
  private steps = 0;

  constructor(
    { root, groups }: Parsed,
    private readonly ignoreCase: boolean,
  ) {
    this.slots = 2 * groups + 2;
    this.marks = this.slots;
    this.emit(root);
    this.put({ op: 'match' });
    this.first = this.firsts();
  }

  /** The leftmost longest match that begins at `from` or after it. Throws RegexLimit. */
  search(text: string, from: number): Slots | undefined {
    this.steps = 0;
    if (this.hasBack) return this.tryAll(text, from);
    const found = this.find(text, from);
    if (found === undefined || this.slots === 2) return found;
    return this.groupsOf(text, found[0]!, found[1]!);
  }

  // The program.

  private put<T extends Inst>(inst: T): T {
    if (this.program.push(inst) > MAX_PROGRAM)
      throw new RegexLimit(`regular expression too big: more than ${MAX_PROGRAM} states, the limit of the simulation`);
    return inst;
  }

  private emit(node: Node): void {
    switch (node.k) {
      case 'char':
        this.put({ op: 'char', set: charSet(node.source, this.ignoreCase) });
        break;
      case 'assert':
        this.put({ op: 'assert', what: node.what });
        break;
      case 'seq':
        for (const each of node.of) this.emit(each);
        break;
      case 'alt':
        this.emitAlternatives(node.of);
        break;
      case 'group':
        this.put({ op: 'save', slot: 2 * node.n });
        this.emit(node.of);
        this.put({ op: 'save', slot: 2 * node.n + 1 });
        break;
      case 'repeat':
        this.emitRepeat(node);
        break;
      case 'back':
        this.hasBack = true;
        this.put({ op: 'back', n: node.n });
    }
  }

  private emitAlternatives(of: readonly Node[]): void {
    const jumps: { to: number }[] = [];
    for (const each of of.slice(0, -1)) {
      const split = this.put({ op: 'split', to: this.program.length + 1, or: 0 });
      this.emit(each);
      jumps.push(this.put({ op: 'jump', to: 0 }));
      split.or = this.program.length;
    }
    this.emit(of.at(-1)!);
    for (const jump of jumps) jump.to = this.program.length;
  }

  private emitRepeat({ of, min, max }: Node & { k: 'repeat' }): void {
    for (let i = 0; i < min; i++) this.emit(of);
    if (max === Number.POSITIVE_INFINITY) {
      const mark = this.marks++;
      const split = this.put({ op: 'split', to: this.program.length + 1, or: 0 });
      const again = this.program.length - 1;
      this.put({ op: 'save', slot: mark });
      this.emit(of);
      this.put({ op: 'progress', slot: mark });
      this.put({ op: 'jump', to: again });
      split.or = this.program.length;
      return;
    }
    const splits: { or: number }[] = [];
    for (let i = min; i < max; i++) {
      splits.push(this.put({ op: 'split', to: this.program.length + 1, or: 0 }));
      this.emit(of);
    }
    for (const split of splits) split.or = this.program.length;
  }

  /** Which characters a match can begin with; undefined when it can be empty or begin with what is not a plain character. */
  private firsts(): Uint8Array | undefined {
    const table = new Uint8Array(256);
    const seen = new Set<number>();
    const todo = [0];
    for (let pc = todo.pop(); pc !== undefined; pc = todo.pop()) {
      if (seen.has(pc)) continue;
      seen.add(pc);
      const inst = this.program[pc]!;
      if (inst.op === 'match' || inst.op === 'back') return undefined;
      if (inst.op === 'char') for (let code = 0; code < 256; code++) table[code]! ||= inst.set.table[code]!;
      else if (inst.op === 'split') todo.push(inst.to, inst.or);
      else todo.push(inst.op === 'jump' ? inst.to : pc + 1);
    }
    return table;
  }

  private step(limit: number): void {
    if (++this.steps > limit)
      throw new RegexLimit(
        `regular expression stopped after ${limit} steps on one text, the limit of the simulation: make the text or the expression shorter`,
      );
  }

  // All ways at once: where the match begins and ends.

  private find(text: string, from: number): Slots | undefined {
    const size = this.program.length;
    let [now, next] = [new Threads(size), new Threads(size)];
    let begin = -1;
    let end = -1;
    for (let pos = from; pos <= text.length; pos++) {
      if (begin < 0) {
        if (now.count === 0) pos = this.skip(text, pos);
        this.follow(now, 0, pos, text, pos);
      }
      const code = text.charCodeAt(pos);
      next.clear();
      for (let i = 0; i < now.count; i++) {
        const pc = now.pcs[i]!;
        const start = now.starts[pc]!;
        if (begin >= 0 && start > begin) continue;
        const inst = this.program[pc]!;
        if (inst.op === 'match') {
          begin = start;
          end = pos;
        } else if (inst.op === 'char' && pos < text.length && has(inst.set, code))
          this.follow(next, pc + 1, start, text, pos + 1);
      }
      [now, next] = [next, now];
      if (now.count === 0 && begin >= 0) break;
    }
    return begin < 0 ? undefined : [begin, end];
  }

  private skip(text: string, from: number): number {
    let pos = from;
    if (this.first !== undefined)
      while (pos < text.length) {
        const code = text.charCodeAt(pos);
        if (code > 255 || this.first[code] === 1) break;
        pos++;
      }
    return pos;
  }

  private follow(threads: Threads, from: number, start: number, text: string, pos: number): void {
    const todo = [from];
    for (let pc = todo.pop(); pc !== undefined; pc = todo.pop()) {
      if (threads.has(pc)) continue;
      this.step(MAX_STEPS);
      threads.add(pc, start);
      const inst = this.program[pc]!;
      if (inst.op === 'split') todo.push(inst.or, inst.to);
      else if (inst.op === 'jump') todo.push(inst.to);
      else if (inst.op === 'save' || inst.op === 'progress') todo.push(pc + 1);
      else if (inst.op === 'assert' && holds(inst.what, text, pos)) todo.push(pc + 1);
    }
  }

  // All ways at once: what the groups are, for a match that is known.

  private groupsOf(text: string, begin: number, end: number): Slots {
    let now = new Map<number, Slots>();
    const slots: number[] = new Array(this.slots).fill(-1);
    [slots[0], slots[1]] = [begin, end];
    this.followGroups(now, 0, slots, text, begin);
    for (let pos = begin; pos < end; pos++) {
      const code = text.charCodeAt(pos);
      const next = new Map<number, Slots>();
      for (const [pc, held] of now) {
        const inst = this.program[pc]!;
        if (inst.op === 'char' && has(inst.set, code)) this.followGroups(next, pc + 1, held, text, pos + 1);
      }
      now = next;
    }
    return now.get(this.program.length - 1)!;
  }

  private followGroups(threads: Map<number, Slots>, from: number, held: Slots, text: string, pos: number): void {
    const todo: [number, Slots][] = [[from, held]];
    for (let top = todo.pop(); top !== undefined; top = todo.pop()) {
      const [pc, slots] = top;
      if (threads.has(pc)) continue;
      this.step(MAX_STEPS);
      threads.set(pc, slots);
      const inst = this.program[pc]!;
      if (inst.op === 'split') todo.push([inst.or, slots], [inst.to, slots]);
      else if (inst.op === 'jump') todo.push([inst.to, slots]);
      else if (inst.op === 'progress') todo.push([pc + 1, slots]);
      else if (inst.op === 'save') todo.push([pc + 1, inst.slot < this.slots ? slots.with(inst.slot, pos) : slots]);
      else if (inst.op === 'assert' && holds(inst.what, text, pos)) todo.push([pc + 1, slots]);
    }
  }

  // One way after the other: back-references.

  private tryAll(text: string, from: number): Slots | undefined {
    for (let begin = from; begin <= text.length; begin++) {
      const found = this.tryAt(text, begin);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  private tryAt(text: string, begin: number): Slots | undefined {
    const none: number[] = new Array(this.marks).fill(-1);
    none[0] = begin;
    const todo: [number, number, Slots][] = [[0, begin, none]];
    let found: Slots | undefined;
    let limit = Number.POSITIVE_INFINITY;
    for (let top = todo.pop(); top !== undefined && this.steps < limit; top = todo.pop()) {
      this.step(MAX_TRIES);
      const [pc, pos, slots] = top;
      const inst = this.program[pc]!;
      if (inst.op === 'match') {
        if (found === undefined) limit = Math.min(this.steps + TRIES_FOR_LONGER, MAX_TRIES);
        if (found === undefined || pos > found[1]!) found = slots.with(1, pos);
      } else if (inst.op === 'split') todo.push([inst.or, pos, slots], [inst.to, pos, slots]);
      else if (inst.op === 'jump') todo.push([inst.to, pos, slots]);
      else if (inst.op === 'save') todo.push([pc + 1, pos, slots.with(inst.slot, pos)]);
      else {
        const after = this.passes(inst, text, pos, slots);
        if (after >= 0) todo.push([pc + 1, after, slots]);
      }
    }
    return found;
  }

  /** Where it goes on, -1 when it does not. */
  private passes(inst: Inst, text: string, pos: number, slots: Slots): number {
    switch (inst.op) {
      case 'char':
        return pos < text.length && has(inst.set, text.charCodeAt(pos)) ? pos + 1 : -1;
      case 'assert':
        return holds(inst.what, text, pos) ? pos : -1;
      case 'progress':
        return slots[inst.slot] === pos ? -1 : pos;
      case 'back':
        return this.repeats(text, pos, slots[2 * inst.n]!, slots[2 * inst.n + 1]!);
      default:
        return -1;
    }
  }

  private repeats(text: string, pos: number, begin: number, end: number): number {
    if (begin < 0 || end < begin) return -1;
    const [a, b] = [text.slice(begin, end), text.slice(pos, pos + end - begin)];
    const same = this.ignoreCase ? a.toLowerCase() === b.toLowerCase() : a === b;
    return same ? pos + a.length : -1;
  }
}

/** The instructions that are reached, in the order in which they were, each with where its match begins. */
class Threads {
  readonly pcs: Int32Array;
  readonly starts: Int32Array;
  private readonly places: Int32Array;
  count = 0;

  constructor(size: number) {
    this.pcs = new Int32Array(size);
    this.starts = new Int32Array(size);
    this.places = new Int32Array(size);
  }

  clear(): void {
    this.count = 0;
  }

  has(pc: number): boolean {
    const place = this.places[pc]!;
    return place < this.count && this.pcs[place] === pc;
  }

  add(pc: number, start: number): void {
    this.places[pc] = this.count;
    this.pcs[this.count++] = pc;
    this.starts[pc] = start;
  }
}

function charSet(source: string, ignoreCase: boolean): CharSet {
  const whole = new RegExp(`^${source}$`, ignoreCase ? 'i' : '');
  const table = new Uint8Array(256);
  for (let code = 0; code < 256; code++) if (whole.test(String.fromCharCode(code))) table[code] = 1;
  return { table, source: whole };
}

function has(set: CharSet, code: number): boolean {
  return code < 256 ? set.table[code] === 1 : set.source.test(String.fromCharCode(code));
}

const isWord = (text: string, at: number): boolean => at >= 0 && at < text.length && /\w/.test(text[at]!);

function holds(what: Assertion, text: string, pos: number): boolean {
  switch (what) {
    case 'start':
      return pos === 0;
    case 'end':
      return pos === text.length;
    case 'edge':
      return isWord(text, pos - 1) !== isWord(text, pos);
    case 'inside':
      return isWord(text, pos - 1) === isWord(text, pos);
    case 'wordStart':
      return !isWord(text, pos - 1) && isWord(text, pos);
    case 'wordEnd':
      return isWord(text, pos - 1) && !isWord(text, pos);
    case 'noWordBefore':
      return !isWord(text, pos - 1);
    case 'noWordAfter':
      return !isWord(text, pos);
  }
}
