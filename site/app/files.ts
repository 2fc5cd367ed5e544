/** Transcript files, and lessons that a reader brings: read and written in the browser, sent nowhere. */
import { type Lesson, parseLesson, parseTranscript, writeTranscript } from '../../core/index.ts';
import { limits } from '../engine/protocol.ts';
import type { Shared } from './link.ts';
import type { Point } from './timeline.ts';

const MAX_FILE = 400_000;

/** Saves the commands and their answers. */
export function saveTranscript(title: string, points: readonly Point[]): void {
  const text = writeTranscript(
    title,
    points.map(({ entry, outcome }) => ({ command: entry.line, ...outcome })),
  );
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([text], { type: 'text/markdown' }));
  link.download = 'cutaway.md';
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1_000);
}

/** A file is a lesson when its front matter says so, else a transcript. Throws an Error that says what is wrong. */
export async function openFile(file: File): Promise<{ lesson: Lesson } | { shared: Shared }> {
  if (file.size > MAX_FILE) throw new Error(`${file.name} is too large for a transcript`);
  const text = await file.text();
  if (/^---\r?\n(?:.*\r?\n)*?title:/.test(text)) return { lesson: await parseLesson(text, file.name) };
  const { commands } = await parseTranscript(text, file.name);
  if (commands.length > limits.lines) throw new Error(`${file.name} has more than ${limits.lines} commands`);
  return { shared: { place: 'playground', entries: commands.map(({ command }) => ({ line: command, given: [] })) } };
}
