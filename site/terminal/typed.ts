/**
 * The keys of a shell's line, on top of the text field's own: history and search in it (Ctrl-R), completion, Ctrl-C, Ctrl-D,
 * several lines at once.
 *
 * Kept true: a line that is not taken stays in the field, with those behind it; a key that does nothing here does what it
 * does in any text field.
 */
import { useEffect, useRef } from 'preact/hooks';
import type { Completion } from '../../core/index.ts';
import type { PromptProps } from './prompt.tsx';

/** What stands above the line. */
interface Saying {
  readonly offer: (completion: Completion | undefined) => void;
  readonly say: (note: string | undefined) => void;
}

export interface Typed {
  readonly key: (event: KeyboardEvent) => void;
  readonly paste: (event: ClipboardEvent) => void;
  readonly input: () => void;
  readonly submit: () => void;
}

export function useTyped(props: PromptProps, { offer, say }: Saying): Typed {
  const { field, history } = props;
  /** Place in the history, counted from its end; 0: the line that is being typed, which is kept meanwhile. */
  const back = useRef(0);
  const draft = useRef('');
  /** What Ctrl-R looks for. */
  const sought = useRef<string | undefined>(undefined);
  /** The line at which Tab was pressed before the names were known: completed when they are, if it is still there then. */
  const early = useRef<string | undefined>(undefined);
  const value = (): string => field.current?.value ?? '';

  const set = (text: string): void => {
    const area = field.current!;
    area.value = text;
    area.setSelectionRange(text.length, text.length);
    grow(area);
    offer(undefined);
  };
  const forget = (): void => {
    back.current = 0;
    sought.current = undefined;
    say(undefined);
  };
  /** Hands the lines on, until one is refused: that one and the rest stay in the field, before `rest`. */
  const take = (lines: readonly string[], rest: string): void => {
    for (const [i, line] of lines.entries()) {
      const refused = props.onLine(line);
      if (refused === undefined) continue;
      set([...lines.slice(i), ...(rest === '' ? [] : [rest])].join('\n'));
      say(refused);
      return;
    }
    set(rest);
  };
  const submit = (): void => {
    forget();
    take(value().split('\n'), '');
    field.current?.focus();
  };
  const recall = (by: number): void => {
    const to = Math.max(0, Math.min(history.length, back.current + by));
    if (to === back.current) return;
    sought.current = undefined;
    say(undefined);
    if (back.current === 0) draft.current = value();
    back.current = to;
    set(to === 0 ? draft.current : history[history.length - to]!);
  };
  /** The next earlier line that holds what was typed when Ctrl-R was first pressed. */
  const search = (): void => {
    sought.current ??= value();
    const text = sought.current;
    for (let to = back.current + 1; to <= history.length; to++) {
      const line = history[history.length - to]!;
      if (!line.includes(text) || line === value()) continue;
      if (back.current === 0) draft.current = value();
      back.current = to;
      set(line);
      say(text === '' ? undefined : `earlier line with “${text}”; Ctrl-R: one before it`);
      return;
    }
    say(text === '' ? 'no earlier line' : `no earlier line with “${text}”`);
  };
  /** True when there was something to complete. */
  const completed = (): boolean => {
    const area = field.current!;
    if (area.selectionStart !== area.selectionEnd || area.selectionStart !== area.value.length) return false;
    const completion = props.complete(area.value);
    if (completion === undefined) {
      if (props.known || area.value.trim() === '' || early.current === area.value) return false;
      early.current = area.value;
      return true;
    }
    const word = area.value.slice(completion.from);
    const only = completion.options.length === 1;
    if (completion.common === word && !only && area.dataset.offered === area.value) return false;
    set(area.value.slice(0, completion.from) + completion.common + (only ? ' ' : ''));
    area.dataset.offered = area.value;
    offer(only ? undefined : completion);
    return true;
  };

  useEffect(() => {
    if (props.known && early.current !== undefined && early.current === value()) completed();
    early.current = undefined;
  }, [props.known]);

  const control: Readonly<Record<string, () => boolean>> = {
    c: () => {
      if (hasSelection(field.current!)) return false;
      if (props.running !== undefined || props.waitsFor !== undefined || value() === '') props.onInterrupt();
      forget();
      set('');
      return true;
    },
    d: () => {
      // As in a shell: at the end of a line that is not empty it ends nothing.
      if (value() !== '' || (props.waitsFor !== 'input' && props.tty === undefined && props.running === undefined))
        return false;
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
    r: () => {
      search();
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
  /** Keys with Ctrl that are a program's, where one has a terminal: code 64 less than the sign's. */
  const forProgram = ({ key, ctrlKey }: KeyboardEvent): boolean => {
    if (!ctrlKey || props.tty === undefined || !/^[goptqsvxz\\\]^_]$/i.test(key)) return false;
    props.onKey(String.fromCharCode(key.toUpperCase().charCodeAt(0) - 64));
    return true;
  };
  /** A program's shell completes what is typed, and lists the ways at the second press; then Tab leaves again. */
  const given = useRef(0);
  const completedThere = (): boolean => {
    const text = value();
    if (text === '' && given.current !== 1) return false;
    given.current = text === '' ? 2 : 1;
    set('');
    props.onKey(`${text}\t`);
    return true;
  };
  const keys: Readonly<Record<string, () => boolean>> = {
    Backspace: () => {
      if (props.tty === undefined || props.elsewhere || value() !== '') return false;
      props.onKey('\x7f');
      return true;
    },
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
    Tab: () => (props.tty === undefined || props.elsewhere ? completed() : completedThere()),
  };

  return {
    key: (event) => {
      if (event.isComposing || event.altKey || event.metaKey) return;
      if (forProgram(event)) {
        event.preventDefault();
        return;
      }
      if (event.key !== 'Tab') given.current = 0;
      const action = event.ctrlKey ? control[event.key.toLowerCase()] : event.shiftKey ? undefined : keys[event.key];
      if (action?.() === true) event.preventDefault();
    },
    paste: (event) => {
      const text = event.clipboardData?.getData('text/plain') ?? '';
      if (!/\r|\n/.test(text.trimEnd())) return;
      event.preventDefault();
      const lines = (value() + text).split(/\r\n|\r|\n/);
      const [last = '', ...earlier] = lines.map((line) => line.replace(/^\$ /, '')).reverse();
      forget();
      props.onTyping();
      take(earlier.reverse(), last);
    },
    input: () => {
      forget();
      props.onTyping();
      grow(field.current!);
      offer(undefined);
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
