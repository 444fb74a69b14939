// Units in machine files, right and wrong.

import { expect, test } from 'vitest';
import { parseBytes, parseRate, parseRatio, parseTime } from './quantity.ts';

test.each([
  ['10Gbit', 10e9],
  ['100mbit', 100e6],
  ['2.5 Gbit', 2.5e9],
  ['9600bit', 9600],
  ['unlimited', 0],
  ['10', null],
  ['10GB', null],
  ['fast', null],
  ['-1Gbit', null],
])('rate %s', (text, value) => expect(parseRate(text)).toBe(value));

test.each([
  ['5us', 5000],
  ['1ms', 1e6],
  ['300s', 300e9],
  ['0.5us', 500],
  ['0ns', 0],
  ['5', null],
  ['5 min', null],
])('time %s', (text, value) => expect(parseTime(text)).toBe(value));

test.each([
  ['100M', 100 * 1024 ** 2],
  ['1.5G', 1.5 * 1024 ** 3],
  ['64KiB', 65536],
  ['4096', 4096],
  ['2gb', 2 * 1024 ** 3],
  ['unlimited', Number.POSITIVE_INFINITY],
  ['many', null],
  ['-1M', null],
])('bytes %s', (text, value) => expect(parseBytes(text)).toBe(value));

test.each([
  ['1/1000', [1, 1000]],
  ['0.1%', [1, 1000]],
  ['5%', [5, 100]],
  ['0', [0, 1]],
  ['100%', [100, 100]],
  ['2/1', null],
  ['1/0', null],
  ['101%', null],
  ['some', null],
])('loss %s', (text, value) => expect(parseRatio(text)).toEqual(value));
