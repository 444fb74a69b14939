// veth against what a live 6.18 shows: features, carrier, counters, the end of a pair.

import { expect, test } from 'vitest';
import { addLink, counters, down, errnoOf, mac, makeKernel, Recorder, send, settle, up } from '../testing.ts';
import { vethLink } from './veth.ts';

const A = mac('02:00:00:00:00:0a');

test('a pair: the peer comes first, both end together', () => {
  const { kernel, host } = makeKernel();
  const v0 = addLink(host, vethLink, 'v0', { peer: 'v1' });
  const v1 = host.dev('v1')!;
  expect([v1.ifindex, v0.ifindex]).toEqual([2, 3]);
  expect([v0.iflink, v1.iflink]).toEqual([2, 3]);
  expect(v0.features.toString(16)).toBe('612e4fdd09e9');
  expect(v0.hwFeatures.toString(16)).toBe('a00632e4fdd49e9');
  expect([v0.txq.length, v0.realNumTxQueues]).toEqual([2, 1]);
  expect(v0.addr).not.toBe(v1.addr);
  kernel.dev.delete(v0);
  expect(host.dev('v1')).toBeNull();
  expect(v1.regState).toBe('gone');
});

test('carrier only while both are up', () => {
  const { kernel, host } = makeKernel();
  const v0 = addLink(host, vethLink, 'v0', { peer: 'v1' });
  const v1 = host.dev('v1')!;
  up(v0);
  settle(kernel, 1100);
  expect([v0.carrier, v0.operState, v0.txq[0].qdisc.kind]).toEqual([false, 3, 'noop']);
  up(v1);
  settle(kernel, 1100);
  expect([v0.carrier, v0.operState, v0.txq[0].qdisc.kind]).toEqual([true, 6, 'noqueue']);
  down(v1);
  expect(v0.carrier).toBe(false);
});

test('a frame crosses once, inbound through the backlog, and counts on both ends', () => {
  const { kernel, host } = makeKernel();
  const far = kernel.createNs('far');
  const v0 = addLink(host, vethLink, 'v0', { peer: 'v1', peerNs: far });
  const v1 = far.dev('v1')!;
  up(v0);
  up(v1);
  settle(kernel);
  const seen = new Recorder([v0, v1]);
  expect(send(v0, A)).toBe(0);
  expect(seen.take()).toEqual(['v0 OUT']);
  settle(kernel);
  expect(seen.take()).toEqual(['far/v1 OTHERHOST']);
  send(v0, v1.addr);
  settle(kernel);
  expect(seen.take()).toEqual(['v0 OUT', 'far/v1 HOST']);
  expect(counters(v0)).toBe('txPackets 2 txBytes 120');
  expect(counters(v1)).toBe('rxPackets 2 rxBytes 120');
  expect(kernel.skbs.live).toBe(0);
});

test('a frame that the peer cannot take is a drop on both ends, and the sender is told', () => {
  const { kernel, host } = makeKernel();
  const v0 = addLink(host, vethLink, 'v0', { peer: 'v1' });
  const v1 = host.dev('v1')!;
  up(v0);
  up(v1);
  settle(kernel);
  kernel.dev.setMtu(v1, 1000);
  expect(send(v0, A, A, 0x88b5, 1394)).toBe(1);
  expect(counters(v0)).toBe('txDropped 1');
  expect(counters(v1)).toBe('rxDropped 1');
});

test('queues in use: as many as the request counts for the device, and its silence counts for the peer', () => {
  const { host } = makeKernel();
  const used = (name: string): number[] => {
    const dev = host.dev(name)!;
    return [dev.realNumRxQueues, dev.realNumTxQueues];
  };
  addLink(host, vethLink, 'v0', { peer: 'v1', tb: { numRxQueues: 2 } });
  expect([used('v0'), used('v1')]).toEqual([
    [2, 1],
    [2, 1],
  ]);
});

test('refusals', () => {
  const { host } = makeKernel();
  expect(errnoOf(() => addLink(host, vethLink, 'v0', { peer: 'v1', tb: { mtu: 67 } }))).toBe(22);
  expect(errnoOf(() => addLink(host, vethLink, 'v0', { peer: 'v1', tb: { address: 0x010000000001 } }))).toBe(99);
  expect(errnoOf(() => addLink(host, vethLink, 'v0', { peer: 'v0' }))).toBe(17);
  expect(host.devices().map((d) => d.name)).toEqual(['lo']);
});

test('ethtool -S', () => {
  const { host } = makeKernel();
  const v0 = addLink(host, vethLink, 'v0', { peer: 'v1' });
  const stats = v0.ethtoolStats!(v0);
  expect(stats[0]).toEqual(['peer_ifindex', 2]);
  expect(stats.map(([name]) => name).slice(-2)).toEqual(['tx_queue_0_xdp_xmit', 'tx_queue_0_xdp_xmit_errors']);
  expect(stats).toHaveLength(10);
});

test('a frame that nobody wants is dropped, unless somebody watches', () => {
  const { kernel, host } = makeKernel();
  const v0 = addLink(host, vethLink, 'v0', { peer: 'v1' });
  const v1 = host.dev('v1')!;
  up(v0);
  up(v1);
  settle(kernel);
  send(v0, v1.addr);
  settle(kernel);
  expect(v1.coreRxDropped).toBe(1);
  new Recorder([v1]);
  send(v0, v1.addr);
  settle(kernel);
  expect(v1.coreRxDropped).toBe(1);
});

test('features that depend on others, as ethtool -K showed them: what was asked for, and what came of it', () => {
  const measured = [
    ['612e4fdd01e9', '612e4fdd01e9'],
    ['612e4fdd09a8', '612e4fc001a8'],
    ['610e4fdd09e1', '610c4fc009e1'],
    ['61264fc009e9', '61264fc009e9'],
    ['612e4fdc09e9', '612e4fd409e9'],
    ['612e4fdd09e1', '612c4fc009e1'],
    ['612e4fcc09e9', '612e4fc009e9'],
    ['602e4fdd09e9', '602e4fdd09e9'],
    ['200612e4fdd49e9', '200612e4fdd49e9'],
    ['612e4fdd09e8', '612e4fc001e8'],
    ['612c4fdd09e9', '612c4fdd09e9'],
    ['612e4fdd01a8', '612e4fc001a8'],
  ];
  for (const [requested, active] of measured) {
    const { host, kernel } = makeKernel();
    const v0 = addLink(host, vethLink, 'v0', { peer: 'v1' });
    v0.wantedFeatures = BigInt(`0x${requested}`);
    kernel.dev.updateFeatures(v0);
    expect([requested, v0.features.toString(16)]).toEqual([requested, active]);
  }
});
