/** A container's resolv.conf, as dockerd 20.10.24 made it of these files of the host. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { resolvConfOf } from '../../../core/engine/resolvconf.ts';
import { digestOf } from '../../../core/image/digest.ts';

const instead =
  '\nnameserver 8.8.8.8\nnameserver 8.8.4.4\nnameserver 2001:4860:4860::8888\nnameserver 2001:4860:4860::8844';

// biome-ignore format: a table reads better in rows
const recorded: readonly (readonly [host: string, container: string, hash: string])[] = [
  ['nameserver 127.0.0.1\n', instead, 'f94aa7f642e4e402dd0babcb424a37974deb0c5afaed3860a7d8e7784829c828'],
  ['nameserver 127.0.0.53\noptions edns0 trust-ad\nsearch example.org\n', `options edns0 trust-ad\nsearch example.org\n${instead}`,
    '9cb23d08d8fd8f1f52c9f7a94bbb446a969bfd4b773e9784f03395edb4070c17'],
  ['nameserver 10.0.0.1\nnameserver 127.0.0.1\nsearch a b\n', 'nameserver 10.0.0.1\nsearch a b\n',
    'fe901a4bbb3dad97aea4d6a265246377a087f376bdc710ecc64f427add4d0f52'],
  ['# comment\n\nnameserver ::1\nnameserver 1.1.1.1\n', '# comment\n\nnameserver 1.1.1.1\n',
    '0af70679e9b9ca2cfe851ed738e8fc63bbc248c14638e860a25b13091942bba6'],
  ['', instead, 'f94aa7f642e4e402dd0babcb424a37974deb0c5afaed3860a7d8e7784829c828'],
  ['nameserver fe80::1\n', 'nameserver fe80::1\n', 'b246ad4d793f22cbcf28673752f6da37e322112364d6b26ada05c2dc3b541605'],
];

for (const [host, container, hash] of recorded) {
  test(`of ${JSON.stringify(host)}`, () => {
    assert.is(resolvConfOf(host), container);
    assert.is(digestOf(container), `sha256:${hash}`);
  });
}

test.run();
