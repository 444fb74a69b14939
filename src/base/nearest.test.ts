// Which misspellings are understood.

import { expect, test } from 'vitest';
import { distance, nearest } from './nearest.ts';

test('edits are counted, a swap as one', () => {
  expect(distance('profile', 'profile')).toBe(0);
  expect(distance('profil', 'profile')).toBe(1);
  expect(distance('rpofile', 'profile')).toBe(1);
  expect(distance('', 'abc')).toBe(3);
});

test('the nearest word, or none', () => {
  expect(nearest('hairpn', ['hairpin', 'learning', 'ports'])).toBe('hairpin');
  expect(nearest('IXGBE', ['i40e', 'ixgbe'])).toBe('ixgbe');
  expect(nearest('mtu', ['mac', 'ring', 'mtu'])).toBe('mtu');
  expect(nearest('colour', ['mac', 'ring', 'mtu'])).toBe(null);
});
