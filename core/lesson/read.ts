/**
 * The blocks of a lesson, one reader for each: Markdown with front matter becomes a Lesson. The format is taught in
 * lessons/README.md.
 *
 * Kept true: a block whose name is not known is an error (a misspelt `chalenge` is never shown as text); every error names
 * file, line and column and says what was expected; what is returned satisfies lessonSchema.
 */
import * as v from 'valibot';
import { pictureKinds } from '../diagram/text.ts';
import { UsageError } from '../errors.ts';
import { type Piece, splitMarkdown } from '../transcript/markdown.ts';
import { parseSession, type SourceLine, type TranscriptCommand } from '../transcript/parse.ts';
import { type Field, type FieldKind, keyed, readFields } from './fields.ts';
import { type Goal, goalForms, readGoals } from './goal.ts';
import { type Block, type Choice, type Hint, type Lesson, lessonSchema, type Prose } from './lesson.ts';
import { checkText, lessonLimits } from './limits.ts';
import { parseProse } from './prose.ts';

type Source = Extract<Piece, { kind: 'block' }>;

/** Blocks that a lesson is made of. */
const blockNames = ['console', 'picture', 'question', 'challenge', 'notes', 'setup'];
/** Blocks that are shown as they are. */
const codeNames = ['', 'text', 'sh', 'dockerfile', 'json', 'c', 'go'];

export function readLesson(text: string, file: string): Lesson {
  const source = text.replace(/^\uFEFF/, '').replace(/\r\n?/g, '\n');
  checkText(source, file);
  const { meta, metaLines, pieces } = splitMarkdown(source, file, (name) => !codeNames.includes(name));
  const blocks: Block[] = [];
  const notes: { before: number; text: Prose }[] = [];
  const setup: TranscriptCommand[] = [];
  for (const piece of pieces) {
    if (piece.kind === 'prose')
      blocks.push({ kind: 'prose', ...toProse(piece.markdown, piece, file), line: piece.line });
    else if (piece.name === 'notes')
      notes.push({ before: blocks.length, text: toProse(join(piece.lines), below(piece), file) });
    else if (piece.name === 'setup') setup.push(...readSetup(piece, blocks, file));
    else blocks.push(readBlock(piece, file));
  }
  checkOrder(blocks, file);
  checkCommands(setup, blocks, file);
  const par = blocks.find((block) => block.kind === 'challenge')?.par;
  const lesson = { ...readMeta(meta, file), setup, notes, blocks, file, ...(par === undefined ? {} : { par }) };
  return checked(lesson, metaLines, file);
}

function toProse(markdown: string, { line }: { readonly line: number }, file: string): Prose {
  return { markdown, nodes: parseProse(markdown, { file, line }) };
}
/** Where the text of a block begins: below its fence. */
const below = ({ line }: Source): { readonly line: number } => ({ line: line + 1 });
const join = (lines: readonly SourceLine[]): string => lines.map(({ text }) => text).join('\n');

function fault(at: { readonly line?: number; readonly column?: number }, file: string, what: string, hint?: string) {
  const { line, column } = at;
  const where = { file, ...(line === undefined ? {} : { line }), ...(column === undefined ? {} : { column }) };
  return new UsageError(what, where, hint);
}

function readBlock(source: Source, file: string): Block {
  const { name, line } = source;
  if (name === 'console') return { kind: 'console', commands: parseSession(source.lines, file, source), line };
  if (name === 'picture') return readPicture(source, file);
  if (name === 'question') return readQuestion(source, file);
  if (name === 'challenge') return readChallenge(source, file);
  const names = [...blockNames, ...codeNames.filter((code) => code !== '')].join(', ');
  throw fault(source, file, `there is no block "${short(name)}"`, `there are: ${names}`);
}

function readSetup(source: Source, before: readonly Block[], file: string): readonly TranscriptCommand[] {
  if (before.some(({ kind }) => kind !== 'prose'))
    throw fault(source, file, 'the set-up comes too late', 'it stands in front of all other blocks');
  return parseSession(source.lines, file, source);
}

