/**
 * Gates tests by what the machine has (backend/probe.ts). A test whose requirement is missing is skipped, counted and named
 * with the reason; with CI=true it fails.
 */
import type { Test } from 'uvu';
import { probe, type RequirementName } from '../../backend/probe.ts';
import { which } from '../../backend/tools.ts';

/** Programs that only tests need: other readers and writers of archives. Their Debian packages have the same names. */
const testPrograms = ['podman', 'skopeo', 'umoci', 'debootstrap'] as const;
type TestProgram = (typeof testPrograms)[number];

const isTestProgram = (name: string): name is TestProgram => (testPrograms as readonly string[]).includes(name);

/** undefined when all are met, else what is missing. */
export async function needs(...names: (RequirementName | TestProgram)[]): Promise<string | undefined> {
  const programs = names.filter(isTestProgram).filter((name) => which(name) === undefined);
  const findings = await probe(names.filter((name): name is RequirementName => !isTestProgram(name)));
  const missing = [
    ...findings
      .filter((finding) => !finding.met)
      .map(({ name, detail, remedy }) => `${name}: ${detail} (${remedy ?? 'no remedy'})`),
    ...programs.map((name) => `${name}: no ${name} (apt-get install ${name})`),
  ];
  return missing.length === 0 ? undefined : missing.join('; ');
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
