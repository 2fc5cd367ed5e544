/**
 * Records what a real engine with its bridge and a real kernel answer to the lines of lines.ts. Needs root, docker 20.10, iptables
 * and busybox; all of it happens in network, mount and PID namespaces of its own.
 *
 *   node --import tsx test/suites/network/record.ts
 */
import { writeFileSync } from 'node:fs';
import { fixture, lines, plain } from './lines.ts';
import { answersOf, recordedOn } from './real.ts';

const answers = await answersOf(lines, plain);
writeFileSync(fixture, `${JSON.stringify({ recordedOn, answers }, undefined, 1)}\n`);
console.log(`${answers.length} lines`);
