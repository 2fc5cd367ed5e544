/**
 * Records what a real engine and a real kernel answer to the lines of networks.ts, each topic in a fresh engine. Needs root,
 * docker 20.10, iptables and busybox; all of it happens in network, mount and PID namespaces of its own.
 *
 *   node --import tsx test/suites/network/record-networks.ts [TOPIC...]
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import type { Answer } from './lines.ts';
import { networksFixture, plainer, topics } from './networks.ts';
import { answersOf, recordedOn } from './real.ts';

const before = existsSync(networksFixture) ? JSON.parse(readFileSync(networksFixture, 'utf8')).topics : {};
const chosen = process.argv.slice(2);
const recorded: Record<string, readonly Answer[]> = {};
for (const [topic, lines] of Object.entries(topics)) {
  const again = chosen.length === 0 || chosen.includes(topic);
  recorded[topic] = again ? await answersOf(lines, plainer) : before[topic];
  if (again) console.log(`${topic}: ${lines.length} lines`);
}
writeFileSync(networksFixture, `${JSON.stringify({ recordedOn, topics: recorded }, undefined, 1)}\n`);
