/**
 * The network picture of a lab: after the same lines the same picture as of the simulation, but for names and numbers that are
 * drawn by chance.
 */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createLinuxTarget } from '../../backend/linux-target.ts';
import { linuxNeeds } from '../../backend/probe.ts';
import { createSimTarget, type NetBox, networkOf, type Observation, toScene } from '../../core/index.ts';
import { bridged } from '../../site/pictures/gallery/scenes.ts';
import { gated, needs } from '../support/needs.ts';

const test = suite('the picture of networks, sim beside linux');
const check = gated(test, await needs(...linuxNeeds, 'networks'));

const random = (text: string): string =>
  text
    .replace(/\bveth[0-9a-f]{7}\b/g, 'veth…')
    .replace(/\bbr-[0-9a-f]{12}\b/g, 'br-…')
    .replace(/\bPID \d+/g, 'PID …')
    .replace(/\b[0-9a-f]{4}…/g, 'ID…');

/** Hardware addresses that follow from an address are kept, others are drawn by chance. */
const shape = ({ title, kind, mark, devices, routes, forwards, masked, apart, names }: NetBox): unknown => ({
  title: random(title),
  kind,
  mark,
  devices: devices
    .map(({ name, type, mac, mtu, up, addresses, master, other, network, internal, mark: own }) =>
      random(
        JSON.stringify([
          ...[name, type, type === 'veth' && /^02:42:ac:1/.test(mac) ? mac : '', mtu, up, addresses, master],
          ...[other?.name, other?.where, network, internal, own],
        ]),
      ),
    )
    .sort(),
  routes: routes.map(({ to, via, dev, mark: own }) => random(`${to} ${via} ${dev} ${own}`)).sort(),
  forwards: forwards.map(({ target, key: _, ...rest }) => JSON.stringify([rest, target?.where])).sort(),
  masked: [...masked].sort(),
  apart: apart.map(random).sort(),
  names: names.map(random),
});

const picture = (now: Observation, before: Observation): unknown => {
  const { boxes, gone, unknown } = networkOf(toScene(now, before));
  return { boxes: boxes.map(shape), gone: gone.map(random).sort(), unknown };
};

const more = ['docker rm -f web', 'docker network prune -f'];

for (const [story, lines] of Object.entries(bridged)) {
  check(story, async () => {
    const sim = createSimTarget({ bridge: true, interactive: true });
    const linux = await createLinuxTarget({ bridge: true });
    try {
      let before = [sim.observeSync(), await linux.observe()] as const;
      for (const line of [...lines.slice(0, 6), ...(story === 'crowd' ? [] : more)]) {
        const [a, b] = [sim.runSync(line), await linux.run(line)];
        assert.is(b.exitCode, a.exitCode, `${line}: ${a.stderr}${b.stderr}`);
        const now = [sim.observeSync(), await linux.observe()] as const;
        assert.equal(picture(now[1], before[1]), picture(now[0], before[0]), line);
        before = now;
      }
    } finally {
      await linux.close();
    }
  });
}

test.run();
