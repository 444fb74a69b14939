// Options and messages of the text tools, as GNU's have them.

import { expect, test } from 'vitest';
import { explain, reword, spell } from './text-tools.ts';

test('options with their value in the same word come apart', () => {
  expect(spell('xargs', ['-n1', 'echo', '-n1'])).toEqual(['-n', '1', 'echo', '-n1']);
  expect(spell('xargs', ['-0I{}', 'rm', '{}'])).toEqual(['-0', '-I', '{}', 'rm', '{}']);
  expect(spell('paste', ['-sd+'])).toEqual(['-s', '-d', '+', '-']);
  expect(spell('cut', ['-d:', '-f1'])).toEqual(['-d:', '-f1']);
});

test('messages are worded as usual', () => {
  expect(reword('ls', 'ls: x: No such file or directory\n')).toBe("ls: cannot access 'x': No such file or directory\n");
  expect(reword('cat', 'cat: x: No such file or directory\n')).toBe('cat: x: No such file or directory\n');
});

test('what is there and cannot be read is not missing', () => {
  const why = (path: string): string | null => (path === '/sys/a' ? 'Invalid argument' : null);
  const said = (line: string): string => explain(`${line}: No such file or directory\n`, why);
  expect(said('cat: /sys/a')).toBe('cat: /sys/a: Invalid argument\n');
  expect(said('cat: /sys/b')).toBe('cat: /sys/b: No such file or directory\n');
  expect(said('head: /sys/a')).toBe("head: error reading '/sys/a': Invalid argument\n");
  expect(said('sort: /sys/a')).toBe('sort: read failed: /sys/a: Invalid argument\n');
});
