/** Lesson or playground: what opening one brings with it. */
import { fromPromise } from 'xstate';
import type { Lesson } from '../../core/index.ts';
import type { Entry, Made } from '../engine/protocol.ts';
import { type AppEvent, type Place, playground } from './context.ts';
import type { LessonAbout } from './lessons.ts';
import { type Kept, nothingKept, readKept } from './storage.ts';

/** A lesson with what was kept of it, or the playground. */
export interface Opened {
  readonly place: Place;
  readonly kept: Kept;
}

interface Asked {
  readonly about: LessonAbout | undefined;
  readonly entries: readonly Entry[] | undefined;
  readonly made: Made | undefined;
}

export const open = fromPromise<Opened, Asked>(async ({ input: { about, entries, made = {} } }) => {
  const place: Place = about === undefined ? playground : { id: about.id, lesson: await about.load() };
  return { place, kept: entries === undefined ? readKept(place.id) : { ...nothingKept, entries: [...entries], made } };
});

/** What has to be carried out for it. */
export function loadOf({ place, kept }: Opened): Extract<AppEvent, { type: 'load' }> {
  return { type: 'load', made: kept.made ?? {}, base: setupOf(place.lesson), queue: kept.entries, begun: kept.begun };
}

const setupOf = (lesson: Lesson | undefined): readonly Entry[] =>
  (lesson?.setup ?? []).map(({ command }) => ({ line: command, given: [] }));
