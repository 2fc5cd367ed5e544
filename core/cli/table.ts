/**
 * Tables as the docker client writes them: Go's text/tabwriter for the columns, and the `--format` language around it
 * (`table`, `table {{.ID}}`, `raw`, `{{json .}}`; docker CLI reference, "Format command and log output").
 */
import { type GoMap, goJson, goMap, withRawJson } from './go.ts';
import { CliError } from './spec.ts';
import { compile, render, TemplateExecError, TemplateSyntaxError } from './template.ts';

/**
 * text/tabwriter: cells end with a tab; a column is as wide as its widest cell plus `padding`, at least `minWidth`; a column
 * goes on only over lines that follow one another. The text after the last tab of a line is in no column.
 */
export function tabulate(text: string, minWidth = 10, padding = 3): string {
  const lines = text.split('\n').map((line) => line.split('\t'));
  const widths = lines.map((cells) => cells.slice(0, -1).map(() => 0));
  lines.forEach((cells, row) => {
    cells.slice(0, -1).forEach((_, column) => {
      if ((widths[row]?.[column] ?? 0) === 0) measure(lines, widths, row, column, minWidth, padding);
    });
  });
  return lines
    .map((cells, row) => cells.map((cell, column) => pad(cell, widths[row]?.[column] ?? 0)).join(''))
    .join('\n');
}

/** Gives one width to the block of consecutive lines that have a cell in `column`. */
function measure(
  lines: string[][],
  widths: number[][],
  from: number,
  column: number,
  minWidth: number,
  padding: number,
) {
  let end = from;
  while (end < lines.length && (lines[end]?.length ?? 0) > column + 1) end++;
  const cells = lines.slice(from, end).map((line) => [...(line[column] ?? '')].length);
  const widest = Math.max(...cells);
  const width = widest === 0 ? 0 : Math.max(widest + padding, minWidth);
  for (let row = from; row < end; row++) (widths[row] as number[])[column] = width;
}

const pad = (cell: string, width: number): string => cell + ' '.repeat(Math.max(0, width - [...cell].length));

/** One kind of list: its columns' headers, its default table, its Go type. */
export interface ListFormat {
  readonly headers: Readonly<Record<string, string>>;
  readonly table: string;
  /** What `--format raw` stands for, where the client knows it. */
  readonly raw?: string;
  readonly rawQuiet?: string;
  /** What `-q` stands for. */
  readonly quiet?: string;
  /** Go type of a row, for error messages. */
  readonly type: string;
  /** What stands before the error of a template that cannot be parsed, or not be executed. */
  readonly parseError?: string;
  readonly executeError?: string;
}

export type Row = Readonly<Record<string, unknown>>;

/** Writes rows in `format`. Throws CliError in the words of the client. */
export function formatList(list: ListFormat, rows: readonly Row[], format: string, quiet = false): string {
  if (format === 'raw' && list.raw !== undefined)
    return lines(list, rows, quiet ? (list.rawQuiet ?? list.raw) : list.raw);
  const plain = format === '' || format === 'table';
  const chosen = plain ? (quiet && list.quiet !== undefined ? list.quiet : list.table) : format;
  if (!chosen.startsWith('table')) return lines(list, rows, unescapeFormat(chosen));
  const columns = unescapeFormat(chosen.slice('table'.length).trim()).replace(/ {2,}/g, '\t');
  return tabulate(lines(list, rows, columns, headerRow(list)));
}

/** The client turns a typed `\\t` and `\\n` into the characters. */
const unescapeFormat = (format: string): string => format.replaceAll('\\t', '\t').replaceAll('\\n', '\n');

/** The header line comes from the same template, executed on the headers. */
const headerRow = (list: ListFormat): GoMap => goMap({ ...list.headers, Label: (name: string) => name });

function lines(list: ListFormat, rows: readonly Row[], source: string, header?: GoMap): string {
  let template: ReturnType<typeof compile>;
  try {
    template = compile(source);
  } catch (error) {
    if (error instanceof TemplateSyntaxError)
      throw new CliError(`${list.parseError ?? 'template parsing error'}: ${error.message}`);
    throw error;
  }
  try {
    const body = rows.map((row) => `${render(template, htmlSafe(row), { type: list.type })}\n`);
    return (header === undefined ? '' : `${render(template, header)}\n`) + body.join('');
  } catch (error) {
    if (error instanceof TemplateExecError)
      throw new CliError(`${list.executeError ?? 'template parsing error'}: ${error.message}`);
    throw error;
  }
}

/** `{{json .}}` of a whole row goes through Go's MarshalJSON, which escapes `<`, `>` and `&`. */
function htmlSafe(row: Row): Row {
  const fields = Object.fromEntries(Object.entries(row).sort(([a], [b]) => (a < b ? -1 : 1)));
  return withRawJson({ ...fields }, () => goJson(fields));
}
