/**
 * The line that is typed: a text field like a shell's, with history and completion. Its keys are in typed.ts.
 *
 * Kept true: Tab leaves the terminal unless it has something to complete, or cannot know that yet, and at the second press at
 * the latest (of a program with a terminal at the third); Shift+Tab and Escape always do; what is typed or pasted while a command runs is not lost, it waits its turn.
 */
import type { JSX, RefObject } from 'preact';
import { useState } from 'preact/hooks';
import { type CommandOutcome, type Completion, span, type TimePassed } from '../../core/index.ts';
import { Icon } from '../view/icons.tsx';
import { useTyped } from './typed.ts';

export interface PromptProps {
  readonly field: RefObject<HTMLTextAreaElement | null>;
  /** Lines typed before, oldest first. */
  readonly history: readonly string[];
  /** What the last command waits for. */
  readonly waitsFor: 'input' | 'time' | undefined;
  /** The program has a terminal: keys go to it. */
  readonly tty: CommandOutcome['tty'] | undefined;
  /** Of one that waits for time. */
  readonly time: TimePassed | undefined;
  /** The line that is being carried out. */
  readonly running: string | undefined;
  /** The line that computes just now, also one that waited before. */
  readonly busy: string | undefined;
  /** So many commands are being carried out again for another moment, which can be given up; 0: nothing of that kind. */
  readonly goingBack: number;
  readonly queued: readonly string[];
  /** The names that can be completed are there; until then the engine is still starting. */
  readonly known: boolean;
  readonly complete: (line: string) => Completion | undefined;
  /** Takes a line. Answers why it was not taken; it is left in the field then. */
  readonly onLine: (line: string) => string | undefined;
  /** A key was pressed that changes the line. */
  readonly onTyping: () => void;
  readonly onInterrupt: () => void;
  /** What computes is to be given up, whatever it is at. */
  readonly onGiveUp: () => void;
  /** Time is to pass for what waits for it. */
  readonly onPass: () => void;
  readonly onEnd: () => void;
  /** A key for the program's terminal. */
  readonly onKey: (key: string) => void;
  /** Lines go to another terminal, or come back from there; undefined: there is nothing to be done beside. */
  readonly elsewhere: boolean;
  readonly onElsewhere: () => void;
  readonly onClear: () => void;
  readonly onLeave: () => void;
}

export function Prompt(props: PromptProps): JSX.Element {
  const { field, waitsFor, running, queued } = props;
  const [offered, setOffered] = useState<Completion | undefined>(undefined);
  const [note, setNote] = useState<string | undefined>(undefined);
  const typed = useTyped(props, { offer: setOffered, say: setNote });
  return (
    <div class="prompt-area">
      <Offered completion={offered} />
      <p class="prompt-note" role="status">
        {note}
      </p>
      {props.busy !== undefined && (
        <p class="queued running">
          <Interrupt {...props} />{' '}
          <button type="button" class="small" onClick={props.onGiveUp}>
            give up
          </button>{' '}
          running: <code>{props.busy}</code>
        </p>
      )}
      {props.goingBack > 0 && (
        <p class="queued running">
          <button type="button" class="small" onClick={props.onInterrupt}>
            stay here
          </button>{' '}
          going back: {props.goingBack} command{props.goingBack === 1 ? ' is' : 's are'} carried out again
        </p>
      )}
      {queued.length > 0 && (
        <p class="queued">
          {queued.length} waiting: <code>{queued[0]}</code>
        </p>
      )}
      {waitsFor === 'input' && (
        <p class="waits">
          The program waits for input; Ctrl-D ends it, <Interrupt {...props} /> interrupts. <Keys {...props} />
        </p>
      )}
      {waitsFor === 'time' && <Running {...props} />}
      <div class="prompt">
        <label class="prompt-sign" for="prompt" data-busy={running !== undefined}>
          <span aria-hidden="true">{waitsFor === undefined || props.elsewhere ? '$' : '>'}</span>
          <span class="unseen">{labelOf(props)}</span>
        </label>
        <textarea
          id="prompt"
          ref={field}
          rows={1}
          class={props.tty?.silent === true && !props.elsewhere ? 'hidden-text' : undefined}
          autocomplete="off"
          autocapitalize="off"
          autocorrect="off"
          spellcheck={false}
          enterkeyhint="send"
          placeholder={waitsFor === undefined ? 'docker run busybox …' : ''}
          aria-describedby="prompt-keys"
          onKeyDown={typed.key}
          onPaste={typed.paste}
          onInput={typed.input}
        />
        <span id="prompt-keys" class="prompt-keys">
          Tab completes, else leaves · Esc leaves · ↑ and Ctrl-R: history · Ctrl-L clears
        </span>
        <button type="button" class="run" aria-label="Run the command" onClick={typed.submit}>
          <Icon name="enter" />
        </button>
      </div>
    </div>
  );
}

function labelOf({ waitsFor, elsewhere }: PromptProps): string {
  if (waitsFor === undefined) return 'Command';
  return elsewhere ? 'Command in another terminal' : 'Input for the running command';
}

const Interrupt = ({ onInterrupt }: Pick<PromptProps, 'onInterrupt'>): JSX.Element => (
  <button type="button" class="small" onClick={onInterrupt}>
    Ctrl-C
  </button>
);

/** What else can be pressed, and the other terminal. */
function Keys({ tty, onKey, elsewhere, onElsewhere }: PromptProps): JSX.Element {
  const press = (keys: string): void => {
    for (const key of keys) onKey(key);
  };
  return (
    <>
      {tty !== undefined && (
        <>
          <button type="button" class="small" onClick={() => press('\x1a')}>
            Ctrl-Z
          </button>{' '}
          <button type="button" class="small" onClick={() => press('\x1c')}>
            Ctrl-\
          </button>{' '}
          <button type="button" class="small" onClick={() => press('\x10\x11')}>
            Ctrl-P Ctrl-Q
          </button>{' '}
        </>
      )}
      <button type="button" class="small" aria-pressed={elsewhere} onClick={onElsewhere}>
        Other terminal
      </button>
    </>
  );
}

/** A foreground process, for which the simulated clock stands still until somebody lets it go on. */
function Running(props: PromptProps): JSX.Element {
  const { time } = props;
  const ignored = (time?.interrupts ?? 0) > 0;
  return (
    <p class="waits">
      {time === undefined ? 'Still running' : `Running for ${span(time.passed)} now`}
      {time !== undefined && time.next === undefined && '; it does nothing more by itself'}.{' '}
      <button type="button" class="small" onClick={props.onPass}>
        {time?.next === undefined ? 'Let time pass' : `Let ${time.next < 1_000 ? 'a moment' : span(time.next)} pass`}
      </button>{' '}
      (or Enter), <Interrupt {...props} /> interrupts.
      {ignored &&
        ' It goes on all the same: PID 1 of a container notices only signals that it handles. At the third Ctrl-C the client leaves.'}{' '}
      <Keys {...props} />
    </p>
  );
}

function Offered({ completion }: { readonly completion: Completion | undefined }): JSX.Element {
  const options = completion?.options ?? [];
  return (
    <div class="offered" role="status">
      {options.length > 1 && (
        <>
          <span class="unseen">{options.length} completions: </span>
          {options.slice(0, 60).map((option) => (
            <code key={option}>{option}</code>
          ))}
        </>
      )}
    </div>
  );
}
