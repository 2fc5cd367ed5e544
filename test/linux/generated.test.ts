/**
 * Scripts by chance on the real busybox and in the simulation: same output, messages, exit status and files. The seed is
 * printed when they differ; SEED=n repeats a run, SCRIPTS=n makes more of them. `test/linux/hunt.ts` shows all that differ.
 */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { byChance } from '../core/programs/chance/chance.ts';
import { script } from '../core/programs/chance/commands.ts';
import { simulate } from '../core/programs/simulate.ts';
import { gated, needs } from '../support/needs.ts';
import { answersTo } from './ask-again.ts';
import { realBusybox } from './real-busybox.ts';

const seed = Number(process.env.SEED ?? 20221);
const count = Number(process.env.SCRIPTS ?? 150);
/** So that a batch stays well within the time that a batch is given. */
const inOneGo = 500;
const check = gated(test, await needs('root', 'busybox'));

check(`${count} scripts by chance (SEED=${seed})`, () => {
  const real = realBusybox();
  try {
    const scripts = byChance(script, seed, count);
    for (let from = 0; from < scripts.length; from += inOneGo) {
      const simulated = scripts.slice(from, from + inOneGo).map((text) => ({ script: text, ...simulate(text) }));
      for (const [i, answer] of answersTo(real, simulated).entries())
        assert.equal(simulated[i], answer, `SEED=${seed} SCRIPTS=${count}`);
    }
  } finally {
    real.close();
  }
});

test.run();