function readPicture(source: Source, file: string): Block {
  const words = join(source.lines).trim();
  const picture = pictureKinds.find((kind) => kind === words);
  if (picture !== undefined) return { kind: 'picture', picture, line: source.line };
  throw fault(
    source.lines[0] ?? source,
    file,
    `there is no picture "${short(words)}"`,
    `there are: ${pictureKinds.join(', ')}`,
  );
}

const questionFields: readonly FieldKind[] = [
  { key: 'choice', shown: '- an answer', begins: /^- +(?=\S)/ },
  { key: 'when', shown: '  true when: GOAL', begins: /^ +true when: */ },
  keyed('because', 'why it is so'),
];

function readQuestion(source: Source, file: string): Block {
  const { text, fields } = readFields(source.lines, questionFields, file);
  if (text === '') throw fault(source, file, 'the question is missing', 'it stands in front of its answers');
  const choices: Choice[] = [];
  let because: Prose | undefined;
  for (const field of fields) {
    const last = choices.at(-1);
    if (field.key === 'choice') choices.push({ text: toProse(field.value, field, file), when: [] });
    else if (field.key === 'because') because = toProse(field.value, field, file);
    else if (last === undefined) throw fault(field, file, 'no answer stands in front of "true when:"');
    else choices[choices.length - 1] = { ...last, when: [...last.when, ...goalsOf(field, file)] };
  }
  if (choices.length < 2)
    throw fault(source, file, 'a question needs two answers at least', 'an answer is a line "- …"');
  if (choices.filter(({ when }) => when.length === 0).length > 1)
    throw fault(source, file, 'only one answer may be without "true when:"', 'it is true when none of the others is');
  const block = { kind: 'question' as const, prompt: toProse(text, below(source), file), choices, line: source.line };
  return because === undefined ? block : { ...block, because };
}

const challengeFields: readonly FieldKind[] = [
  keyed('goal', 'GOAL'),
  keyed('par', 'N'),
  { key: 'hint', shown: 'hint when GOAL: … · hint: …', begins: /^hint(?=:| when )/ },
  { key: 'solution', shown: '$ a command of the solution', begins: /^(?=\$ )/ },
];

function readChallenge(source: Source, file: string): Block {
  const { text, fields } = readFields(source.lines, challengeFields, file);
  const of = (key: string): Field[] => fields.filter((field) => field.key === key);
  const [goals, pars, hints, solution] = [of('goal'), of('par'), of('hint'), of('solution')];
  if (text === '')
    throw fault(source, file, 'the challenge does not say what to do', 'that stands in front of its fields');
  if (goals.length === 0) throw fault(source, file, 'the challenge has no goal', 'add a line "goal: …"');
  const [par] = pars;
  if (par === undefined || pars.length > 1) throw fault(pars[1] ?? source, file, 'a challenge has one line "par: N"');
  if (!/^[1-9]\d{0,2}$/.test(par.value)) throw fault(par, file, `"${short(par.value)}": par is a number of commands`);
  if (solution.length === 0)
    throw fault(source, file, 'the challenge has no solution', 'add its commands, lines "$ …"');
  return {
    kind: 'challenge',
    prompt: toProse(text, below(source), file),
    goals: goals.flatMap((field) => goalsOf(field, file)),
    par: Number(par.value),
    hints: hints.map((field) => readHint(field, file)),
    solution: parseSession(
      solution.map(({ value, line, column }) => ({ text: value, line, column })),
      file,
    ).map(({ expected: _, ...command }) => command),
    line: source.line,
  };
}

