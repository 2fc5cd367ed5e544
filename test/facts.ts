/**
 * The table of kernel facts: what each line shows on the simulation and on the real kernel here.
 *
 *   npm run facts [-- THEME...]
 *
 * Exit code 1 when one of the two says otherwise than the fact does. Without root the real column is left out.
 */
import { createLinuxTarget } from '../backend/linux-target.ts';
import { linuxNeeds } from '../backend/probe.ts';
import { createSimTarget, type Target } from '../core/index.ts';
import { type Fact, look } from './suites/facts/fact.ts';
import { hostFor, themes } from './suites/facts/themes.ts';
import { needs } from './support/needs.ts';

const wanted = process.argv.slice(2);
const missing = await needs(...linuxNeeds, 'networks');
let wrong = 0;

const shown = (text: string): string => text.replaceAll('\n', ' ⏎ ').replaceAll('|', '\\|');

function agrees({ shows, between }: Fact, on: 'sim' | 'real', said: string): boolean {
  if (on === 'sim' || between === undefined) return said === shows;
  return Number(said) >= between[0] && Number(said) <= between[1];
}

async function cell(fact: Fact, on: 'sim' | 'real', target: Target | undefined): Promise<string> {
  if (target === undefined) return '–';
  const said = await look(target, fact);
  if (agrees(fact, on, said)) return shown(said);
  wrong += 1;
  return `**${shown(said)}** (not: ${shown(fact.shows)})`;
}

for (const [theme, facts] of Object.entries(themes)) {
  if (wanted.length > 0 && !wanted.includes(theme)) continue;
  process.stdout.write(`\n## ${theme}\n\n| fact | sim | real |\n|---|---|---|\n`);
  const sim = createSimTarget(hostFor(theme));
  const real = missing === undefined ? await createLinuxTarget(hostFor(theme)) : undefined;
  for (const fact of facts) {
    const row = [fact.fact, await cell(fact, 'sim', sim), await cell(fact, 'real', real)];
    process.stdout.write(`| ${row.join(' | ')} |\n`);
  }
  await sim.close();
  await real?.close();
}
process.stdout.write(`\n${wrong === 0 ? 'all as the facts say' : `${wrong} not as the facts say`}\n`);
if (missing !== undefined) process.stdout.write(`no real kernel: ${missing}\n`);
process.exitCode = wrong === 0 ? 0 : 1;
