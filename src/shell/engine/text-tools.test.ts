// Options and messages of the text tools, as GNU's have them.

import { expect, test } from 'vitest';
import { reword, spell } from './text-tools.ts';

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
