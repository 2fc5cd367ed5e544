/** The goal of a challenge beside the picture: each part of it, met or what it still misses; hints, score, solution. */
import type { JSX } from 'preact';
import { type ChallengeBlock, challengeOf, goalText, hintFor, judge, scoreText } from '../../core/index.ts';
import { useSelector } from '../app/hook.ts';
import type { LessonActor } from '../app/machine.ts';
import { Prose } from './prose.tsx';

export function GoalPanel({ actor }: { readonly actor: LessonActor }): JSX.Element | null {
  const context = useSelector(actor, (snapshot) => snapshot.context);
  const solved = useSelector(actor, (snapshot) => snapshot.matches('solved') || snapshot.matches('finished'));
  const found = challengeOf(context.lesson);
  if (found === undefined || context.at < found.at) return null;
  const { challenge } = found;
  const { attempt, observation } = context;
  const hint =
    attempt.hints > 0 && observation !== undefined ? hintFor(challenge, observation, attempt.hints - 1) : undefined;
  return (
    <section class={`goal${solved ? ' solved' : ''}`} aria-label="Goal">
      <h2>{solved ? 'Solved' : 'Goal'}</h2>
      <Parts challenge={challenge} actor={actor} solved={solved} />
      <p class="score" role="status">
        {solved
          ? scoreText(attempt, challenge.par)
          : `${attempt.commands} of ${challenge.par} ${challenge.par === 1 ? 'command' : 'commands'} (par)`}
      </p>
      {hint !== undefined && !solved && (
        <div class="hint" role="status">
          <Prose nodes={hint.nodes} />
        </div>
      )}
      {!solved && (
        <p class="ways">
          <button type="button" class="small" onClick={() => actor.send({ type: 'HINT' })}>
            {attempt.hints === 0 ? 'hint' : 'another hint'}
          </button>
          {attempt.hints > 0 && !attempt.shown && (
            <button type="button" class="small" onClick={() => actor.send({ type: 'SOLUTION' })}>
              show the solution
            </button>
          )}
        </p>
      )}
    </section>
  );
}

interface PartsProps {
  readonly challenge: ChallengeBlock;
  readonly actor: LessonActor;
  readonly solved: boolean;
}

function Parts({ challenge, actor, solved }: PartsProps): JSX.Element {
  const observation = useSelector(actor, ({ context }) => context.observation);
  return (
    <ul>
      {challenge.goals.map((goal, i) => {
        const { met, missing } = observation === undefined ? { met: false, missing: '' } : judge(goal, observation);
        const done = met || solved;
        return (
          <li key={String(i)} class={done ? 'met' : 'open'}>
            <span class="sign" aria-hidden="true">
              {done ? '✓' : '○'}
            </span>
            <span class="unseen">{done ? 'met: ' : 'open: '}</span>
            {goalText(goal)}
            {!done && missing !== '' && <span class="missing">{missing}</span>}
          </li>
        );
      })}
    </ul>
  );
}
