// A snapshot holds what `ip` would print, on the model and on this machine's kernel alike.

import { expect, test } from 'vitest';
import { parseMachine } from '../../src/lab/machine-yaml.ts';
import { createModel } from '../../src/lab/model.ts';
import { readSnapshot } from '../../src/lab/snapshot/read.ts';

test('a model with one NIC', () => {
  const model = createModel({ seed: 1, machine: parseMachine('nics: { eth0: { profile: ixgbe } }', 'm.yaml') });
  const snapshot = readSnapshot(model.os);
  expect(snapshot.taken).toBe('2026-01-01T00:00:00Z');
  expect(snapshot.unseen).toEqual([]);
  const [host] = snapshot.namespaces;
  expect(host.links.map((l) => [l.name, l.up, l.driver, l.bus])).toEqual([
    ['lo', true, '', ''],
    ['eth0', false, 'ixgbe', 'pci'],
  ]);
  expect(host.links[1].features?.changeable).toContain('l2-fwd-offload');
  expect(host.links[1].ipv4?.arp_ignore).toBe(0);
  expect(host.sysctls['net.ipv4.conf.all.rp_filter']).toBe('0');
  expect(host.rules.map((r) => `${r.family} ${r.priority} ${r.table}`)).toEqual([
    '4 0 255',
    '4 32766 254',
    '4 32767 253',
    '6 0 255',
    '6 32766 254',
  ]);
  model.close();
});
