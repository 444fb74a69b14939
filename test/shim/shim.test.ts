// iproute2 and ethtool, unmodified, talk to the model: their netlink sockets are handed to it by a preloaded library. Each
// line of the corpus is run by the real program on one model and by our own command on another that began alike; both must
// say and return the same. Needs Linux, a C compiler and the versions that our commands follow; no root.

import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, test } from 'vitest';
import { Stream } from '../../src/base/random.ts';
import { Pair } from './pair.ts';
import { whyNoShim } from './server.ts';
import { lineOf, REPAIR } from './words.ts';

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

describe.skipIf(reason !== null)(`programs under the shim${skipped}`, { timeout: 180_000 }, () => {
  test.each(['ip-show.txt', 'ip-change.txt', 'ip-link.txt', 'bridge.txt'])('%s', async (name) => {
    expect(await differences('live/setup.sh', `live/lines/${name}`)).toBe('');
  });

  test('NICs and macvlans on them', async () => {
    expect(await differences('shim/nic-setup.sh', 'shim/nic.txt', 'shim/nic.yaml')).toBe('');
  });

  test('words with right and wrong values', async () => {
    const seed = Number(process.env['LOWERDEV_SHIM_SEED'] ?? Math.floor(Math.random() * 1e9));
    const count = Number(process.env['LOWERDEV_SHIM_LINES'] ?? 300);
    console.log(`LOWERDEV_SHIM_SEED=${seed} LOWERDEV_SHIM_LINES=${count}`);
    const random = new Stream(seed, 'shim:words');
    pair = await Pair.make(file('live/setup.sh'));
    const differ: string[] = [];
    for (let i = 0; i < count && differ.length < 20; i++) {
      const difference = await pair.step(lineOf(random));
      if (difference !== null) differ.push(difference);
      if (i % 10 === 9) await pair.step(REPAIR);
    }
    expect(differ.join('\n'), `seed ${seed}`).toBe('');
  });

  test('tc', async () => {
    expect(await differences('tools/setup.sh', 'tools/tc.txt')).toBe('');
  });

  test('monitors', async () => {
    pair = await Pair.make(file('live/setup.sh'));
    await pair.both('sleep 40'); // until the bridge forwards and carriers have settled
    const differ: string[] = [];
    for (const line of ['ip monitor link', 'ip monitor addr route neigh rule label', 'bridge monitor all']) {
      const difference = await pair.monitor(line, file('live/monitor.sh'));
      if (difference !== null) differ.push(difference);
    }
    expect(differ.join('\n')).toBe('');
  });

  test('ethtool', async () => {
    expect(await differences('tools/setup.sh', 'tools/ethtool.txt')).toBe('');
  });
});
