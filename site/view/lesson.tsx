/** The text of a lesson, as far as one has come at the moment that is looked at: commands to click, questions, challenge. */
import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import {
  type Block,
  type ChallengeBlock,
  type ConsoleBlock,
  isSolved,
  type Lesson,
  type LessonPlace,
  openQuestion,
  type ProseNode,
  type QuestionBlock,
  type Said,
} from '../../core/index.ts';
import { type App, useSelector } from '../app/hook.ts';
import { lessonAt } from '../app/lesson.ts';
import { type LessonAbout, lessons } from '../app/lessons.ts';
import { Goal } from './goal.tsx';
import type { Kind } from './picture.tsx';
import { Prose } from './prose.tsx';

interface LessonViewProps {
  readonly app: App;
  readonly lesson: Lesson;
  readonly onRun: (line: string) => void;
  readonly onPicture: (kind: Kind) => void;
}

export function LessonView(props: LessonViewProps): JSX.Element {
  const { app, lesson } = props;
  const place = useSelector(app, ({ context }) => lessonAt(context));
  const [notes, setNotes] = useState(false);
  const text = useRef<HTMLDivElement>(null);
  const at = place?.context.at ?? 0;
  useInView(text, at, place !== undefined);
  return (
    <div class="lesson-text" ref={text}>
      <p class="about">
        Lesson · about {lesson.minutes} {lesson.minutes === 1 ? 'minute' : 'minutes'}
        {lesson.notes.length > 0 && (
          <button type="button" class="small" aria-pressed={notes} onClick={() => setNotes(!notes)}>
            for instructors
          </button>
        )}
      </p>
      <h2>{lesson.title}</h2>
      <progress class="progress" aria-label="Way through the lesson" max={lesson.blocks.length} value={at} />
      {place !== undefined &&
        lesson.blocks.slice(0, at + 1).map((block, i) => (
          <div key={block.line} class={`block of-${block.kind}`} data-block={i} data-now={i === at ? '' : undefined}>
            {notes && <Notes lesson={lesson} before={i} />}
            <OneBlock {...props} place={place} block={block} index={i} now={i === at} />
          </div>
        ))}
      {notes && at >= lesson.blocks.length && <Notes lesson={lesson} before={lesson.blocks.length} />}
      {place?.matches('finished') === true && <Finished app={app} />}
    </div>
  );
}

/** What is new comes into view, from its beginning as far as there is room; where one begins, the page begins. */
function useInView(text: { readonly current: HTMLDivElement | null }, at: number, there: boolean): void {
  const before = useRef<number | undefined>(undefined);
  useEffect(() => {
    if (!there) return;
    const was = before.current;
    before.current = at;
    const pane = text.current?.closest<HTMLElement>('.text');
    if (was === undefined || was === at || pane == null) return;
    const find = (selector: string): DOMRect | undefined =>
      text.current?.querySelector(selector)?.getBoundingClientRect();
    const now = find('[data-now]');
    const news = find(`[data-block="${was}"] .fresh`) ?? find(`[data-block="${was + 1}"]`) ?? now;
    const first = was < at ? news : now;
    if (first === undefined) return;
    const room = pane.getBoundingClientRect();
    const last = was < at ? (now ?? first) : first;
    if (first.top >= room.top && last.bottom <= room.bottom) return;
    pane.scrollTop += Math.min(first.top - room.top - 12, last.bottom - room.bottom + 12);
  }, [at, there]);
}

interface BlockProps extends LessonViewProps {
  readonly place: LessonPlace;
  readonly block: Block;
  readonly index: number;
  readonly now: boolean;
}

