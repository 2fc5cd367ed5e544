/** What the programs themselves compressed is unpacked to the same bytes, however it is cut into pieces; damage is noticed. */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { seededRandom } from '../../../core/host.ts';
import { inPieces } from '../../../core/image/bytes.ts';
import { decompressed, detectCompression } from '../../../core/image/compression.ts';

const test = suite('compression');
const random = seededRandom(7);

/** Text, noise, runs, and what repeats from far away. */
const samples: Readonly<Record<string, Uint8Array>> = {
  nothing: new Uint8Array(0),
  'one byte': Uint8Array.of(65),
  text: Buffer.from('the quick brown fox jumps over the lazy dog\n'.repeat(4000)),
  noise: random(100_000),
  runs: Buffer.concat([
    Buffer.alloc(300_000),
    Buffer.alloc(259, 1),
    Buffer.alloc(4, 1),
    Buffer.alloc(5, 2),
    Buffer.alloc(1000, 2),
  ]),
  mixed: Buffer.concat([
    random(70_000),
    Buffer.alloc(900_001, 7),
    random(3),
    Buffer.from(JSON.stringify(process.versions).repeat(3000)),
  ]),
};
const programs: Readonly<Record<string, readonly (readonly string[])[]>> = {
  gzip: [['-1'], ['-9']],
  bzip2: [['-1'], ['-9']],
  xz: [['-0'], ['-6'], ['-9', '--check=crc32'], ['--lzma2=lc=0,lp=2,pb=1']],
  zstd: [['-1'], ['-19'], ['--check', '-3']],
};

const program = (name: string, args: readonly string[], input: Uint8Array): Uint8Array =>
  execFileSync(name, ['-c', ...args], { input, maxBuffer: 1 << 28 });
const whole = (bytes: Uint8Array, piece: number): Buffer => Buffer.concat([...decompressed(inPieces(bytes, piece))]);
const isThere = (name: string): boolean => ['/usr/bin', '/bin'].some((dir) => existsSync(`${dir}/${name}`));

for (const [name, settings] of Object.entries(programs)) {
  const run = isThere(name) ? test : test.skip;
  for (const args of settings) {
    run(`what ${name} ${args.join(' ')} wrote`, () => {
      for (const [what, bytes] of Object.entries(samples)) {
        const packed = program(name, args, bytes);
        assert.is(detectCompression(packed), name);
        for (const piece of [packed.length + 1, 613]) {
          assert.ok(whole(packed, piece).equals(bytes), `${what}, ${piece} bytes at a time`);
        }
      }
    });
  }
  run(`several streams of ${name} in a row`, () => {
    const packed = Buffer.concat([program(name, [], samples.text!), program(name, [], samples.noise!)]);
    const expected = Buffer.concat([samples.text!, samples.noise!]);
    for (const piece of [packed.length, 1000]) assert.ok(whole(packed, piece).equals(expected));
  });
  run(`${name} that is cut off or damaged is refused`, () => {
    const packed = program(name, [], samples.text!);
    for (const at of [7, 12, 20, packed.length >> 1, packed.length - 9]) {
      assert.throws(() => whole(packed.subarray(0, at), 4096), /EOF|corrupt|invalid/, `at ${at}`);
    }
    let noticed = 0;
    for (let n = 0; n < 40; n++) {
      const wrong = Buffer.from(packed);
      wrong[12 + ((n * 37) % (wrong.length - 24))]! ^= 1 << (n % 8);
      try {
        if (!whole(wrong, 4096).equals(samples.text!)) noticed--;
      } catch (error) {
        assert.is((error as Error).name, 'ArchiveError', String(error));
        noticed++;
      }
    }
    // zstd without --check has nothing to compare with.
    if (name !== 'zstd') assert.ok(noticed > 30, `${noticed} of 40 noticed`);
  });
}

test('what is not compressed comes as it is', () => {
  const bytes = samples.noise!;
  const [first, second] = [...decompressed([bytes])];
  assert.equal(first, bytes.subarray(0, 6));
  // A view, no copy.
  assert.is(second?.buffer, bytes.buffer);
  assert.is(whole(gzipSync(bytes), 100).length, bytes.length);
});

test('a window beyond the limit is refused before memory is taken for it', () => {
  const frame = Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 0, 20 << 3, 1, 0, 0);
  assert.throws(() => whole(frame, 100), /zstd: a window of 1073741824 bytes is asked for/);
});

test.run();
