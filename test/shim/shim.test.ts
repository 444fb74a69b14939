// iproute2 and ethtool, unmodified, talk to the model: their netlink sockets are handed to it by a preloaded library. Each
// line of the corpus is run by the real program on one model and by our own command on another that began alike; both must
// say and return the same. Needs Linux, a C compiler and the versions that our commands follow; no root.

import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, test } from 'vitest';
import { Pair } from './pair.ts';
import { whyNoShim } from './server.ts';

const reason = whyNoShim();
const file = (name: string): string => readFileSync(`${process.cwd()}/test/${name}`, 'utf8');
const lines = (name: string): string[] =>
  file(name)
    .split('\n')
    .filter((line) => line.trim() !== '' && !line.startsWith('#'));

let pair: Pair | null = null;
afterEach(() => {
  pair?.close();
  pair = null;
});

async function differences(setup: string, corpus: string, machine?: string): Promise<string> {
  pair = await Pair.make(file(setup), machine === undefined ? undefined : file(machine));
  const differ: string[] = [];
  for (const line of lines(corpus)) {
    const difference = await pair.step(line);
    if (difference !== null) differ.push(difference);
  }
  return differ.join('\n');
}

const skipped = reason === null ? '' : ` (skipped: ${reason})`;

describe.skipIf(reason !== null)(`programs under the shim${skipped}`, () => {
  test.each(['ip-show.txt', 'ip-change.txt', 'ip-link.txt', 'bridge.txt'])('%s', async (name) => {
    expect(await differences('live/setup.sh', `live/lines/${name}`)).toBe('');
  });

  test('NICs and macvlans on them', async () => {
    expect(await differences('shim/nic-setup.sh', 'shim/nic.txt', 'shim/nic.yaml')).toBe('');
  });

  test('ethtool', async () => {
    expect(await differences('tools/setup.sh', 'tools/ethtool.txt')).toBe('');
  });
});
