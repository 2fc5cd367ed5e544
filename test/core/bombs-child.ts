/** Gives one hostile archive to the simulation; for a process whose memory is bounded (hostile-memory.test.ts). */
import { createSimTarget } from '../../core/index.ts';
import { hostileCases } from '../suites/hostile/all.ts';
import { play } from '../suites/hostile/play.ts';

const one = hostileCases.find(({ name }) => name === process.argv[2]);
if (one === undefined) throw new Error(`there is no case "${process.argv[2]}"`);
const { code, stderr } = await play(createSimTarget(), one);
console.log(JSON.stringify({ code, stderr, peak: Math.round(process.resourceUsage().maxRSS / 1024) }));
