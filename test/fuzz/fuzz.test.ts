// The short form of the fuzzers, as every run of the tests has it: see zoo.ts for the long one.

import { expect, test } from 'vitest';
import { frameRound } from './frames.ts';
import { netlinkRound } from './netlink.ts';
import { scriptRound } from './scripts.ts';
import { named, seeds } from './zoo.ts';

const short = { lines: 40, traffic: true };

test('frames of any bytes into every device', async () => {
  for (const seed of seeds(6)) await named(seed, () => frameRound(seed));
});

test('changed requests under traffic', async () => {
  for (const seed of seeds(8)) await named(seed, () => netlinkRound(seed));
});

test('random scripts under traffic', async () => {
  let frames = 0;
  const all = seeds(15);
  for (const seed of all) {
    await named(seed, async () => {
      frames += (await scriptRound(seed, short)).frames;
    });
  }
  // Devices that are still there at the end have carried this much: the labs were alive.
  expect(frames / all.length).toBeGreaterThan(500);
});

test('a seed prints the same twice', async () => {
  const [seed] = seeds(1);
  await named(seed, async () => expect(await scriptRound(seed, short)).toEqual(await scriptRound(seed, short)));
});
