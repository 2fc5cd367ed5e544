/**
 * The network picture: what is in it agrees with what `ip` and `docker` say on the same host, namespaces made by hand stand beside
 * containers', marks are on what the last command did, and all three forms tell the same.
 */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { keys } from '../../../core/diagram/svg/keys.ts';
import {
  createSimTarget,
  drawMermaid,
  drawSvg,
  drawText,
  layoutNetwork,
  lightNetwork,
  type NetBox,
  networkOf,
  type Scene,
  type SimTarget,
  toScene,
} from '../../../core/index.ts';
import { bridged, momentsOf, sceneOf } from '../../../site/pictures/gallery/scenes.ts';
import { checkBoxes } from './boxes.ts';
import { parseMermaid } from './mermaid-parser.ts';

const moment = (name: string): Scene => sceneOf(bridged[name]!, true);
const boxOf = (scene: Scene, title: string): NetBox => {
  const found = networkOf(scene).boxes.find((box) => box.title === title);
  assert.ok(found, `${title} is not among ${networkOf(scene).boxes.map((box) => box.title)}`);
  return found;
};

/** Everything that the picture says, one thing a line. */
const said = (scene: Scene): string => drawText('network', scene, { width: 200 });

function played(lines: readonly string[], bridge = true): { target: SimTarget; scene: Scene } {
  const target = createSimTarget({ bridge, interactive: true });
  let before = target.observeSync();
  for (const line of lines) {
    before = target.observeSync();
    const { exitCode, stderr } = target.runSync(line);
    assert.is(exitCode, 0, `${line}: ${stderr}`);
  }
  return { target, scene: toScene(target.observeSync(), before) };
}

/** `eth0 172.17.0.2/16` of what `ip -f inet addr` prints. */
function shown(text: string): string[] {
  let name = '';
  const found: string[] = [];
  for (const row of text.split('\n')) {
    name = /^\d+: ([^:@]+)/.exec(row)?.[1] ?? name;
    const address = /^ +inet (\S+)/.exec(row)?.[1];
    if (address !== undefined) found.push(`${name} ${address}`);
  }
  return found.sort();
}

const drawn = (box: NetBox): string[] =>
  box.devices.flatMap(({ name, addresses }) => addresses.map((address) => `${name} ${address}`)).sort();

test('addresses and routes are those that ip shows, on the host and in each container', () => {
  const { target, scene } = played(bridged.shared!);
  const places = [
    ['host, wide', ''],
    ['web, side', 'docker exec web '],
    ['bare', 'docker exec bare '],
  ] as const;
  for (const [title, prefix] of places) {
    const box = boxOf(scene, title);
    assert.equal(drawn(box), shown(target.runSync(`${prefix}ip -f inet addr`).stdout), title);
    const routes = target.runSync(`${prefix}ip route`).stdout.split('\n').filter(Boolean);
    assert.equal(
      box.routes.map(({ to, via, dev }) => `${to} ${via === undefined ? '' : `via ${via} `}dev ${dev} `).sort(),
      routes.map((row) => row.replace(/(dev \S+ ).*/, '$1')).sort(),
      title,
    );
  }
});

test('who shares a namespace stands in one box; who has the host’s in the host’s', () => {
  const scene = moment('shared');
  assert.equal(
    networkOf(scene).boxes.map(({ title, kind }) => `${kind} ${title}`),
    ['host host, wide', 'container web, side', 'container bare'],
  );
  assert.equal(
    boxOf(scene, 'bare').devices.map(({ name }) => name),
    ['lo'],
  );
  assert.match(said(scene), /br-\w+ .* bridge of network back · internal: nothing goes out/);
});

test('both ends of a pair name each other, and the port its bridge', () => {
  for (const name of Object.keys(bridged)) {
    const { boxes } = networkOf(moment(name));
    const all = new Map(boxes.flatMap(({ devices }) => devices.map((device) => [device.key, device] as const)));
    const ends = [...all.values()].filter(({ type }) => type === 'veth');
    assert.ok(ends.length > 0, name);
    for (const end of ends) {
      assert.is(all.get(end.other!.key)?.other?.key, end.key, `${name}: ${end.name}`);
      if (end.master !== undefined) assert.ok(boxes[0]!.devices.some((each) => each.name === end.master));
    }
  }
});

test('a published port leads to the device with the address, and is in the table of NAT rules', () => {
  const { target, scene } = played(bridged.published!);
  const [host] = networkOf(scene).boxes;
  const rules = target.runSync('iptables -t nat -S DOCKER').stdout;
  assert.is(host!.forwards.length, 2);
  for (const { hostPort, ip, port, target: to } of host!.forwards) {
    assert.match(rules, new RegExp(`--dport ${hostPort} .*--to-destination ${ip}:${port}`));
    assert.is(to!.where, 'web');
  }
  assert.match(said(scene), /port {3}8080\/tcp → 172\.17\.0\.2:80 of web/);
  assert.match(said(scene), /port {3}127\.0\.0\.1:5353\/udp → 172\.17\.0\.2:53 of web/);
});

