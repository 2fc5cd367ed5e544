/** Names of images, with the messages of Docker 20.10.24. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { familiarTag, InvalidName, parseNamed, parseReference } from '../../../core/image/reference.ts';

const HEX = '0123456789abcdef'.repeat(4);

test('names get Docker’s familiar form', () => {
  const names: Record<string, string> = {
    busybox: 'busybox:latest',
    'busybox:1.35': 'busybox:1.35',
    'library/busybox': 'busybox:latest',
    'docker.io/library/busybox:1': 'busybox:1',
    'index.docker.io/busybox': 'busybox:latest',
    'user/app:v1.0-rc_2': 'user/app:v1.0-rc_2',
    'docker.io/user/app': 'user/app:latest',
    'localhost/app': 'localhost/app:latest',
    'localhost:5000/app': 'localhost:5000/app:latest',
    'localhost:5000/app:tag': 'localhost:5000/app:tag',
    'reg.example.com/a/b/c:x': 'reg.example.com/a/b/c:x',
    'a/b__c/d--e.f': 'a/b__c/d--e.f:latest',
    'sha256:abc': 'sha256:abc',
    [`busybox@sha256:${HEX}`]: `busybox@sha256:${HEX}`,
    [`busybox:1@sha256:${HEX}`]: `busybox:1@sha256:${HEX}`,
    'Host.com/app': 'Host.com/app:latest',
  };
  for (const [typed, familiar] of Object.entries(names)) assert.is(familiarTag(typed), familiar, typed);
});

test('what is no name is refused in Docker’s words', () => {
  const bad: Record<string, string> = {
    '': 'invalid reference format',
    'a b': 'invalid reference format',
    BAD: 'invalid reference format: repository name must be lowercase',
    'user/App': 'invalid reference format: repository name must be lowercase',
    'app:': 'invalid reference format',
    'app:-x': 'invalid reference format',
    ':tag': 'invalid reference format',
    'a..b': 'invalid reference format',
    '-a': 'invalid reference format',
    a_: 'invalid reference format',
    'a//b': 'invalid reference format',
    '/a': 'invalid reference format',
    'app@sha256:123': 'invalid reference format',
    [`app@sha256:${HEX}00`]: 'invalid checksum digest length',
    [`app@md5:${HEX}`]: 'unsupported digest algorithm',
    [`app:${'t'.repeat(129)}`]: 'invalid reference format',
    [HEX]: `invalid repository name (${HEX}), cannot specify 64-byte hexadecimal strings`,
    [`${'a/'.repeat(130)}b`]: 'repository name must not be more than 255 characters',
  };
  for (const [typed, message] of Object.entries(bad)) {
    assert.throws(
      () => parseNamed(typed),
      (error: unknown) => error instanceof InvalidName && error.message === message,
      typed,
    );
  }
});

test('whole ids are not names', () => {
  assert.equal(parseReference(HEX), { id: `sha256:${HEX}` });
  assert.equal(parseReference(`sha256:${HEX}`), { id: `sha256:${HEX}` });
  assert.ok('named' in parseReference(HEX.slice(1)));
});

test.run();