function OneBlock(props: BlockProps): JSX.Element {
  const { block, app } = props;
  const say = (said: Said): void => app.send({ type: 'say', said });
  if (block.kind === 'prose') return <Prose nodes={props.index === 0 ? withoutTitle(block.nodes) : block.nodes} />;
  if (block.kind === 'console') return <Console {...props} block={block} />;
  if (block.kind === 'question') return <Question {...props} block={block} onSay={say} />;
  if (block.kind === 'challenge') return <Challenge {...props} block={block} onSay={say} />;
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

function Notes({ lesson, before }: { readonly lesson: Lesson; readonly before: number }): JSX.Element {
  return (
    <>
      {lesson.notes
        .filter((note) => note.before === before)
        .map(({ text }, i) => (
          <aside class="note" aria-label="For the instructor" key={String(i)}>
            <Prose nodes={text.nodes} />
          </aside>
        ))}
    </>
  );
}

/** Lines to click: each is typed into the terminal and run. */
function Commands({
  lines,
  done,
  onRun,
}: {
  readonly lines: ConsoleBlock['commands'];
  /** So many of them were run. */
  readonly done: number;
  readonly onRun: (line: string) => void;
}): JSX.Element {
  return (
    <ol class="commands">
      {lines.map((item, i) => {
        const state = i < done ? 'done' : i === done ? 'next' : 'later';
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

function Console({
  block,
  now,
  place,
  lesson,
  index,
  onRun,
}: BlockProps & { readonly block: ConsoleBlock }): JSX.Element {
  const question = lesson.blocks[index - 1];
  return (
    <>
      <Commands lines={block.commands} done={now ? place.context.command : block.commands.length} onRun={onRun} />
      {question?.kind === 'question' && <Verdict question={question} answer={place.context.answers[index - 1]} />}
    </>
  );
}

interface Says {
  readonly onSay: (said: Said) => void;
}

function Question(props: BlockProps & Says & { readonly block: QuestionBlock }): JSX.Element {
  const { block, index, now, place, onSay } = props;
  const answer = place.context.answers[index];
  const judged = answer?.right !== undefined;
  const open = openQuestion(place.context) === index;
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
              disabled={!open}
              onChange={() => onSay({ kind: 'answer', question: index, choice: i })}
            />
            <div>
              <Prose nodes={choice.text.nodes} />
              {state !== '' && (
                <span class="verdict">{state === 'right' ? '✓ that is what happened' : '✗ your guess'}</span>
              )}
            </div>
          </label>
        );
      })}
      {now && (
        <button type="button" class="small" onClick={() => onSay({ kind: 'pass', question: index })}>
          I would rather see
        </button>
      )}
      {!now && open && <p class="quiet">Now run it and see. Until then you can change your mind.</p>}
    </fieldset>
  );
}

interface VerdictProps {
  readonly question: QuestionBlock;
  readonly answer: LessonPlace['context']['answers'][number] | undefined;
}

/** After the commands: was it as one thought? */
function Verdict({ question, answer }: VerdictProps): JSX.Element | null {
  const truth = question.choices[answer?.right ?? -1];
  if (truth === undefined) return null;
  const { choice, right } = answer!;
  const kind = choice === undefined ? 'seen' : choice === right ? 'right' : 'wrong';
  const words = { seen: 'So it is:', right: '✓ Right:', wrong: '✗ Not so. In fact:' }[kind];
  return (
    <div class={`outcome ${kind} fresh`} role="status">
      <strong>{words}</strong>
      <Prose nodes={truth.text.nodes} />
      {question.because !== undefined && (
        <div class="because">
          <span>Because: </span>
          <Prose nodes={question.because.nodes} />
        </div>
      )}
    </div>
  );
}

function Challenge(props: BlockProps & Says & { readonly block: ChallengeBlock }): JSX.Element {
  const { block, place, onRun } = props;
  return (
    <section class={`challenge${isSolved(place) ? ' solved' : ''}`} aria-label="Challenge">
      <h3>Challenge</h3>
      <Prose nodes={block.prompt.nodes} />
      <Goal challenge={block} place={place} onSay={props.onSay} />
      {place.context.attempt.shown && <Commands lines={block.solution} done={-1} onRun={onRun} />}
    </section>
  );
}

function Finished({ app }: { readonly app: App }): JSX.Element {
  const id = useSelector(app, ({ context }) => context.place.id);
  const here = lessons.findIndex((about) => about.id === id);
  const next: LessonAbout | undefined = here < 0 ? undefined : lessons[here + 1];
  return (
    <div class="finished" data-now="">
      <p>
        <strong>That was {here === lessons.length - 1 ? 'the last lesson' : 'the lesson'}.</strong> The world is still
        yours: type what you like.
      </p>
      <button type="button" class="primary" onClick={() => app.send({ type: 'open', about: next })}>
        {next === undefined ? 'To the playground' : `Next: ${next.title}`}
      </button>
    </div>
  );
}
