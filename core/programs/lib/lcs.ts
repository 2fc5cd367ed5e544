/**
 * Which lines two texts have in common, by the algorithm of Hunt and McIlroy as diff(1) of OpenBSD and busybox has it
 * (diffreg.c: stone, unravel), so that of several equally long answers it is the same one.
 */

/** A candidate of the algorithm: line `x` of one goes with line `y` of the other, after `before`. */
interface Candidate {
  readonly x: number;
  readonly y: number;
  readonly before: Candidate | undefined;
}

/** For each line of `a`, from 0, the line of `b` that it is the same as; -1: none. */
export function commonLines(a: readonly string[], b: readonly string[]): number[] {
  let head = 0;
  while (head < a.length && head < b.length && a[head] === b[head]) head++;
  let tail = 0;
  const most = Math.min(a.length, b.length) - head;
  while (tail < most && a[a.length - 1 - tail] === b[b.length - 1 - tail]) tail++;
  const partner = a.map((_, i) => (i < head ? i : i >= a.length - tail ? i + b.length - a.length : -1));
  const places = new Map<string, number[]>();
  for (let y = head; y < b.length - tail; y++) {
    const found = places.get(b[y]!);
    if (found === undefined) places.set(b[y]!, [y]);
    else found.push(y);
  }
  for (let at = longest(a, head, a.length - tail, places); at !== undefined; at = at.before) partner[at.x] = at.y;
  return partner;
}

function longest(
  a: readonly string[],
  from: number,
  to: number,
  places: ReadonlyMap<string, readonly number[]>,
): Candidate | undefined {
  /** best[l]: the chain of l + 1 lines that ends furthest to the front. */
  const best: Candidate[] = [];
  for (let x = from; x < to; x++) {
    let replaced: Candidate | undefined;
    let replacedAt = -1;
    for (const y of places.get(a[x]!) ?? []) {
      if (replaced !== undefined && y <= replaced.y) continue;
      const at = search(best, y);
      if (best[at]?.y === y) continue;
      const before = at === replacedAt + 1 && replaced !== undefined ? replaced : best[at - 1];
      const next: Candidate = { x, y, before };
      if (at === best.length) {
        best.push(next);
        break;
      }
      replaced = best[at];
      replacedAt = at;
      best[at] = next;
    }
  }
  return best.at(-1);
}

/** The first chain that does not end before `y`. */
function search(best: readonly Candidate[], y: number): number {
  let low = 0;
  let high = best.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (best[middle]!.y < y) low = middle + 1;
    else high = middle;
  }
  return low;
}
