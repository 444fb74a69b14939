// Our `ip` and `bridge` against iproute2 6.1 on this machine's kernel: what they print, what they return, and what the
// kernel holds afterwards. Needs root on Linux; says so and is skipped elsewhere.

import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, test } from 'vitest';
import { bridgeCommand } from '../../src/shell/commands/bridge/bridge.ts';
import { ipCommand } from '../../src/shell/commands/ip/ip.ts';
import { Lockstep } from './lockstep.ts';
import { whyNot } from './sandbox.ts';

const reason = whyNot();
const file = (name: string): string => readFileSync(`${process.cwd()}/test/live/${name}`, 'utf8');
const lines = (name: string): string[] =>
  file(`lines/${name}`)
    .split('\n')
    .filter((line) => line.trim() !== '' && !line.startsWith('#'));

let both: Lockstep | null = null;
const alike = (): Lockstep => {
  both = new Lockstep(file('setup.sh'), [ipCommand, bridgeCommand]);
  return both;
};
afterEach(() => {
  both?.close();
  both = null;
});

/** What the kernels hold, asked with the real tools. */
const STATE = [
  'ip -d addr',
  'ip -4 route show table all',
  'ip -4 neigh show nud all | sort',
  'ip neigh show proxy | sort',
  'ip rule',
  'bridge fdb show | sort',
  'bridge -d link',
];

describe.skipIf(reason !== null)(`iproute2 on a live kernel${reason === null ? '' : ` (skipped: ${reason})`}`, () => {
  test('looking', async () => {
    const boxes = alike();
    const differ: string[] = [];
    for (const line of lines('ip-show.txt')) {
      const difference = await boxes.look(line);
      if (difference !== null) differ.push(difference);
    }
    expect(differ.join('\n')).toBe('');
  });

  test.each(['ip-change.txt', 'ip-link.txt', 'bridge.txt'])('changing: %s', async (name) => {
    const boxes = alike();
    const differ: string[] = [];
    for (const line of lines(name)) {
      const difference = await boxes.step(line);
      if (difference !== null) differ.push(difference);
    }
    expect(differ.join('\n')).toBe('');
    for (const question of name === 'ip-link.txt' ? [] : STATE) expect(boxes.held(question), question).toBe(null);
  });

  test('monitors', async () => {
    const boxes = alike();
    boxes.both('sleep 2'); // until carriers have settled
    const script = file('monitor.sh');
    const differ: string[] = [];
    for (const line of [
      'ip monitor link',
      'ip monitor addr route neigh rule label',
      'ip monitor dev p0 link',
      'bridge monitor all',
    ]) {
      // Asked again before it is a difference: link watch may have told of a state in between.
      const difference = (await boxes.monitor(line, script)) === null ? null : await boxes.monitor(line, script);
      if (difference !== null) differ.push(difference);
    }
    expect(differ.join('\n')).toBe('');
  });
});
