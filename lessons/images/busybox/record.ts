/**
 * Records the busybox of this machine as the one that the simulation knows: writes core/image/busybox.json.
 *
 *   node --import tsx lessons/images/busybox/record.ts [/bin/busybox]
 */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { recordBusybox } from '../../../core/index.ts';

const program = process.argv[2] ?? '/bin/busybox';
const applets = execFileSync(program, ['--list'], { encoding: 'utf8' }).trim().split('\n');
const banner = execFileSync(program, { encoding: 'utf8' }).split(' multi-call')[0]!;
const record = recordBusybox(banner, readFileSync(program), applets);
const target = fileURLToPath(new URL('../../../core/image/busybox.json', import.meta.url));
writeFileSync(target, `${JSON.stringify(record, undefined, 1)}\n`);
console.log(`${banner}: layer ${record.diffId}`);
