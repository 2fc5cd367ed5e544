/**
 * The line that is typed: a text field like a shell's, with history and completion.
 *
 * Kept true: Tab leaves the terminal unless it has something to complete, Shift+Tab and Escape always do; what is typed or
 * pasted while a command runs is not lost, it waits its turn.
 */
import type { JSX, RefObject } from 'preact';
import { useRef, useState } from 'preact/hooks';
import type { Completion } from '../../core/index.ts';
import { Icon } from '../view/icons.tsx';

export interface PromptProps {
  readonly field: RefObject<HTMLTextAreaElement | null>;
  /** Lines typed before, oldest first. */
  readonly history: readonly string[];
  /** What the last command waits for. */
  readonly waitsFor: 'input' | 'time' | undefined;
  /** The line that is being carried out. */
  readonly running: string | undefined;
  readonly queued: readonly string[];
  readonly complete: (line: string) => Completion | undefined;
  readonly onLine: (line: string) => void;
  readonly onInterrupt: () => void;
  readonly onEnd: () => void;
  readonly onClear: () => void;
  readonly onLeave: () => void;
}

export function Prompt(props: PromptProps): JSX.Element {
  const { field, waitsFor, running, queued } = props;
  const [offered, setOffered] = useState<Completion | undefined>(undefined);
  const typed = useTyped(props, setOffered);
  return (
    <div class="prompt-area">
      <Offered completion={offered} />
      {running !== undefined && (
        <p class="queued running">
          running: <code>{running}</code>
        </p>
      )}
      {queued.length > 0 && (
        <p class="queued">
          {queued.length} waiting: <code>{queued[0]}</code>
        </p>
      )}
      {waitsFor !== undefined && (
        <p class="waits">
          {waitsFor === 'input' ? 'The program waits for input; Ctrl-D ends it' : 'Still running; Enter lets time pass'}
          ,{' '}
          <button type="button" class="small" onClick={props.onInterrupt}>
            Ctrl-C
          </button>{' '}
          interrupts.
        </p>
      )}
      <div class="prompt">
        <label class="prompt-sign" for="prompt" data-busy={running !== undefined}>
          <span aria-hidden="true">{waitsFor === undefined ? '$' : '>'}</span>
          <span class="unseen">{waitsFor === undefined ? 'Command' : 'Input for the running command'}</span>
        </label>
        <textarea
          id="prompt"
          ref={field}
          rows={1}
          autocomplete="off"
          autocapitalize="off"
          autocorrect="off"
          spellcheck={false}
          enterkeyhint="send"
          placeholder={waitsFor === undefined ? 'docker run busybox …' : ''}
          onKeyDown={typed.key}
          onPaste={typed.paste}
          onInput={typed.input}
        />
        <button type="button" class="run" aria-label="Run the command" onClick={typed.submit}>
          <Icon name="enter" />
        </button>
      </div>
    </div>
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

interface Typed {
  readonly key: (event: KeyboardEvent) => void;
  readonly paste: (event: ClipboardEvent) => void;
  readonly input: () => void;
  readonly submit: () => void;
}

/** The keys of a shell's line, on top of the text field's own. */
function useTyped(props: PromptProps, setOffered: (completion: Completion | undefined) => void): Typed {
  const { field, history } = props;
  /** Place in the history, counted from its end; 0: the line that is being typed, which is kept meanwhile. */
  const back = useRef(0);
  const draft = useRef('');
  const value = (): string => field.current?.value ?? '';

  const set = (text: string): void => {
    const area = field.current!;
    area.value = text;
    area.setSelectionRange(text.length, text.length);
    grow(area);
    setOffered(undefined);
  };
  const submit = (): void => {
    const lines = value().split('\n');
    back.current = 0;
    set('');
    for (const line of lines) props.onLine(line);
    field.current?.focus();
  };
  const recall = (by: number): void => {
    const to = Math.max(0, Math.min(history.length, back.current + by));
    if (to === back.current) return;
    if (back.current === 0) draft.current = value();
    back.current = to;
    set(to === 0 ? draft.current : history[history.length - to]!);
  };
  /** True when there was something to complete. */
  const completed = (): boolean => {
    const area = field.current!;
    if (area.selectionStart !== area.selectionEnd || area.selectionStart !== area.value.length) return false;
    const completion = props.complete(area.value);
    if (completion === undefined) return false;
    const word = area.value.slice(completion.from);
    const only = completion.options.length === 1;
    if (completion.common === word && !only && area.dataset.offered === area.value) return false;
    set(area.value.slice(0, completion.from) + completion.common + (only ? ' ' : ''));
    area.dataset.offered = area.value;
    setOffered(only ? undefined : completion);
    return true;
  };

  const control: Readonly<Record<string, () => boolean>> = {
    c: () => {
      if (hasSelection(field.current!)) return false;
      if (props.running !== undefined || props.waitsFor !== undefined || value() === '') props.onInterrupt();
      set('');
      return true;
    },
    d: () => {
      if (value() !== '' || props.waitsFor !== 'input') return false;
      props.onEnd();
      return true;
    },
    l: () => {
      props.onClear();
      return true;
    },
    u: () => {
      set(value().slice(field.current!.selectionEnd));
      field.current!.setSelectionRange(0, 0);
      return true;
    },
    k: () => {
      set(value().slice(0, field.current!.selectionStart));
      return true;
    },
    a: () => {
      field.current!.setSelectionRange(0, 0);
      return true;
    },
    e: () => {
      set(value());
      return true;
    },
  };
  const keys: Readonly<Record<string, () => boolean>> = {
    Enter: () => {
      submit();
      return true;
    },
    ArrowUp: () => {
      if (value().includes('\n')) return false;
      recall(1);
      return true;
    },
    ArrowDown: () => {
      if (value().includes('\n')) return false;
      recall(-1);
      return true;
    },
    Escape: () => {
      props.onLeave();
      return true;
    },
    Tab: completed,
  };

  return {
    key: (event) => {
      if (event.isComposing || event.altKey || event.metaKey) return;
      const action = event.ctrlKey ? control[event.key.toLowerCase()] : event.shiftKey ? undefined : keys[event.key];
      if (action?.() === true) event.preventDefault();
    },
    paste: (event) => {
      const text = event.clipboardData?.getData('text/plain') ?? '';
      if (!/\r|\n/.test(text.trimEnd())) return;
      event.preventDefault();
      const lines = (value() + text).split(/\r\n|\r|\n/);
      const last = lines.pop() ?? '';
      for (const line of lines) props.onLine(line.replace(/^\$ /, ''));
      set(last.replace(/^\$ /, ''));
    },
    input: () => {
      back.current = 0;
      grow(field.current!);
      setOffered(undefined);
    },
    submit,
  };
}

/** As high as its text, at most four lines. */
function grow(area: HTMLTextAreaElement): void {
  area.style.height = 'auto';
  area.style.height = `${Math.min(area.scrollHeight, 84)}px`;
}

function hasSelection(area: HTMLTextAreaElement): boolean {
  return area.selectionStart !== area.selectionEnd || (getSelection()?.toString() ?? '') !== '';
}
