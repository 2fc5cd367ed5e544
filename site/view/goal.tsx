/** The goal of a challenge: each part of it, met or what it still misses; commands against par, hints, the moment it is solved. */
import type { JSX } from 'preact';
import {
  type ChallengeBlock,
  goalText,
  hintAmong,
  isSolved,
  type LessonPlace,
  type Said,
  scoreText,
} from '../../core/index.ts';
import { Prose } from './prose.tsx';

interface GoalProps {
  readonly challenge: ChallengeBlock;
  readonly place: LessonPlace;
  readonly onSay: (said: Said) => void;
}

export function Goal({ challenge, place, onSay }: GoalProps): JSX.Element {
  const { attempt } = place.context;
  const solved = isSolved(place);
  return (
    <section class={`goal${solved ? ' solved' : ''}`} aria-label="Goal">
      <Parts challenge={challenge} place={place} solved={solved} />
      {solved ? (
        <div class="solved-banner fresh" role="status">
          <span class="tick" aria-hidden="true">
            ✓
          </span>
          <p>{scoreText(attempt, challenge.par)}</p>
        </div>
      ) : (
        <p class="score" role="status" title="Only commands that change something count">
          Commands counted: {attempt.commands} · par {challenge.par}
        </p>
      )}
      {!solved && <Help challenge={challenge} place={place} onSay={onSay} />}
    </section>
  );
}

/** What is missing is named once, where it is first met. */
function Parts({ challenge, place, solved }: Omit<GoalProps, 'onSay'> & { readonly solved: boolean }): JSX.Element {
  const judged = place.context.found?.goals ?? [];
  return (
    <ul class="parts">
      {challenge.goals.map((goal, i) => {
        const { met, missing } = judged[i] ?? { met: false, missing: '' };
        const done = met || solved;
        const named = judged.findIndex((one) => !one.met && one.missing === missing) < i;
        return (
          <li key={String(i)} class={done ? 'met' : 'open'}>
            <span class="sign" aria-hidden="true">
              {done ? '✓' : '○'}
            </span>
            <span class="unseen">{done ? 'met: ' : 'open: '}</span>
            {goalText(goal)}
            {!done && !named && missing !== '' && <span class="missing">{missing}</span>}
          </li>
        );
      })}
    </ul>
  );
}

function Help({ challenge, place, onSay }: GoalProps): JSX.Element {
  const { attempt, found } = place.context;
  const hint = attempt.hinted > 0 ? hintAmong(challenge, found?.hints ?? [], attempt.hinted - 1) : undefined;
  return (
    <>
      {hint !== undefined && (
        <div class="hint" role="status">
          <Prose nodes={hint.nodes} />
        </div>
      )}
      <p class="ways">
        {attempt.hinted < (found?.hints.length ?? 0) && (
          <button type="button" class="small" onClick={() => onSay({ kind: 'hint' })}>
            {attempt.hinted === 0 ? 'hint' : 'another hint'}
          </button>
        )}
        {attempt.hints > 0 && !attempt.shown && (
          <button type="button" class="small" onClick={() => onSay({ kind: 'solution' })}>
            show the solution
          </button>
        )}
      </p>
    </>
  );
}
