// The files of the script's machine, and its calendar.

import { expect, test } from 'vitest';
import { formatTime } from './commands/date/date.ts';
import { absolute, type Node, Tree } from './tree.ts';
import { daysOf, WallTime } from './walltime.ts';

test('files, folders and links', () => {
  const tree = new Tree(() => 5);
  expect(tree.mkdir('/a/b', true)).toBe(0);
  expect(tree.mkdir('/a/b')).toBe(-17);
  expect(tree.open('/x/y', true)).toBe(-2);
  const file = tree.open('/a/b/f', true);
  if (typeof file === 'number') throw new Error('open');
  tree.append(file, 'one');
  tree.append(file, 'two');
  expect(tree.text(file)).toBe('onetwo');
  expect(tree.symlink('b/f', '/a/l')).toBe(0);
  expect(tree.lookup('/a/l')).toBe(file);
  expect((tree.lookup('/a/l', false) as Node).kind).toBe('link');
  expect(tree.realpath('/a/l')).toBe('/a/b/f');
  expect(tree.remove('/a/b')).toBe(-39);
  expect(tree.rename('/a/b', '/c')).toBe(0);
  expect(tree.lookup('/a/l')).toBe(-2);
  expect(tree.rename('/c', '/c/d')).toBe(-22);
  expect(tree.lookup('/c/f/g')).toBe(-20);
  tree.symlink('/loop', '/loop');
  expect(tree.lookup('/loop')).toBe(-40);
});

test('paths are cleaned', () => {
  expect(absolute('/a/b', '../c/./d//e')).toBe('/a/c/d/e');
  expect(absolute('/a', '/../..')).toBe('/');
});

test('days and dates agree, over four centuries', () => {
  for (let day = -135_000; day < 30_000; day += 97) {
    const t = new WallTime(day * 86_400e9);
    expect(daysOf(t.year, t.month, t.day)).toBe(day);
  }
  const t = new WallTime((daysOf(2024, 2, 29) * 86_400 + 45_296) * 1e9);
  expect(formatTime('%a %F %T %j %s %-d %e %I %p %3N', t, 123_456_789)).toBe(
    'Thu 2024-02-29 12:34:56 060 1709210096 29 29 12 PM 123',
  );
});
