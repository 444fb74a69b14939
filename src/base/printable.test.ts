// What a terminal would take for an order is shown, not sent.

import { expect, test } from 'vitest';
import { oneLine, printable } from './printable.ts';

test('lines and letters stay, orders do not', () => {
  expect(printable('a\x1b[2Jb\r\x9b1m\nä … \x7f')).toBe('a?[2Jb??1m\nä … ?');
});

test('what has to stay one line', () => {
  expect(oneLine('a\nb\tc\x1b[1m')).toBe('a?b?c?[1m');
});
