/**
 * The law of an image's life on one host: whether it can be run, tagged, built upon or removed. `docker commit` joins it to
 * the container machine: the container's COMMIT brings a new image to life by COMMITTED.
 *
 * Kept true: same rules as container.ts (plain data, named actions, no invoke, no after). `present` has three faces that
 * `docker images` tells apart: tagged, dangling (`<none>`), and intermediate (untagged parent of another image, `images -a`).
 */
import { setup } from 'xstate';

export type ImageEvent =
  | { readonly type: 'PULL' }
  | { readonly type: 'PULL_FAILED' }
  | { readonly type: 'PULLED' }
  | { readonly type: 'LOAD'; readonly tagged: boolean }
  | { readonly type: 'COMMITTED'; readonly tagged: boolean }
  | { readonly type: 'TAG' }
  /** `last`: no other tag is left; `child`: another image was made from this one. */
  | { readonly type: 'UNTAG'; readonly last: boolean; readonly child: boolean }
  | { readonly type: 'CHILD_ADDED' }
  | { readonly type: 'CHILD_REMOVED' }
  | { readonly type: 'RUN' }
  | RemoveImage;

/** `docker rmi`, and what stands in the way of it. */
export interface RemoveImage {
  readonly type: 'REMOVE';
  /** An image was made from it. */
  readonly child: boolean;
  /** A container of it runs. */
  readonly running: boolean;
  /** A stopped container stands on it. */
  readonly used: boolean;
  /** Names in several repositories point at it, and it was given by its ID. */
  readonly shared: boolean;
  readonly force: boolean;
}

export type ImageEventType = ImageEvent['type'];

/** The work that actions stand for. */
export const imageWork = {
  fetchLayers: 'fetch manifest, config and the layers that are missing',
  dropPartial: 'drop what was fetched so far',
  unpackLayers: 'unpack the layers and record the config',
  writeTag: 'point the name at this image',
  dropTag: 'take the name away',
  removeImage: 'remove the config and the layers that no other image uses',
  makeContainer: 'make a container on top of the layers',
} as const;

export type ImageWork = keyof typeof imageWork;

const work = Object.fromEntries(Object.keys(imageWork).map((name) => [name, () => {}])) as Record<
  ImageWork,
  () => void
>;

const usable = { RUN: { actions: 'makeContainer', description: 'docker create, docker run' } } as const;
const removable = {
  REMOVE: { guard: 'free', target: '#image.removed', actions: 'removeImage', description: 'docker rmi' },
} as const;

export const imageMachine = setup({
  types: { events: {} as ImageEvent },
  actions: work,
  guards: {
    tagged: ({ event }) => (event.type === 'LOAD' || event.type === 'COMMITTED') && event.tagged,
    keepsTag: ({ event }) => event.type === 'UNTAG' && !event.last,
    hasChild: ({ event }) => event.type === 'UNTAG' && event.child,
    free: ({ event }) =>
      event.type === 'REMOVE' && !event.child && !event.running && (event.force || !(event.used || event.shared)),
  },
}).createMachine({
  id: 'image',
  description: 'The life of one image on one host',
  initial: 'absent',
  states: {
    absent: {
      description: 'Not on this host',
      on: {
        PULL: {
          target: 'pulling',
          actions: 'fetchLayers',
          description: 'docker pull, or run of an image that is not here',
        },
        LOAD: [
          {
            guard: 'tagged',
            target: 'present.tagged',
            actions: ['unpackLayers', 'writeTag'],
            description: 'docker load',
          },
          {
            target: 'present.dangling',
            actions: 'unpackLayers',
            description: 'docker load of an archive without names',
          },
        ],
        COMMITTED: [
          {
            guard: 'tagged',
            target: 'present.tagged',
            actions: 'writeTag',
            description: 'docker commit CONTAINER NAME',
          },
          { target: 'present.dangling', description: 'docker commit CONTAINER' },
        ],
      },
    },
    pulling: {
      description: 'Layers are on their way',
      on: {
        PULLED: { target: 'present.tagged', actions: ['unpackLayers', 'writeTag'], description: 'all layers are here' },
        PULL_FAILED: { target: 'absent', actions: 'dropPartial', description: 'registry or network said no' },
      },
    },
    present: {
      description: 'Its layers lie unpacked on this host',
      initial: 'tagged',
      states: {
        tagged: {
          description: 'At least one name points at it',
          on: {
            ...usable,
            ...removable,
            TAG: { actions: 'writeTag', description: 'docker tag' },
            UNTAG: [
              { guard: 'keepsTag', actions: 'dropTag', description: 'docker rmi NAME, other names are left' },
              {
                guard: 'hasChild',
                target: 'intermediate',
                actions: 'dropTag',
                description: 'its last name went elsewhere',
              },
              { target: 'dangling', actions: 'dropTag', description: 'its last name went elsewhere' },
            ],
          },
        },
        dangling: {
          description: 'No name, no child: <none> in docker images',
          on: {
            ...usable,
            ...removable,
            TAG: { target: 'tagged', actions: 'writeTag', description: 'docker tag' },
            CHILD_ADDED: { target: 'intermediate', description: 'an image was made from it' },
          },
        },
        intermediate: {
          description: 'No name, but another image was made from it: shown by docker images -a only',
          on: {
            ...usable,
            TAG: { target: 'tagged', actions: 'writeTag', description: 'docker tag' },
            CHILD_REMOVED: { target: 'dangling', description: 'its last child was removed' },
          },
        },
      },
    },
    removed: { type: 'final', description: 'Its config and its own layers are gone' },
  },
});
