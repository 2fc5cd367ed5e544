/**
 * The state at hand and the goal of the challenge, beside each other (below each other where it is narrow), drawn alike, and in
 * both what still differs marked; the same in sentences.
 *
 * Kept true: the goal is worked out in a world of its own, by the lesson's own solution, whose commands are not told; once the
 * challenge is solved nothing is marked, whatever way led there.
 */
import type { JSX } from 'preact';
import { useEffect, useMemo, useState } from 'preact/hooks';
import { isSolved, type Scene } from '../../core/index.ts';
import { type App, useSelector } from '../app/hook.ts';
import { lessonAt } from '../app/lesson.ts';
import { type PictureProps, StackPicture } from '../pictures/stack.tsx';
import { TextTwin } from '../pictures/twin.tsx';
import { type Differing, differing, unmarked } from './differ.ts';
import { hasGoal, toGoal } from './when.ts';
import './goal.css';

export interface BesideProps extends Pick<PictureProps, 'scene' | 'lit' | 'onPoint'> {
  readonly app: App;
  /** Pixels that both may take. */
  readonly width: number;
  readonly asText: boolean;
}

/** From this width on, two pictures beside each other can be read. */
const WIDE = 500;
const GAP = 12;

export function Beside({ app, scene, width, asText, lit, onPoint }: BesideProps): JSX.Element {
  const goal = useGoal(app);
  const solved = useSelector(app, ({ context }) => {
    const place = lessonAt(context);
    return place !== undefined && isSolved(place);
  });
  const shown = useMemo(() => both(scene, goal, solved), [scene, goal, solved]);
  const each = width >= WIDE ? Math.floor((width - GAP) / 2) : width;
  const size = { width: Math.max(280, each), motion: false };
  const text = (one: Scene, which: string): JSX.Element => (
    <TextTwin scene={one} kind="stack" which={which} columns={Math.max(40, Math.floor(each / 7.3))} />
  );
  return (
    <div class="beside">
      <Words goal={goal} solved={solved} sentences={shown.sentences} />
      <section aria-label="Now" style={{ width: `${each}px` }}>
        <h2>Now</h2>
        {asText ? (
          text(shown.here, 'now')
        ) : (
          <StackPicture scene={shown.here} {...size} motion={true} lit={lit} onPoint={onPoint!} />
        )}
      </section>
      {shown.goal !== undefined && (
        <section aria-label="The goal as a picture" class="beside-goal" style={{ width: `${each}px` }}>
          <h2>Goal</h2>
          {asText ? text(shown.goal, 'goal') : <StackPicture scene={shown.goal} {...size} />}
        </section>
      )}
    </div>
  );
}

type Shown = Pick<Differing, 'here' | 'sentences'> & { readonly goal: Scene | undefined };

function both(scene: Scene, goal: Scene | string | undefined, solved: boolean): Shown {
  if (typeof goal !== 'object') return { here: scene, goal: undefined, sentences: [] };
  return solved ? { here: unmarked(scene), goal: unmarked(goal), sentences: [] } : differing(scene, goal);
}

/** Undefined while it is worked out; a text when it cannot be. */
function useGoal(app: App): Scene | string | undefined {
  // The same lines are the same goal, so that another command on the way to it asks for nothing.
  const lines = useSelector(app, ({ context }) => (hasGoal(context) ? JSON.stringify(toGoal(context)) : ''));
  const [found, setFound] = useState<{ readonly lines: string; readonly goal: Scene | string } | undefined>(undefined);
  useEffect(() => {
    if (lines === '') return;
    let wanted = true;
    const { client, made } = app.getSnapshot().context;
    client.ask('compare', { made, earlier: [], later: JSON.parse(lines), names: ['', ''] }).then(
      ({ scenes }) => wanted && setFound({ lines, goal: scenes[1] }),
      (error: Error) => wanted && setFound({ lines, goal: error.message }),
    );
    return () => {
      wanted = false;
    };
  }, [lines]);
  return found?.lines === lines ? found.goal : undefined;
}

/** More sentences are only counted. */
const MOST = 8;

function Words(props: {
  readonly goal: Scene | string | undefined;
  readonly solved: boolean;
  readonly sentences: readonly string[];
}): JSX.Element {
  const { goal, solved, sentences } = props;
  if (typeof goal === 'string') return <p role="alert">The goal cannot be drawn: {goal}</p>;
  const say =
    goal === undefined
      ? 'Working the goal out …'
      : solved
        ? 'The goal is reached.'
        : sentences.length === 0
          ? 'Names, states and paths are those of the goal; what is still open stands in the list of the challenge.'
          : `Still differs, marked ≠ (${sentences.length}):`;
  return (
    <section class="beside-words" aria-label="What still differs from the goal">
      <p role="status">{say}</p>
      {sentences.length > 0 && (
        <ul>
          {sentences.slice(0, MOST).map((sentence, i) => (
            <li key={`${i} ${sentence}`}>{sentence}</li>
          ))}
          {sentences.length > MOST && <li class="quiet">… and {sentences.length - MOST} more</li>}
        </ul>
      )}
    </section>
  );
}
