// Records of what lives until the next boot: replaced as a whole, believed only where nobody else could have written them.

import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Records } from './run-dir.ts';

let dir: string;
let base: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'lowerdev-records-'));
  base = join(dir, 'lowerdev');
});
afterEach(() => rmSync(dir, { recursive: true }));

test('written, read, replaced, removed with the directories that are empty then', () => {
  const records = new Records<{ n: number }>('things', base);
  expect([records.read('a'), records.names(), records.drafts()]).toEqual([null, [], []]);
  records.write('b', { n: 1 });
  records.write('a', { n: 1 });
  records.write('a', { n: 2 });
  expect([records.read('a'), records.names()]).toEqual([{ n: 2 }, ['a', 'b']]);
  records.remove('a');
  expect(readdirSync(join(base, 'things'))).toEqual(['b.json']);
  records.remove('b');
  records.remove('b');
  expect(existsSync(base)).toBe(false);
});

test('what a kill left of one is no record, and goes with it', () => {
  const records = new Records<number>('things', base);
  records.write('a', 1);
  writeFileSync(join(base, 'things/a.json.new'), '{');
  writeFileSync(join(base, 'things/c.json'), '{');
  expect([records.read('a'), records.names(), records.drafts(), records.read('c')]).toEqual([
    1,
    ['a', 'c'],
    ['a'],
    null,
  ]);
  for (const name of ['a', 'c']) records.remove(name);
  expect(existsSync(base)).toBe(false);
  mkdirSync(base); // killed before there was anything in it
  records.remove('a');
  expect(existsSync(base)).toBe(false);
});

test('a directory that others can write, or a link to one, is neither written nor read, and nothing in it is removed', () => {
  const records = new Records<number>('things', base);
  records.write('a', 1);
  chmodSync(base, 0o777);
  writeFileSync(join(base, 'things/b.json.new'), '{');
  expect([records.read('a'), records.names(), records.drafts()]).toEqual([null, [], []]);
  records.remove('a');
  records.removeDraft('b');
  expect(readdirSync(join(base, 'things'))).toEqual(['a.json', 'b.json.new']);
  expect(() => records.write('a', 2)).toThrow('is not a directory of this user alone');
  chmodSync(base, 0o700);
  expect(records.read('a')).toBe(1);
  const linked = new Records<number>('things', join(dir, 'link'));
  symlinkSync(base, join(dir, 'link'));
  expect(linked.read('a')).toBe(null);
  expect(() => linked.prepare()).toThrow('is not a directory of this user alone');
});
