// The order in which a live kernel flooded six macvlans, 02:00:00:00:00:0a to :0f.

import { expect, test } from 'vitest';
import { bucketOf } from './bucket.ts';

test('buckets order floods as Linux does', () => {
  const macs = [0x0a, 0x0b, 0x0c, 0x0d, 0x0e, 0x0f].map((n) => 0x020000000000 + n);
  macs.sort((p, q) => bucketOf(p) - bucketOf(q));
  expect(macs.map((m) => (m % 256).toString(16)).join('')).toBe('cbafed');
});
