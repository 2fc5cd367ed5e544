/**
 * Forms of goals: a sentence with slots, which fields its slots fill, and how it is judged. Reading, writing, the schema and
 * the list of forms in messages are all made from the one sentence, so they cannot disagree.
 *
 * In a sentence `<field>` is a slot; `{many|one}` are two spellings, of which the second is written when the goal's number
 * is 1, and both are read.
 */
import * as v from 'valibot';
import type { Observation } from '../../observation.ts';
import type { Slot } from './slot.ts';

type Fields = Readonly<Record<string, Slot<unknown>>>;
type Value<S> = S extends Slot<infer T> ? T : never;
type Values<F> = { readonly [P in keyof F]: Value<F[P]> };

/** Plain data of a goal of one form. */
export type GoalData<K extends string, F> = { readonly kind: K } & Values<F>;

export interface Form<K extends string = string, G extends { readonly kind: string } = { readonly kind: K }> {
  readonly kind: K;
  /** The sentence as it is shown to people: `container NAME is STATUS`. */
  readonly words: string;
  readonly schema: v.GenericSchema<unknown, G>;
  /** The goal that a text says in this form. */
  read(text: string): G | undefined;
  write(goal: G): string;
  /** Undefined when the goal is met, else what is missing, in words. */
  missing(goal: G, observation: Observation): string | undefined;
}

/** A form, from its sentence. */
export function form<const K extends string, const F extends Fields>(
  kind: K,
  sentence: string,
  fields: F,
  missing: (goal: GoalData<K, F>, observation: Observation) => string | undefined,
): Form<K, GoalData<K, F>> {
  type Goal = GoalData<K, F>;
  const { pattern, order } = compile(sentence, fields);
  const entries = Object.fromEntries(Object.entries(fields).map(([field, slot]) => [field, slot.schema]));
  return {
    kind,
    words: fill(sentence, (field) => fields[field]!.shown, false),
    // The entries come from a table, so their types are known here only as Values<F>.
    schema: v.strictObject({ kind: v.literal(kind), ...entries }) as unknown as v.GenericSchema<unknown, Goal>,
    read: (text) => {
      const match = pattern.exec(text);
      if (match === null) return undefined;
      const values = order.map((field, i) => [field, fields[field]!.read(match[i + 1]!)]);
      return { kind, ...Object.fromEntries(values) } as Goal;
    },
    write: (goal) => {
      const value = (field: string): unknown => (goal as Readonly<Record<string, unknown>>)[field];
      const one = order.some((field) => value(field) === 1 && fields[field]!.shown === 'N');
      return fill(sentence, (field) => fields[field]!.write(value(field)), one);
    },
    missing,
  };
}

const parts = /<(\w+)>|\{(.*?)\|(.*?)\}/g;

function fill(sentence: string, slot: (field: string) => string, one: boolean): string {
  return sentence.replace(parts, (_, field: string | undefined, many: string, single: string) =>
    field === undefined ? (one ? single : many) : slot(field),
  );
}

function compile(sentence: string, fields: Fields) {
  const order: string[] = [];
  const source = sentence.replace(parts, (_, field: string | undefined, many: string, one: string) => {
    if (field === undefined) return `(?:${many}|${one})`;
    order.push(field);
    return `(${fields[field]!.pattern})`;
  });
  return { pattern: new RegExp(`^${source.replace(/ /g, ' +')}$`), order };
}
