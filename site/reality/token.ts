/**
 * The token by which the program that serves the page lets it have a real kernel: `cutaway serve` prints an address that ends
 * in `#token=…`. Called once, before anything else reads the address.
 *
 * Kept true: the token leaves the address at once, so that it is in no bookmark and no link that is handed on; it is kept for
 * this tab only.
 */
const pattern = /^#token=([\w-]{43})$/;
const key = 'cutaway-token';

/** The token of this tab; undefined: the page stands for itself. */
export function takeToken(): string | undefined {
  const given = pattern.exec(location.hash)?.[1];
  try {
    if (given === undefined) return sessionStorage.getItem(key) ?? undefined;
    history.replaceState(history.state, '', location.pathname + location.search);
    sessionStorage.setItem(key, given);
  } catch {
    // A browser that keeps nothing: the token is good until the page is left.
  }
  return given;
}
