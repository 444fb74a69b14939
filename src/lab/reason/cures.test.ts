// Cures said in the words of a lab, and as commands that can be pasted: no remark stands behind a command.

import { expect, test } from 'vitest';
import type { NetDevice } from '../../net/netdev.ts';
import { BRIDGE_MODE, type Cure, commandsOf, run, type Site, wordsOf } from './cures.ts';

const dev = { name: 'eth0', label: 'eth0', uppers: [] as NetDevice[] } as NetDevice;
const site: Site = {
  dev,
  concerned: (devs) => devs,
  run: (_, command) => `ip netns exec blue ${command}`,
  others: () => [],
};

test.each<[Cure, string, string[]]>([
  [
    run('sysctl -w net.ipv6.conf.eth0.disable_ipv6=0', '"ipv6: true"'),
    'sysctl -w net.ipv6.conf.eth0.disable_ipv6=0 ("ipv6: true")',
    ['ip netns exec blue sysctl -w net.ipv6.conf.eth0.disable_ipv6=0'],
  ],
  [{ do: 'words', text: 'one address for each' }, 'one address for each', []],
  [BRIDGE_MODE, '"mode: bridge"', []],
  [{ do: 'bridge-mode', or: 'hairpin', both: false }, 'hairpin on the switch, or "mode: bridge"', []],
  [{ do: 'shim', lower: 'eth0', over: 'shim' }, 'routes to them over shim, not eth0', expect.any(Array) as string[]],
])('%j', (cure, words, commands) => {
  expect(wordsOf(cure)).toBe(words);
  expect(commandsOf(cure, site)).toEqual(commands);
});
