// /sys/class/net/DEV/queues: names, values and errnos as Linux 6.18 gives them for a veth with two txqs and for a macvlan.

import { expect, test } from 'vitest';
import { bindSbChannelQueue, setNumTc, setSbChannel, setTcQueue } from '../net/sb-channel.ts';
import { createModel } from './model.ts';

function machine() {
  const model = createModel({ seed: 1 });
  const { kernel, os } = model;
  const ns = kernel.namespaces[0];
  const dev = kernel.dev.alloc(ns, 'd0', { kind: 'tap', setup() {} }, 2, 2);
  kernel.dev.register(dev);
  const path = (name: string): string => `/sys/class/net/d0/queues/${name}`;
  return {
    dev,
    read: (name: string) => os.readFile(os.initNs, path(name)),
    write: (name: string, text: string) => os.writeFile(os.initNs, path(name), text),
    list: (name: string) => os.listDir(os.initNs, path(name)),
  };
}

test('files of each queue', () => {
  const { list, dev } = machine();
  expect(list('')).toEqual(['rx-0', 'rx-1', 'tx-0', 'tx-1']);
  expect(list('rx-0')).toEqual(['rps_cpus', 'rps_flow_cnt']);
  expect(list('tx-0')).toContain('byte_queue_limits');
  dev.lltx = true;
  expect(list('tx-0')).toEqual(['traffic_class', 'tx_maxrate', 'tx_timeout', 'xps_cpus', 'xps_rxqs']);
});

test('masks have as many bits as there is something to choose; flow counts are powers of two', () => {
  const { read, write } = machine();
  expect([write('tx-1/xps_cpus', '1\n'), read('tx-1/xps_cpus'), read('tx-0/xps_cpus')]).toEqual([0, '1\n', '0\n']);
  expect([write('tx-1/xps_cpus', '4'), write('tx-1/xps_cpus', 'x'), write('rx-0/rps_cpus', 'ff')]).toEqual([
    -75, -22, -75,
  ]);
  expect([write('tx-0/xps_rxqs', '3'), read('tx-0/xps_rxqs'), write('tx-0/xps_rxqs', 'f')]).toEqual([0, '3\n', -75]);
  expect([write('rx-0/rps_flow_cnt', '100'), read('rx-0/rps_flow_cnt')]).toEqual([0, '128\n']);
  expect([write('tx-0/tx_maxrate', '5'), write('tx-0/traffic_class', '1')]).toEqual([-95, -13]);
});

test('a port that lends queues: XPS only where a traffic class is, and not on who has them', () => {
  const { read, write, dev } = machine();
  setNumTc(dev, 1);
  setTcQueue(dev, 0, 1, 0);
  const at = (tx: number): unknown[] => [`tx-${tx}/xps_cpus`, `tx-${tx}/xps_rxqs`].map((f) => [write(f, '1'), read(f)]);
  expect(at(1)).toEqual([
    [-22, -22],
    [-22, -22],
  ]);
  const m = dev.core.alloc(dev.ns, 'm', { kind: 'tap', setup() {} });
  setSbChannel(m, 1);
  bindSbChannelQueue(dev, m, 0, 1, 1);
  // What xps_rxqs of a lent queue was set to, its port does not show.
  expect(at(1)).toEqual([
    [0, '1\n'],
    [0, -22],
  ]);
  expect(read('tx-1/traffic_class')).toBe('0-1\n');
});

test('byte queue limits are the ring’s own', () => {
  const { read, write, dev } = machine();
  const bql = { limit: 3000, minLimit: 0, maxLimit: 1879048192, holdNs: 1e9, inflight: 1514, avail: 1486 };
  dev.txq[0].bql = bql;
  const at = (name: string): string => `tx-0/byte_queue_limits/${name}`;
  expect([read(at('limit')), read(at('inflight')), read(at('hold_time'))]).toEqual(['3000\n', '1514\n', '1000\n']);
  expect([write(at('limit_min'), '2000'), write(at('hold_time'), '77'), write(at('limit_max'), 'max')]).toEqual([
    0, 0, 0,
  ]);
  expect([bql.minLimit, bql.holdNs, bql.maxLimit]).toEqual([2000, 77e6, 1879048192]);
  expect([write(at('limit'), '1879048193'), write(at('limit'), 'x'), write(at('inflight'), '5')]).toEqual([
    -22, -22, -13,
  ]);
});
