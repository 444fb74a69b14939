// What a terminal would take for an order is shown, not sent.

import { expect, test } from 'vitest';
import { printable } from './printable.ts';

test('lines and letters stay, orders do not', () => {
  expect(printable('a\x1b[2Jb\r\x9b1m\nä … \x7f')).toBe('a?[2Jb??1m\nä … ?');
});