test('a network of one’s own: its bridge, its members, their names, and what keeps it apart', () => {
  const scene = moment('own-network');
  const [host] = networkOf(scene).boxes;
  const bridge = host!.devices.find(({ network }) => network === 'front')!;
  assert.is(host!.devices.filter(({ master }) => master === bridge.name).length, 2);
  assert.equal(new Set(host!.apart), new Set(['docker0', bridge.name]));
  for (const name of ['web', 'db']) {
    const box = boxOf(scene, name);
    assert.is(box.devices.find(({ type }) => type === 'veth')!.network, 'front');
    assert.match(box.names.join(), new RegExp(`^${name}, .*on front$`));
  }
});

test('what is made by hand with unshare and ip appears as a container’s does, step by step and marked', () => {
  const moments = momentsOf(bridged['by-hand']!, true);
  const hand = (scene: Scene): NetBox => networkOf(scene).boxes.find(({ kind }) => kind === 'hand')!;
  assert.is(hand(moments[2]!).mark, 'new');
  assert.equal(
    hand(moments[2]!).devices.map(({ name, up }) => [name, up]),
    [['lo', false]],
  );
  const marks = (scene: Scene): string[] =>
    networkOf(scene).boxes.flatMap((box) =>
      [...box.devices, ...box.routes].flatMap((item) =>
        item.mark === undefined ? [] : [`${item.mark} ${'name' in item ? item.name : item.to}`],
      ),
    );
  assert.equal(marks(moments[3]!).sort(), ['new v0', 'new veth0']);
  assert.equal(marks(moments[4]!).sort(), ['changed v0', 'new 10.0.0.0/24', 'new veth0']);
  const [moved] = hand(moments[4]!).devices.filter(({ name }) => name === 'veth0');
  assert.is(moved!.other!.name, 'v0');
  assert.equal(networkOf(moments[4]!).gone, ['device veth0 of host']);
});

test('the same picture after the engine and after ip alone', () => {
  const byHand = [
    'unshare -n sleep 1000 & echo $! >/tmp/p; sleep 1',
    'ip link add br0 type bridge; ip addr add 172.30.0.1/16 dev br0; ip link set br0 up',
    'ip link add v0 type veth; ip link set v0 master br0; ip link set v0 up',
    'ip link set veth0 netns $(cat /tmp/p)',
    'nsenter -t $(cat /tmp/p) -n sh -c "ip link set lo up; ip addr add 172.30.0.2/16 dev veth0; ip link set veth0 up; ip route add default via 172.30.0.1"',
  ];
  const shape = (scene: Scene, skip: string): unknown =>
    networkOf(scene).boxes.map(({ devices, routes }) => [
      devices
        .filter(({ name }) => name !== skip)
        .map(({ type, up, mtu, addresses, master }) => [type, up, mtu, addresses.length, master !== undefined]),
      routes
        .filter(({ dev }) => dev !== skip)
        .map(({ to, via }) => [to === 'default', via !== undefined])
        .sort(),
    ]);
  const own = [
    'docker network create --subnet 172.30.0.0/16 front',
    'docker run -d --network front busybox sleep 1000',
  ];
  assert.equal(shape(played(own).scene, 'docker0'), shape(played(byHand).scene, 'docker0'));
});

test('a first container changes no bridge but adds a port to it', () => {
  const { boxes } = networkOf(moment('published'));
  const marks = boxes[0]!.devices.map(({ name, mark }) => [name.replace(/^veth.*/, 'veth'), mark]);
  assert.equal(marks, [
    ['lo', undefined],
    ['docker0', undefined],
    ['veth', 'new'],
  ]);
});

test('what goes is named: a container, its pair and its port; a network', () => {
  const lines = [...bridged.published!, 'docker network create front', 'docker rm -f web'];
  const { gone } = networkOf(played(lines).scene);
  assert.ok(gone.includes('network namespace of web'));
  assert.ok(gone.includes('port 8080/tcp'));
  assert.ok(gone.some((each) => /^device veth\w+ of host$/.test(each)));
  const later = networkOf(played([...lines, 'docker network rm front']).scene).gone;
  assert.is(later.length, 1);
  assert.match(later[0]!, /^device br-\w+ of host$/);
});

test('nothing marked where nothing happened, nor without a moment before', () => {
  const { target } = played(bridged.shared!);
  const now = target.observeSync();
  for (const scene of [toScene(now), toScene(target.observeSync(), now)]) {
    assert.not.match(said(scene), /^[│┃] [+*]|^[┌┏]━? [+*]/m);
    assert.equal(networkOf(scene).gone, []);
  }
});

