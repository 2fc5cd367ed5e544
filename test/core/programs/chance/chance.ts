// biome-ignore-all lint/suspicious/noTemplateCurlyInString: shell parameters
/** Numbers by chance from a seed (mulberry32), and the choices that generators of scripts make with them. */

export class Chance {
  constructor(private state: number) {}

  /** From 0 on, below `end`. */
  below(end: number): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % end;
  }

  between(low: number, high: number): number {
    return low + this.below(high - low + 1);
  }

  /** Once in `n` times. */
  once(n: number): boolean {
    return this.below(n) === 0;
  }

  of<T>(list: readonly T[]): T {
    return list[this.below(list.length)]!;
  }

  /** One of these is carried out. */
  any<T>(...makers: readonly (() => T)[]): T {
    return this.of(makers)();
  }

  list<T>(low: number, high: number, make: () => T): T[] {
    return Array.from({ length: this.between(low, high) }, make);
  }

  /** Some of them, each at most once, in their order. */
  some<T>(list: readonly T[], oneIn: number): T[] {
    return list.filter(() => this.once(oneIn));
  }
}

/** `count` texts; each one has a seed of its own, so that it can be made again alone. */
export function byChance(make: (chance: Chance) => string, seed: number, count: number): string[] {
  return Array.from({ length: count }, (_, i) => make(new Chance(Math.imul(seed, 1_000_003) + i)));
}
