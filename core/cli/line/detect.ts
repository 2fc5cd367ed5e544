/** Where in a line docker is called: decides which parts are ours to carry out and which the host's shell gets. */
import type { Command, Part, Script, Simple, Word } from '../../programs/sh/ast.ts';

/** The text of a word that is nothing but text. */
export function literal(word: Word | undefined): string | undefined {
  if (word === undefined || word.parts.some((part) => part.kind !== 'text')) return undefined;
  return word.parts.map((part) => (part.kind === 'text' ? part.text : '')).join('');
}

export const isDocker = (command: Command): boolean =>
  command.kind === 'simple' && /^(\/usr\/bin\/)?docker$/.test(literal(command.words[0]) ?? '');

/** Does docker have to be called for this? */
export const scriptCalls = (script: Script): boolean =>
  script.items.some((item) => item.pipelines.some((pipeline) => pipeline.commands.some(commandCalls)));

export function commandCalls(command: Command): boolean {
  if (isDocker(command)) return true;
  switch (command.kind) {
    case 'simple':
      return [...command.words, ...command.assigns.map(({ value }) => value), ...targets(command)].some(wordCalls);
    case 'if':
      return [command.test, command.then, ...(command.else ? [command.else] : [])].some(scriptCalls);
    case 'loop':
      return [command.test, command.body].some(scriptCalls);
    case 'for':
      return scriptCalls(command.body) || (command.words ?? []).some(wordCalls);
    case 'case':
      return wordCalls(command.word) || command.items.some(({ body }) => scriptCalls(body));
    case 'function':
      return commandCalls(command.body);
    default:
      return scriptCalls(command.body);
  }
}

const targets = (command: Command): readonly Word[] => command.redirs.map(({ target }) => target);

export const wordCalls = (word: Word): boolean => word.parts.some(partCalls);

export function partCalls(part: Part): boolean {
  if (part.kind === 'command') return scriptCalls(part.script);
  if (part.kind === 'arith') return wordCalls(part.expr);
  if (part.kind !== 'param') return false;
  return [part.arg, part.arg2].some((word) => word !== undefined && wordCalls(word));
}

const runners = new Set([
  'xargs',
  'time',
  'timeout',
  'nohup',
  'env',
  'watch',
  'exec',
  'command',
  'sudo',
  'nice',
  'eval',
]);

/** A program that would have to call docker in its turn, by name; the host's shell has no docker. */
export function callsThrough(command: Simple): string | undefined {
  const name = literal(command.words[0]) ?? '';
  const asks = runners.has(name) && command.words.slice(1).some((word) => literal(word) === 'docker');
  return asks ? name : undefined;
}
