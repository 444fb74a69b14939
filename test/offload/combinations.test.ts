// What the other tests leave out, together (test f of the oracle): stations while modes, addresses, namespaces, MTUs, the feature
// and the port change, one station for two, source lists and passthru over both switches, macvtap, VLANs, byte queue limits in
// /sys, tc at the port, floods in between.

import { beforeAll, describe, expect, test } from 'vitest';
import { combined } from './compare.ts';
import { runInModel } from './model-arm.ts';
import { type Case, parseCases } from './parse.ts';
import { caseOf, MINUTES, truth } from './truth.ts';

describe('f: combinations', () => {
  let mine: Case[] = [];
  beforeAll(async () => {
    mine = parseCases(await runInModel('f'));
  }, MINUTES);
  test.each(truth.f_combinations.map((c) => [c.case, c] as const))('%s', (name, expected) => {
    expect(combined(expected).length).toBeGreaterThan(2);
    expect(combined(caseOf(mine, name))).toEqual(combined(expected));
  });
});
