/** State machines in components: what a selector takes out of a snapshot, drawn again when that changes. */
import { useEffect, useReducer, useRef } from 'preact/hooks';
import type { ActorRefFrom, SnapshotFrom } from 'xstate';
import type { appMachine } from './machine.ts';

export type App = ActorRefFrom<typeof appMachine>;
export type AppSnapshot = SnapshotFrom<typeof appMachine>;

interface Subscribable<S> {
  getSnapshot(): S;
  subscribe(listener: (snapshot: S) => void): { unsubscribe(): void };
}

export function useSelector<S, T>(actor: Subscribable<S>, select: (snapshot: S) => T): T {
  const [, draw] = useReducer((n: number) => n + 1, 0);
  const latest = useRef(select);
  latest.current = select;
  const value = select(actor.getSnapshot());
  const shown = useRef(value);
  shown.current = value;
  useEffect(() => {
    const look = (): void => {
      if (!Object.is(latest.current(actor.getSnapshot()), shown.current)) draw(undefined);
    };
    const subscription = actor.subscribe(look);
    look();
    return () => subscription.unsubscribe();
  }, [actor]);
  return value;
}
