/**
 * What a terminal shows in the end of what a program wrote to it: a line that was drawn anew is seen once, what was typed and taken
 * back is not.
 *
 * Kept true: text without such sequences stays as it is.
 */
const redraws = /\x1b\[6n|\r(?!\n)|\x08/;

/** Asking for the cursor's place, the bell, and what clears: behind it stands what is seen. */
const unseen = /\x1b\[(?:6n|[HJK])|\x07/g;

const takenBack = /[^\x08\n]\x08/g;

export function asSeen(text: string): string {
  if (!redraws.test(text)) return text;
  let left = text.replace(unseen, '').replace(/^.*\r+(?!\r*$)/gm, '');
  while (takenBack.test(left)) left = left.replace(takenBack, '');
  return left;
}
