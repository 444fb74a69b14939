// /proc/sys/net: reading, writing, bounds, and what follows from a write.

import { expect, test } from 'vitest';
import { inetConf } from './control.ts';
import { snmpText } from './proc-snmp.ts';
import { sysctlList, sysctlRead, sysctlWrite } from './sysctl.ts';
import { addr, cable, makeKernel } from './testing.ts';

function lab() {
  const kernel = makeKernel();
  const ns = kernel.createNs('a');
  const child = kernel.createNs('b');
  const [v0, v1] = cable(ns, 'v0', ns, 'v1');
  const read = (path: string): string | number => sysctlRead(ns, `net/ipv4/${path}`);
  const write = (path: string, text: string): number => sysctlWrite(ns, `net/ipv4/${path}`, text);
  return { kernel, ns, child, v0, v1, read, write };
}

test('numbers, bounds, pairs', () => {
  const { read, write } = lab();
  expect(read('ip_default_ttl')).toBe('64\n');
  expect([write('ip_default_ttl', '77\n'), read('ip_default_ttl')]).toEqual([0, '77\n']);
  expect(['0', '256', 'abc', ''].map((v) => write('ip_default_ttl', v))).toEqual([-22, -22, -22, -22]);
  expect([write('ip_local_port_range', '40000 50000'), read('ip_local_port_range')]).toEqual([0, '40000\t50000\n']);
  expect(write('ip_local_port_range', '50000 40000')).toBe(-22);
  expect([read('nosuch'), write('conf/nosuch/rp_filter', '1'), read('conf')]).toEqual([-2, -2, -21]);
});

test('forwarding for all is forwarding for each, and redirects are believed no more', () => {
  const { read, write } = lab();
  write('ip_forward', '1');
  expect(
    ['conf/all/forwarding', 'conf/v0/forwarding', 'conf/default/forwarding', 'conf/all/accept_redirects'].map(read),
  ).toEqual(['1\n', '1\n', '1\n', '0\n']);
  write('conf/v0/forwarding', '0');
  expect([read('ip_forward'), read('conf/v1/forwarding')]).toEqual(['1\n', '1\n']);
});

test('any number but 0 forwards, and reads as it was written', () => {
  const { read, write } = lab();
  const seen = ['ip_forward', 'conf/all/forwarding', 'conf/v0/forwarding', 'conf/all/accept_redirects'];
  for (const v of ['5', '-3']) {
    expect(write('ip_forward', v)).toBe(0);
    expect(seen.map(read)).toEqual([`${v}\n`, `${v}\n`, `${v}\n`, '0\n']);
  }
  write('ip_forward', '0');
  expect(seen.map(read)).toEqual(['0\n', '0\n', '0\n', '1\n']);
  expect(write('conf/v0/mc_forwarding', '1')).toBe(-22);
});

test("times of neighbours may be below zero, where Linux' may", () => {
  const { read, write } = lab();
  const set = (name: string, v: string): Array<string | number> => [
    write(`neigh/v0/${name}`, v),
    read(`neigh/v0/${name}`),
  ];
  expect(set('delay_first_probe_time', '-7')).toEqual([0, '-7\n']);
  expect(set('gc_stale_time', '2147483647')).toEqual([-22, '60\n']);
  expect(set('locktime', '-7')).toEqual([0, '-0\n']);
  expect(set('app_solicit', '-1')).toEqual([-22, '0\n']);
  expect(set('interval_probe_time_ms', '0')).toEqual([-22, '5000\n']);
  expect(set('unres_qlen', '7')).toEqual([0, '7\n']);
  expect(read('neigh/v0/unres_qlen_bytes')).toBe('14630\n');
  expect([write('neigh/default/gc_thresh1', '-1'), read('neigh/default/gc_thresh1')]).toEqual([0, '-1\n']);
});

test('default reaches devices that nobody touched', () => {
  const { read, write, v1 } = lab();
  write('conf/v0/arp_ignore', '1');
  write('conf/default/arp_ignore', '3');
  expect([read('conf/v0/arp_ignore'), read('conf/v1/arp_ignore')]).toEqual(['1\n', '3\n']);
  addr(v1, '10.0.0.1/24');
  write('conf/default/arp_ignore', '4');
  expect(read('conf/v1/arp_ignore')).toBe('3\n');
});

test('folders, and what only the first namespace has', () => {
  const { ns, child } = lab();
  expect(sysctlList(ns, 'net/ipv4/conf')).toEqual(['all', 'default', 'lo', 'v0', 'v1']);
  expect(sysctlList(ns, 'net/ipv4/neigh')).toEqual(['default', 'lo', 'v0', 'v1']);
  expect(sysctlList(child, 'net/ipv4/neigh')).toEqual(['lo']);
  expect(sysctlRead(child, 'net/ipv4/neigh/default/gc_thresh1')).toBe(-2);
  const own = ['optmem_max', 'rmem_default', 'rmem_max', 'somaxconn', 'wmem_default', 'wmem_max'];
  expect(sysctlList(child, 'net/core')).toEqual(own);
  expect(sysctlRead(child, 'net/core/dev_weight')).toBe(-2);
  expect(sysctlRead(ns, 'net/core/dev_weight')).toBe('64\n');
  expect(sysctlWrite(ns, 'net/core/dev_weight', 'x')).toBe(-22);
});

test("a link's AF_INET array, and the counters' text", () => {
  const { ns, v0 } = lab();
  expect(inetConf(v0)).toEqual([
    0, 0, 0, 1, 1, 1, 1, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 10000, 1000, 0, 0, 0, 0, 1,
  ]);
  expect(snmpText(ns).split('\n')[1]).toBe('Ip: 2 64 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0');
});
