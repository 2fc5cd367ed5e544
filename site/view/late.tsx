/** Components whose code is loaded when they are first shown. */
import type { ComponentType, JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';

/** `load` gives the component; until it is there, and for as long as it cannot be had, that is said in its place. */
export function late<P extends object>(load: () => Promise<ComponentType<P>>): (props: P) => JSX.Element {
  let loaded: ComponentType<P> | undefined;
  return function Late(props: P): JSX.Element {
    const [, draw] = useState(false);
    const [failed, setFailed] = useState(false);
    useEffect(() => {
      if (loaded !== undefined) return;
      load().then(
        (component) => {
          loaded = component;
          draw(true);
        },
        () => setFailed(true),
      );
    }, []);
    const Loaded = loaded;
    if (Loaded !== undefined) return <Loaded {...props} />;
    return <p class="quiet">{failed ? 'This could not be loaded. Is there a network?' : 'One moment…'}</p>;
  };
}