/** `hint: text`, or `hint when GOAL: text`. The colon that ends the condition is the first after which a goal is whole. */
function readHint(field: Field, file: string): Hint {
  if (field.value.startsWith(':'))
    return { when: [], text: toProse(nonEmpty(field, field.value.slice(1), file), field, file) };
  const condition = field.value.slice('when '.length);
  for (let at = condition.indexOf(': '); at >= 0; at = condition.indexOf(': ', at + 1)) {
    const when = readGoals(condition.slice(0, at));
    if (when !== undefined) return { when, text: toProse(nonEmpty(field, condition.slice(at + 1), file), field, file) };
  }
  const place = { ...field, column: field.column + 'when '.length };
  throw notAGoal(place, condition.split(': ')[0] ?? '', file);
}

function nonEmpty(field: Field, text: string, file: string): string {
  if (text.trim() !== '') return text.trim();
  throw fault(field, file, 'the hint says nothing');
}

function goalsOf(field: Field, file: string): readonly Goal[] {
  const goals = readGoals(field.value);
  if (goals === undefined) throw notAGoal(field, field.value, file);
  return goals;
}

const short = (text: string): string => (text.length > 100 ? `${text.slice(0, 99)}…` : text);

function notAGoal(at: { readonly line: number; readonly column: number }, text: string, file: string): UsageError {
  return fault(at, file, `"${short(text)}" is no goal`, `a goal is one of these:\n  ${goalForms.join('\n  ')}`);
}

/** Commands are typed into a terminal, whose line is as long as this. */
function checkCommands(setup: readonly TranscriptCommand[], blocks: readonly Block[], file: string): void {
  const all = blocks.flatMap((block) => {
    if (block.kind === 'console') return block.commands;
    return block.kind === 'challenge' ? block.solution : [];
  });
  for (const { command, line, column } of [...setup, ...all]) {
    if (command.length > lessonLimits.field)
      throw fault(
        { line, column },
        file,
        `the command has ${command.length} characters`,
        `a command has ${lessonLimits.field} at most`,
      );
  }
}

function checkOrder(blocks: readonly Block[], file: string): void {
  const first = blocks.findIndex(({ kind }) => kind === 'challenge');
  for (const [i, block] of blocks.entries()) {
    if (block.kind === 'question' && blocks[i + 1]?.kind !== 'console')
      throw fault(
        { ...block, column: 1 },
        file,
        'a question stands right before a console block',
        'the commands of that block answer it',
      );
    if (first >= 0 && i > first && (block.kind === 'console' || block.kind === 'challenge'))
      throw fault(
        { ...block, column: 1 },
        file,
        'a lesson ends with its challenge',
        'only prose and pictures may come after it',
      );
  }
  if (!blocks.some(({ kind }) => kind === 'console'))
    throw fault(
      {},
      file,
      'no command found',
      'commands are read from ```console blocks, from lines that begin with "$ "',
    );
}

const keys = ['id', 'title', 'minutes', 'needs'];

function readMeta(meta: Readonly<Record<string, string>>, file: string) {
  for (const key of keys.slice(0, 3))
    if (meta[key] === undefined) {
      throw fault(
        { line: 1, column: 1 },
        file,
        `front matter: "${key}: …" is missing`,
        `there are: ${keys.join(', ')}`,
      );
    }
  const needs = (meta.needs ?? '').split(',').map((id) => id.trim());
  return {
    id: meta.id,
    title: meta.title,
    minutes: Number(meta.minutes),
    needs: needs.filter((id) => id !== ''),
  };
}

function checked(lesson: unknown, metaLines: Readonly<Record<string, number>>, file: string): Lesson {
  for (const [key, line] of Object.entries(metaLines)) {
    if (!keys.includes(key))
      throw fault(
        { line, column: 1 },
        file,
        `front matter: there is no "${short(key)}"`,
        `there are: ${keys.join(', ')}`,
      );
  }
  const result = v.safeParse(lessonSchema, lesson);
  if (result.success) return result.output;
  const [issue] = result.issues;
  const key = String(issue?.path?.[0]?.key);
  const line = metaLines[key];
  const expected = issue?.message;
  throw fault(line === undefined ? {} : { line, column: 1 }, file, `${key}: not as it must be`, expected);
}
