/** Text pictures: they keep to the width, are the same in ASCII, and show what must be seen. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { textWidth } from '../../../core/diagram/layout.ts';
import { toScene } from '../../../core/diagram/scene.ts';
import { drawText, pictureKinds } from '../../../core/diagram/text.ts';
import { baseTree, container, dir, file, flatten, initTree, observation, running, story } from './fixture.ts';

const moments = story();
const scenes = moments.map((moment, i) => toScene(moment, moments[i - 1]));

/** Names that are hard on a layout. */
function hostile() {
  const upper = [
    dir('/'),
    file('/日本語のファイル名がとても長い.txt', 1),
    file('/\x1b[31mred\nline', 2),
    file(`/${'x'.repeat(300)}`, 3),
    file('/é', 4),
    file('/"<b>#;`', 5),
  ];
  const web = running('w'.repeat(120), {
    upper,
    union: flatten([baseTree, initTree, upper]),
    processes: [{ pid: 1, ppid: 0, args: ['sh', '-c', 'echo "a\tb"\n'.repeat(40)], hostPid: 1234567 }],
  });
  return toScene(observation([web]), observation([]));
}

test('no line is wider than the terminal, at any width and for any name', () => {
  for (const kind of pictureKinds) {
    for (const width of [60, 75, 76, 77, 100, 131, 200]) {
      for (const scene of [...scenes, hostile()]) {
        for (const line of drawText(kind, scene, { width }).split('\n')) {
          assert.ok(textWidth(line) <= width, `${kind} at ${width}: ${textWidth(line)} columns: ${line}`);
        }
      }
    }
  }
});

test('frames close: every line of a box ends where its edge does', () => {
  const lines = drawText('host', scenes[5]!, { width: 90 })
    .split('\n')
    .filter((line) => /^[┌│├└]/.test(line));
  assert.ok(lines.length > 6);
  for (const line of lines) assert.is(textWidth(line), 90, line);
});

test('control characters of names never reach the terminal', () => {
  for (const kind of pictureKinds) assert.not.match(drawText(kind, hostile()), /[\x00-\x09\x0b-\x1f\x7f]/);
});

test('the ASCII form has the same layout and no other characters', () => {
  for (const kind of pictureKinds) {
    const [unicode, ascii] = [drawText(kind, scenes[4]!), drawText(kind, scenes[4]!, { ascii: true })];
    assert.equal(
      ascii.split('\n').map((line) => line.length),
      unicode.split('\n').map((line) => line.length),
    );
    assert.match(ascii, /^[\n -~]*$/);
  }
});

test('colours only colour: without them the text is the same', () => {
  for (const kind of pictureKinds) {
    const coloured = drawText(kind, scenes[4]!, { colour: true });
    assert.match(coloured, /\x1b\[/);
    assert.is(coloured.replace(/\x1b\[[\d;]*m/g, ''), drawText(kind, scenes[4]!));
  }
});

test('the stack shows which layers are read-only, which can be written, and what is visible', () => {
  const picture = drawText('stack', scenes[2]!, { width: 100 });
  assert.match(picture, /╔═ read-write layer ═+╗[^\n]*\n +║ \+ A \/happiness\.txt +║/);
  assert.match(picture, /┌─ init layer · read-only ─+┐/);
  assert.match(picture, /layer 1 · read-only {2}1\.98MB/);
  assert.match(picture, /│ \+ \/happiness\.txt +read-write │/);
  assert.match(picture, /\* container cradle \w{12} · exited \(0\) · no process/);
});

test('a process space stands around what runs, a dotted one around what is frozen, none around the rest', () => {
  const frame = (i: number) => (/^[┏][━┅]/m.exec(drawText('stack', scenes[i]!)) ?? [''])[0];
  assert.equal([1, 2, 3, 5].map(frame), ['', '', '┏━', '┏┅']);
  assert.match(drawText('stack', scenes[3]!), /┃ \+ PID 1 {2}sh -c sleep 300; true +on the host: PID 4711 ┃/);
});

test('the union table names origin and hider', () => {
  const table = drawText('union', scenes[4]!, { width: 100 });
  assert.match(table, /\* \/etc\/motd +│ ○ +· +✕ +│ — deleted: whiteout in read-write/);
  assert.match(table, /\* \/etc\/passwd +│ ○ +· +● +│ read-write, hides the one below/);
  assert.match(table, / {2}\/bin\/ \+7 +│ ● +· +· +│ layer 1/);
});

test('the image tree hangs layers from parents and containers from images', () => {
  const tree = drawText('images', scenes[6]!);
  assert.match(tree, /● layer 1 [^\n]+\n {2}├─ image busybox:latest[^\n]+\n {2}│ {2}├─ container cradle/);
  assert.match(tree, /\+ ● layer 2 c2c2c2c2c2c2 0B {2}touch \/happiness\.txt[^\n]+\n\+ └─ image happy:latest/);
});

test('the lifecycle shows who is in which state, and what leads out of it', () => {
  const picture = drawText('lifecycle', scenes[5]!);
  assert.match(picture, /^\* paused {2}◀ web$/m);
  assert.match(picture, /^ {2}exited {2}◀ cradle$/m);
  assert.match(picture, /^ {2}running\n(?: {4}.*\n)* {4}──▶ paused {7}pause$/m);
});

test('the lifecycle has the images in their states as well, many names as a count', () => {
  const committed = drawText('lifecycle', scenes[6]!);
  assert.match(committed, /^The life of an image$/m);
  assert.match(committed, /^\+ tagged {2}◀ happy:latest, busybox:latest$/m);
  assert.match(committed, /^ {2}dangling\n(?: {4}.*\n)* {4}──▶ intermediate +child added$/m);
  const many = Array.from({ length: 30 }, (_, i) => ({ ...scenes[6]!.containers[0]!, name: `container${i}` }));
  const picture = drawText('lifecycle', { ...scenes[6]!, containers: many }, { width: 60 });
  assert.match(picture, /◀ container0, [^\n]+ and 2\d more$/m);
  assert.ok(picture.split('\n').every((row) => row.length <= 60));
});

test('many containers and images are folded, with counts', () => {
  const now = toScene(story()[6]!);
  const [base, happy] = now.images;
  const containers = Array.from({ length: 20 }, (_, i) => {
    return { ...now.containers[0]!, id: `${i}`, name: `c${i}-${'long'.repeat(20)}` };
  });
  const more = Array.from({ length: 9 }, (_, i) => ({ ...happy!, id: `sha256:${i}` as const, tags: [`i${i}:latest`] }));
  const picture = drawText('stack', { ...now, images: [base!, ...more], containers });
  assert.match(picture, /… 11 more containers/);
  assert.match(picture, /image i3:latest · [^\n]+ 2 layers/);
  assert.ok(picture.split('\n').length < 40, 'it stays readable');
  assert.match(picture, /c0-[^\n]+…[^\n]+exited/, 'a long name leaves room for the status');
});

test('empty scenes say that they are', () => {
  const empty = toScene({ images: [], containers: [], layers: {} });
  assert.equal(
    pictureKinds.map((kind) => drawText(kind, empty).trim().split('\n').length > 0),
    pictureKinds.map(() => true),
  );
  assert.match(drawText('stack', empty), /no image, no container/);
  assert.match(drawText('stack', toScene(observation([container('a1')], []))), /container a1/);
});

test.run();
