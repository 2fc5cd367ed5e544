/**
 * Gates tests by what the machine has (backend/probe.ts). A test whose requirement is missing is skipped, counted and named
 * with the reason; with CI=true it fails.
 */
import type { Test } from 'uvu';
import { probe, type RequirementName } from '../../backend/probe.ts';

/** undefined when all are met, else what is missing. */
export async function needs(...names: RequirementName[]): Promise<string | undefined> {
  const missing = (await probe(names)).filter((finding) => !finding.met);
  if (missing.length === 0) return undefined;
  return missing.map((finding) => `${finding.name}: ${finding.detail} (${finding.remedy ?? 'no remedy'})`).join('; ');
}

/** `test` itself when nothing is missing; else what takes its place. */
export function gated(
  test: Test,
  missing: string | undefined,
): (name: string, body: () => void | Promise<void>) => void {
  if (missing === undefined) return (name, body) => test(name, body);
  return (name, body) => {
    if (process.env.CI === 'true') {
      test(name, () => {
        throw new Error(`nothing may be skipped here, but ${missing}`);
      });
      return;
    }
    console.log(`skipped: ${name}: ${missing}`);
    test.skip(name, body);
  };
}
