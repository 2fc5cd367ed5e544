/** Completion of a line: what is offered, and that nothing is where Tab means something else. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Completion, complete, completionTable } from '../../../core/index.ts';

const test = suite('complete');
const table = completionTable();
const names = { containers: ['cradle', 'web'], images: ['busybox', 'happy'] };
const at = (line: string): Completion | undefined => complete(table, names, line);
const options = (line: string): readonly string[] => at(line)?.options ?? [];

test('nothing on an empty line', () => {
  assert.is(at(''), undefined);
  assert.is(at('   '), undefined);
});

test('programs, commands, and the commands of a group', () => {
  assert.equal(options('dock'), ['docker']);
  assert.equal(options('docker star'), ['start']);
  assert.ok(options('docker ').includes('container'));
  assert.ok(options('docker container ').includes('inspect'));
  assert.equal(options('docker image hi'), ['history']);
  assert.equal(at('docker co'), { from: 7, options: ['commit', 'container'], common: 'co' });
});

test('flags, long and short, only those that are acted on', () => {
  assert.equal(options('docker run --rm'), ['--rm']);
  assert.ok(options('docker ps -').includes('-a'));
  assert.not.ok(options('docker run --').includes('--gpus'));
  assert.equal(options('docker run busybox ls --'), []);
});

test('names of what the command takes there', () => {
  assert.equal(options('docker rm '), ['cradle', 'web']);
  assert.equal(options('docker rm web '), ['cradle', 'web']);
  assert.equal(options('docker run --name x '), ['busybox', 'happy']);
  assert.equal(options('docker run --name '), []);
  assert.equal(options('docker inspect '), ['busybox', 'cradle', 'happy', 'web']);
  assert.equal(options('docker diff c'), ['cradle']);
  assert.equal(options('docker run busybox '), []);
});

test('the next command of a line', () => {
  assert.equal(options('docker ps; docker dif'), ['diff']);
  assert.equal(options('docker ps | gre'), ['grep']);
});

test('an option is never shorter than what is common to all of them', () => {
  for (const line of ['d', 'docker ', 'docker p', 'docker run --', 'docker rm ']) {
    const found = at(line)!;
    assert.ok(found.options.every((option) => option.startsWith(found.common)));
    assert.ok(found.common.startsWith(line.slice(found.from)));
  }
});

test.run();
