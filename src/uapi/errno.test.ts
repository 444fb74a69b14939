import { expect, test } from 'vitest';
import { ERRNO, type ErrnoName, errnoName, errnoNumber, strerror } from './errno.ts';

test('names, numbers and words', () => {
  expect([errnoNumber('EINVAL'), errnoName(22), strerror(22), strerror('ENODEV')]).toEqual([
    22,
    'EINVAL',
    'Invalid argument',
    'No such device',
  ]);
  expect([strerror(0), strerror(524), strerror(9999), errnoName(9999)]).toEqual([
    'Success',
    'Unknown error 524',
    'Unknown error 9999',
    null,
  ]);
  expect(errnoName(95)).toBe('EOPNOTSUPP');
  for (const name of Object.keys(ERRNO) as ErrnoName[]) expect(errnoName(errnoNumber(name))).toBe(name);
});
