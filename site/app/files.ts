/** Transcript files, and lessons that a reader brings: read and written in the browser, sent nowhere. */

import * as v from 'valibot';
import { parseLesson, parseTranscript, UsageError, writeTranscript } from '../../core/index.ts';
import { type Entry, entrySchema, limits, type Made } from '../engine/protocol.ts';
import type { LessonAbout } from './lessons.ts';
import type { Shared } from './link.ts';
import { read, write } from './storage.ts';
import type { Point } from './timeline.ts';

const MAX_FILE = 400_000;

/** Saves the commands and their answers. */
export function saveTranscript(title: string, points: readonly Point[], { cgroup, bridge }: Made): void {
  const text = writeTranscript(
    title,
    points.map(({ entry, outcome }) => ({ command: entry.line, typed: entry.given, ...outcome })),
    { ...(cgroup === undefined ? {} : { cgroup }), ...(bridge === undefined ? {} : { bridge: 'docker0' }) },
  );
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([text], { type: 'text/markdown' }));
  link.download = 'cutaway.md';
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1_000);
}

/** A file is a lesson when its front matter says more than what host it is for, else a transcript. Throws an Error that says what is wrong. */
export async function openFile(file: File): Promise<{ lesson: LessonAbout } | { shared: Shared }> {
  if (file.size > MAX_FILE) throw new Error(`${file.name} has ${file.size} bytes: more than ${MAX_FILE} are not read`);
  const text = await file.text();
  if (/^\uFEFF?---[ \t]*\r?\n(?!(?:(?:cgroup|bridge):.*\r?\n)*---)/.test(text)) {
    const about = await ownLesson(file.name, text);
    write(OWN, JSON.stringify([file.name, text]));
    return { lesson: about };
  }
  const { commands, meta } = await parseTranscript(text, file.name);
  if (meta.cgroup !== undefined && meta.cgroup !== 'v1' && meta.cgroup !== 'v2')
    throw new UsageError(`front matter: cgroup is "${meta.cgroup}"`, { file: file.name }, 'there are v1 and v2');
  if (meta.bridge !== undefined && meta.bridge !== 'docker0')
    throw new UsageError(`front matter: bridge is "${meta.bridge}"`, { file: file.name }, 'there is docker0');
  const most = commands[limits.lines];
  if (most !== undefined)
    throw new UsageError(`more than ${limits.lines} commands`, { file: file.name, line: most.line });
  const entries = commands.map(({ command, typed, line, column }): Entry => {
    const entry = v.safeParse(entrySchema, { line: command, given: typed ?? [] });
    if (entry.success) return entry.output;
    const hint = `a command has at most ${limits.line} characters, and is given at most ${limits.given} lines as long`;
    throw new UsageError('this command cannot be carried out here', { file: file.name, line, column }, hint);
  });
  const made: Made = {
    ...(meta.cgroup === 'v2' ? { cgroup: 'v2' } : {}),
    ...(meta.bridge === undefined ? {} : { bridge: true }),
  };
  return { shared: { place: 'playground', entries, made } };
}

const OWN = 'own';

/** The lesson that the reader brought last, kept in the browser so that it is there again after a reload. */
export async function keptLesson(): Promise<LessonAbout | undefined> {
  try {
    const [name, text] = JSON.parse(read(OWN) ?? '') as [string, string];
    return await ownLesson(name, text);
  } catch {
    return undefined;
  }
}

/** Its id has a mark of its own, so that it never takes the place of a lesson of ours. */
async function ownLesson(name: string, text: string): Promise<LessonAbout> {
  const lesson = await parseLesson(text, name);
  const { title, minutes, needs } = lesson;
  return { id: `own.${lesson.id}`, title, minutes, needs, load: async () => lesson };
}
