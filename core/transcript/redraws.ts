/**
 * A line editor shows its line anew when the window has another size. How often it does so is chance on a real kernel: two signals
 * SIGWINCH that come together are one (signal(7)), and one that comes before the prompt is drawn shows nothing new.
 */

/** Each run of equal redraws, `\r`, the line, erase to the end of the screen, as one. */
export const drawnOnce = (text: string): string => text.replace(/(\r[^\r\n]*\x1b\[J)\1+/g, '$1');

/** The same, and without those that show a prompt again that stands there already. */
export const withoutRedraws = (text: string): string =>
  drawnOnce(text).replace(/(^|[\r\n])([^\r\n\x1b]+)((?:\x1b\[6n)?)\r\2\x1b\[J/g, '$1$2$3');
