// The house stays in order: the rules of rooms.ts, applied to every file of the repository.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { maxMedianLines } from './rooms.ts';
import * as rules from './rules.ts';
import { readSource, repositoryFiles, root } from './source.ts';

const tracked = repositoryFiles();
const code = tracked.filter((path) => /^(?:src|test|bench|tools|examples)\/.*\.ts$/.test(path)).map(readSource);
const source = code.filter((file) => file.path.startsWith('src/'));

test('imports go down: never up, never across', () => {
  expect(rules.importComplaints(source)).toEqual([]);
});

test('rooms up to shell/ are platform-neutral, and the data path is synchronous', () => {
  expect(rules.banComplaints(source)).toEqual([]);
});

test('every file begins by saying what it is', () => {
  expect(rules.headerComplaints(code)).toEqual([]);
});

test('files stay small', () => {
  expect(rules.sizeComplaints(code)).toEqual([]);
});

test('the median file can be read in two minutes', () => {
  const sizes = source.filter((file) => !rules.isTest(file.path)).map((file) => file.lines);
  sizes.sort((a, b) => a - b);
  expect(sizes[sizes.length >> 1] ?? 0).toBeLessThanOrEqual(maxMedianLines);
});

test('no dead files', () => {
  expect(rules.deadComplaints(code)).toEqual([]);
});

test('nothing of the workshop is left lying about', () => {
  const text = tracked.filter((path) => !/\.(?:png|jpg|ico|woff2?|pcap|pcapng|bin|gz)$/.test(path));
  const complaints = text.flatMap((path) => rules.strayComplaints(path, readFileSync(join(root, path), 'utf8')));
  expect(complaints).toEqual([]);
});
