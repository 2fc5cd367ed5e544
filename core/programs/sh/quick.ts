/**
 * Words that can be expanded without a wait, worked out once for each command: all without a command substitution in them.
 *
 * Kept true: the arguments are those that expand.ts would give; what is rare is left to it.
 */
import type { Call } from '../../kernel/sys.ts';
import { type Arithmetic, arithmeticText, quickArithmetic } from './arithquick.ts';
import type { Part, Simple, Word } from './ast.ts';
import { type Builtin, builtins } from './builtins/index.ts';
import { evaluate, expandText, expandWords, unset } from './expand.ts';
import type { Shell } from './shell.ts';
import { now } from './soon.ts';

type Text = (shell: Shell) => string;
type Arguments = (shell: Shell, args: string[]) => void;

/** A simple command whose words need no wait; that its redirections need none is not said. */
export interface Plan {
  readonly name: string;
  /** What the name stands for when no function has it. */
  readonly builtin: Builtin | undefined;
  readonly words: readonly Arguments[];
  readonly assigns: readonly { readonly name: string; readonly value: Text }[];
}

/** These take `a=$b` as an assignment, which is not split. */
const assigning = new Set(['export', 'readonly', 'local', 'alias']);

const plans = new WeakMap<Simple, Plan | 'none'>();

export function planOf(command: Simple): Plan | undefined {
  let plan = plans.get(command);
  if (plan === undefined) {
    plan = makePlan(command) ?? 'none';
    plans.set(command, plan);
  }
  return plan === 'none' ? undefined : plan;
}

function makePlan({ words, assigns }: Simple): Plan | undefined {
  const first = words[0]?.parts;
  const lead = first?.[0];
  const named = first === undefined || (first.length === 1 && lead!.kind === 'text');
  if (!named || (words.length > 0 && assigns.length > 0)) return undefined;
  const name = lead?.kind === 'text' ? lead.text : '';
  if (assigning.has(name) || !words.every(isQuick) || !assigns.every(({ value }) => isQuick(value))) return undefined;
  return {
    name,
    builtin: builtins.get(name),
    words: words.map(argumentsOf),
    assigns: assigns.map(({ name, value }) => ({ name, value: textOf(value, true) })),
  };
}

const quickness = new WeakMap<Word, boolean>();

/** No command is run in it. */
export function isQuick(word: Word): boolean {
  let quick = quickness.get(word);
  if (quick === undefined) {
    quick = word.parts.every(isQuickPart);
    quickness.set(word, quick);
  }
  return quick;
}

function isQuickPart(part: Part): boolean {
  if (part.kind === 'text') return true;
  if (part.kind === 'arith') return isQuick(part.expr);
  if (part.kind === 'command') return false;
  return (part.arg === undefined || isQuick(part.arg)) && (part.arg2 === undefined || isQuick(part.arg2));
}

/** Nothing runs in a word that is quick. */
function nothing(): Call<string> {
  throw new Error('a substitution in a word without one');
}

const texts = new WeakMap<Word, Text>();

/** A quick word as one text: assignments, subjects of `case`. */
export function quickText(shell: Shell, word: Word): string {
  let text = texts.get(word);
  if (text === undefined) {
    text = textOf(word, false);
    texts.set(word, text);
  }
  return text(shell);
}

function textOf(word: Word, assignment: boolean): Text {
  const parts = word.parts.map((part) => plainPart(part));
  if (parts.some((part) => part === undefined)) return (shell) => now(expandText(shell, word, nothing, assignment));
  if (parts.length === 1) return parts[0]!;
  return (shell) => {
    let text = '';
    for (const part of parts) text += part!(shell);
    return text;
  };
}

/** What a part comes to, when that is one text; undefined: it takes more than that. */
function plainPart(part: Part): Text | undefined {
  if (part.kind === 'text') return !part.quoted && part.text.includes('~') ? undefined : () => part.text;
  if (part.kind === 'arith') return arithmetic(part.expr);
  if (part.kind === 'command' || part.op !== undefined || part.name === '@' || part.name === '*') return undefined;
  const { name } = part;
  if (part.length === true) return (shell) => String((shell.get(name) ?? unset(shell, name)).length);
  return (shell) => shell.get(name) ?? unset(shell, name);
}

function arithmetic(expr: Word): Text {
  const only = expr.parts.length === 1 ? expr.parts[0]! : undefined;
  if (only?.kind !== 'text' || only.text.includes('~')) {
    const text = textOf(expr, false);
    return (shell) => computed(shell, text(shell));
  }
  const quick: Arithmetic | undefined = quickArithmetic(only.text);
  if (quick === undefined) return (shell) => computed(shell, only.text);
  return (shell) => quick(shell) ?? computed(shell, only.text);
}

const computed = (shell: Shell, text: string): string => arithmeticText(text, shell) ?? String(evaluate(shell, text));

const defaultIfs = ' \t\n';
/** Could be split, be a pattern, or be quoted. */
const special = /[\s*?[\\]/;

/** A word that nothing happens to: letters, digits and the like. Short ones are looked through faster than by the expression. */
function isPlain(text: string): boolean {
  if (text.length > 32) return !special.test(text);
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    // From `-` to `9`: - . / and digits; from `a` on letters, braces, and what is no ASCII.
    if (!((unit >= 45 && unit <= 57) || (unit >= 97 && unit <= 126))) return !special.test(text);
  }
  return text !== '';
}
/** As a word of its own no pattern: the command `[`. */
const bracket = /^\[{1,2}$/;

function argumentsOf(word: Word): Arguments {
  const slowly: Arguments = (shell, args) => {
    args.push(...now(expandWords(shell, [word], nothing)));
  };
  const { parts } = word;
  if (parts.length === 0) return slowly;
  const text = parts.map((part) => plainPart(part)).includes(undefined) ? undefined : textOf(word, false);
  if (text === undefined) return slowly;
  if (parts.every((part) => part.quoted)) {
    return (shell, args) => {
      args.push(text(shell));
    };
  }
  const isPattern = (part: Part): boolean =>
    part.kind === 'text' && !part.quoted && special.test(part.text) && !(parts.length === 1 && bracket.test(part.text));
  if (parts.some(isPattern)) return slowly;
  if (parts.length === 1 && parts[0]!.kind === 'text') {
    return (shell, args) => {
      args.push(text(shell));
    };
  }
  // What may have to be done again must not change anything.
  if (parts.length > 1 && parts.some(({ kind }) => kind === 'arith')) return slowly;
  return (shell, args) => {
    const plain = (shell.variables.get('IFS')?.value ?? defaultIfs) === defaultIfs;
    const found = plain ? text(shell) : '';
    if (found !== '' && isPlain(found)) args.push(found);
    else slowly(shell, args);
  };
}
