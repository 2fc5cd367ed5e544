/**
 * Go templates for `--format` and `-f`: the door to template/. What the docker client prints for a bad template differs from
 * command to command, so errors come out bare (`template: :1: …`) and the commands put their words in front.
 */
import { type ExecuteOptions, execute } from './template/execute.ts';
import { functions } from './template/functions.ts';
import { parseTemplate, type Template } from './template/parse.ts';

export { TemplateExecError } from './template/execute.ts';
export { TemplateSyntaxError } from './template/lex.ts';
export type { ExecuteOptions, Template };

const names: ReadonlySet<string> = new Set(Object.keys(functions));

/** Throws TemplateSyntaxError. */
export const compile = (source: string): Template => parseTemplate(source, names);

/** Throws TemplateExecError. */
export const render = (template: Template, data: unknown, options?: ExecuteOptions): string =>
  execute(template, data, options);