test('without docker0 each container has its loopback, and nothing is claimed beside it', () => {
  const { scene } = played(
    ['docker run -d --name web busybox sleep 9', 'docker run -d --name db busybox sleep 9'],
    false,
  );
  const { boxes, unknown } = networkOf(scene);
  assert.not.ok(unknown);
  assert.equal(
    boxes.map(({ title, devices, mark }) => [title, devices.map(({ name }) => name).join(), mark]),
    [
      ['host', 'lo', undefined],
      ['web', 'lo', undefined],
      ['db', 'lo', 'new'],
    ],
  );
  assert.match(drawText('network', { ...scene, store: undefined } as never), /does not look at network devices/);
});

test('looking changes nothing: the same host whether it was looked at or not', () => {
  const end = (look: boolean): string => {
    const target = createSimTarget({ bridge: true, interactive: true });
    for (const line of [...bridged.shared!, ...bridged['by-hand']!.slice(1)]) {
      if (look) target.observeSync();
      target.runSync(line);
    }
    return ['ip addr; ip route; ip link; ps', 'docker exec web ip addr', 'iptables-save']
      .map((line) => target.runSync(line).stdout)
      .join();
  };
  assert.is(end(true), end(false));
});

for (const width of [280, 340, 700, 1200]) {
  test(`boxes stay in their places at ${width}, and all there is is drawn or counted`, () => {
    for (const [name, lines] of Object.entries(bridged)) {
      for (const scene of momentsOf(lines, true).slice(-2)) {
        const layout = layoutNetwork(scene, width);
        checkBoxes(layout);
        const nodes = new Map(layout.nodes.map((node) => [node.key, node]));
        const { boxes } = networkOf(scene);
        const folded = layout.nodes.reduce((sum, node) => sum + (node.folded ?? 0), 0);
        for (const box of boxes) {
          assert.ok(nodes.has(keys.space(box.key)), `${name}: ${box.title}`);
          const missing = box.devices.filter(({ key, name: dev }) => dev !== 'lo' && !nodes.has(keys.device(key)));
          assert.ok(missing.length <= folded, `${name}: ${missing.map((each) => each.key)}`);
        }
        for (const { from, to } of layout.links) assert.ok(nodes.has(from) && nodes.has(to));
      }
    }
  });
}

test('a hundred containers: what the last command did is there, the rest is counted', () => {
  const lines = Array.from({ length: 100 }, (_, i) => `docker run -d --name n${i} busybox sleep 1000`);
  const scene = sceneOf(lines, true);
  const layout = layoutNetwork(scene, 900);
  checkBoxes(layout);
  const nodes = new Set(layout.nodes.map(({ key }) => key));
  const last = boxOf(scene, 'n99');
  assert.ok(nodes.has(keys.space(last.key)));
  for (const { key, name } of last.devices) assert.ok(name === 'lo' || nodes.has(keys.device(key)), name);
  const spaces = layout.nodes.filter(({ kind }) => kind === 'netspace').length;
  assert.ok(layout.nodes.some(({ kind, folded }) => kind === 'more' && folded === 101 - spaces));
});

test('Mermaid takes it, and names every device', async () => {
  for (const name of Object.keys(bridged)) {
    const scene = moment(name);
    const text = drawMermaid('network', scene);
    assert.is(await parseMermaid(text), 'flowchart-v2');
    for (const { devices } of networkOf(scene).boxes)
      for (const device of devices) assert.ok(text.includes(`["${device.name}`), `${name}: ${device.name}`);
  }
});

test('lines fit their width; an SVG file has everything in words', () => {
  const scene = moment('shared');
  for (const width of [60, 100])
    for (const row of drawText('network', scene, { width }).split('\n')) assert.ok([...row].length <= width, row);
  assert.match(drawSvg('network', scene), /eth0: one end of a pair, up, with the address 172\.17\.0\.2\/16/);
});

test('pointing at an end lights the other and the bridge; at a port where it leads; at a container its namespace', () => {
  const scene = moment('published');
  const { boxes } = networkOf(scene);
  const [host, web] = boxes;
  const eth0 = web!.devices.find(({ name }) => name === 'eth0')!;
  const docker0 = host!.devices.find(({ name }) => name === 'docker0')!;
  const at = (key: string) => lightNetwork(scene, { kind: 'net', key });
  const port = host!.devices.find(({ master }) => master === 'docker0')!;
  assert.equal(at(keys.device(port.key)).lit, new Set([port, eth0, docker0].map(({ key }) => keys.device(key))));
  assert.ok(at(keys.device(docker0.key)).lit.has(keys.device(eth0.key)));
  const forward = host!.forwards[0]!;
  assert.ok(at(keys.device(forward.key)).lit.has(keys.device(eth0.key)));
  assert.match(at(keys.device(forward.key)).words, /port .*\/tcp of the host goes on to 172\.17\.0\.2:80 of web\./);
  const container = lightNetwork(scene, { kind: 'container', container: web!.containers[0]! });
  assert.ok(container.lit.has(keys.space(web!.key)));
  assert.is(lightNetwork(scene, { kind: 'net', key: 'nothing' }).lit.size, 0);
});

test.run();
