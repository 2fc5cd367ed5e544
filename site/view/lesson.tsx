/** The text of a lesson, as far as one has come, with its commands to click, its questions and its challenge. */
import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import {
  type Block,
  type ChallengeBlock,
  type ConsoleBlock,
  type Lesson,
  nextCommand,
  type ProseNode,
  type QuestionBlock,
} from '../../core/index.ts';
import { type App, useSelector } from '../app/hook.ts';
import { type LessonAbout, lessons } from '../app/lessons.ts';
import type { LessonActor } from '../app/machine.ts';
import type { Kind } from './picture.tsx';
import { Prose } from './prose.tsx';

interface LessonViewProps {
  readonly app: App;
  readonly lesson: Lesson;
  readonly actor: LessonActor;
  readonly onRun: (line: string) => void;
  readonly onPicture: (kind: Kind) => void;
}

export function LessonView(props: LessonViewProps): JSX.Element {
  const { app, lesson, actor } = props;
  const at = useSelector(actor, ({ context }) => context.at);
  const finished = useSelector(actor, (snapshot) => snapshot.matches('finished'));
  const text = useRef<HTMLDivElement>(null);
  const first = useRef(true);
  useEffect(() => {
    // What is new comes into view; where one begins, the page begins.
    if (!first.current) text.current?.querySelector('[data-now]')?.scrollIntoView({ block: 'nearest' });
    first.current = false;
  }, [at]);
  return (
    <div class="lesson-text" ref={text}>
      <p class="about">
        Lesson · about {lesson.minutes} {lesson.minutes === 1 ? 'minute' : 'minutes'}
      </p>
      <h2>{lesson.title}</h2>
      {lesson.blocks.slice(0, at + 1).map((block, i) => (
        <div key={block.line} class={`block ${block.kind}`} data-now={i === at ? '' : undefined}>
          <OneBlock {...props} block={block} index={i} now={i === at} />
        </div>
      ))}
      {finished && <Finished app={app} lesson={lesson} />}
    </div>
  );
}

interface BlockProps extends LessonViewProps {
  readonly block: Block;
  readonly index: number;
  readonly now: boolean;
}

function OneBlock(props: BlockProps): JSX.Element {
  const { block } = props;
  if (block.kind === 'prose') return <Prose nodes={props.index === 0 ? withoutTitle(block.nodes) : block.nodes} />;
  if (block.kind === 'console') return <Console {...props} block={block} />;
  if (block.kind === 'question') return <Question {...props} block={block} />;
  if (block.kind === 'challenge') return <Challenge {...props} block={block} />;
  const kind = block.picture === 'union' || block.picture === 'lifecycle' ? block.picture : 'stack';
  return (
    <button type="button" class="show-picture" onClick={() => props.onPicture(kind)}>
      Look at the picture: {kind}
    </button>
  );
}

/** The lesson's title stands above its text already. */
function withoutTitle(nodes: readonly ProseNode[]): readonly ProseNode[] {
  const [first] = nodes;
  return first?.kind === 'heading' && first.level === 1 ? nodes.slice(1) : nodes;
}

function Console({ block, now, actor, onRun }: BlockProps & { readonly block: ConsoleBlock }): JSX.Element {
  const command = useSelector(actor, ({ context }) => context.command);
  return (
    <ol class="commands">
      {block.commands.map((item, i) => {
        const state = !now || i < command ? 'done' : i === command ? 'next' : 'later';
        return (
          <li key={item.line} class={state}>
            <button type="button" onClick={() => onRun(item.command)} title="Type it into the terminal and run it">
              <span class="sign" aria-hidden="true">
                {state === 'done' ? '✓' : '▶'}
              </span>
              <code>{item.command}</code>
              <span class="unseen">{state === 'done' ? ' (was run; runs it again)' : ' (runs it)'}</span>
            </button>
          </li>
        );
      })}
    </ol>
  );
}

function Question({ block, index, now, actor }: BlockProps & { readonly block: QuestionBlock }): JSX.Element {
  const answer = useSelector(actor, ({ context }) => context.answers[index]);
  const judged = answer?.right !== undefined;
  return (
    <fieldset class="question">
      <legend>What do you think?</legend>
      <Prose nodes={block.prompt.nodes} />
      {block.choices.map((choice, i) => {
        const state = !judged ? '' : i === answer.right ? 'right' : i === answer.choice ? 'wrong' : '';
        return (
          <label key={String(i)} class={`choice ${state}`}>
            <input
              type="radio"
              name={`question-${index}`}
              checked={answer?.choice === i}
              disabled={!now}
              onChange={() => actor.send({ type: 'ANSWER', choice: i })}
            />
            <div>
              <Prose nodes={choice.text.nodes} />
              {state !== '' && (
                <span class="verdict">{state === 'right' ? '✓ that is what happened' : '✗ not this'}</span>
              )}
            </div>
          </label>
        );
      })}
      {now && (
        <button type="button" class="small" onClick={() => actor.send({ type: 'NEXT' })}>
          I would rather see
        </button>
      )}
      {!now && !judged && <p class="quiet">Now run it and see.</p>}
      {judged && block.because !== undefined && (
        <div class="because" role="status">
          <Prose nodes={block.because.nodes} />
        </div>
      )}
    </fieldset>
  );
}

function Challenge({ block, now, actor, onRun }: BlockProps & { readonly block: ChallengeBlock }): JSX.Element {
  const attempt = useSelector(actor, ({ context }) => context.attempt);
  const solved = useSelector(actor, (snapshot) => !now || snapshot.matches('solved'));
  return (
    <section class="challenge" aria-label="Challenge">
      <h3>Challenge</h3>
      <Prose nodes={block.prompt.nodes} />
      <p class="quiet">What is still missing stands beside the picture, and is looked at after every command.</p>
      {attempt.shown && (
        <ol class="commands">
          {block.solution.map((item) => (
            <li key={item.line} class="later">
              <button type="button" onClick={() => onRun(item.command)}>
                <span class="sign" aria-hidden="true">
                  ▶
                </span>
                <code>{item.command}</code>
              </button>
            </li>
          ))}
        </ol>
      )}
      {solved && now && (
        <button type="button" class="primary" onClick={() => actor.send({ type: 'NEXT' })}>
          Go on
        </button>
      )}
    </section>
  );
}

function Finished({ app, lesson }: { readonly app: App; readonly lesson: Lesson }): JSX.Element {
  const next: LessonAbout | undefined = lessons[lessons.findIndex(({ id }) => id === lesson.id) + 1];
  return (
    <div class="finished" data-now="">
      <p>
        <strong>That was the lesson.</strong> The world is still yours: type what you like.
      </p>
      {next !== undefined && (
        <button type="button" class="primary" onClick={() => app.send({ type: 'open', about: next })}>
          Next: {next.title}
        </button>
      )}
    </div>
  );
}

/** The lesson's next command. */
export const upcoming = (actor: LessonActor): string | undefined => nextCommand(actor.getSnapshot().context);
