// Options and messages of the text tools, as GNU's have them.

import { expect, test } from 'vitest';
import { align, explain, reword, spell } from './text-tools.ts';

test('options with their value in the same word come apart', () => {
  expect(spell('xargs', ['-n1', 'echo', '-n1'])).toEqual(['-n', '1', 'echo', '-n1']);
  expect(spell('xargs', ['-0I{}', 'rm', '{}'])).toEqual(['-0', '-I', '{}', 'rm', '{}']);
  expect(spell('paste', ['-sd+'])).toEqual(['-s', '-d', '+', '-']);
  expect(spell('cut', ['-d:', '-f1'])).toEqual(['-d:', '-f1']);
});

test("GNU's basic regular expressions", () => {
  expect(spell('grep', ['-v', '^rtt\\|^$\\|zz', 'file'])).toEqual(['-v', '^rtt\\|\\(^\\)\\($\\)\\|zz', 'file']);
  expect(spell('grep', ['-ne', 'a\\+', '-e', 'b\\?', 'c\\+'])).toEqual(['-ne', 'a\\{1,\\}\\|b\\{0,1\\}', 'c\\+']);
  expect(spell('grep', ['-E', '-e', 'a', '-ve', 'b'])).toEqual(['-E', '-e', 'a|b', '-v']);
  expect(spell('grep', ['\\(a\\)$\\|\\1'])).toEqual(['\\(a\\)$\\|\\1']);
  expect(spell('sed', ['-n', 's/[$\\|]\\+x\\\\+/y/p'])).toEqual(['-n', 's/[$\\|]\\{1,\\}x\\\\+/y/p']);
  expect(spell('grep', ['-E', 'a\\+'])).toEqual(['-E', 'a\\+']);
  expect(spell('tr', ['-d', '\\a\\\\a'])).toEqual(['-d', '\x07\\\\a']);
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

test('extended addresses of sed, and those with another delimiter, are said as basic ones', () => {
  const said = (...args: string[]): string => spell('sed', args).at(-1) ?? '';
  expect(said('-E', '/one|three/d')).toBe('/one\\|three/d');
  expect(said('-nE', '/^(t|f)+$/{s/a|b/c/;p}')).toBe('/^\\(t\\|f\\)\\{1,\\}$/{s/a|b/c/;p}');
  expect(said('-E', '\\,a/b|^c,!s/x/y/g;/a\\+[(|]/d')).toBe('/a\\/b\\|\\(^\\)c/!s/x/y/g;/a+[(|]/d');
  expect(said('-E', '/a|b/i text|more\n/c?/,/d{2}/p')).toBe('/a\\|b/i text|more\n/c\\{0,1\\}/,/d\\{2\\}/p');
  expect(said('\\#a\\#b#d')).toBe('/a#b/d');
});

test('ls lists files first, without empty lines between them', () => {
  expect(align('ls', ['-d', 'a', 'b'], 'a\n\nb\n')).toBe('a\nb\n');
  expect(align('ls', ['a', 'd', 'c'], 'a\n\nd:\nx\n\nc\n')).toBe('a\nc\n\nd:\nx\n');
  expect(align('ls', ['-R', 'a', 'd'], 'a\n\nd:\n')).toBe('a\n\nd:\n');
});
