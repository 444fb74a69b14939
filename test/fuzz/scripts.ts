// Random scripts of the commands that labs are made of, right and wrong, on a lab with one of everything while pings,
// captures and monitors run in it: devices are moved, renamed, enslaved, resized and deleted under traffic. No command fails by
// anything but a message of its own, every run ends, and all rules hold.

import assert from 'node:assert/strict';
import { Stream } from '../../src/base/random.ts';
import { Zoo } from './zoo.ts';

const devices = 'eth0 eth1 eth2 br0 br1 v0 v1 w0 w1 p0 p1 mp0 mv0 mb0 mb1 ms0 mt0 bb0 mm0 tap0 lo x0 x1 nosuch'.split(
  ' ',
);
const spaces = ['a', 'b', 'c', 'd'];
const modes = ['private', 'vepa', 'bridge', 'passthru', 'passthru nopromisc', 'source', 'bogus'];
const hosts = [
  '10.1.0.1',
  '10.1.0.11',
  '10.1.0.14',
  '10.1.0.255',
  '10.2.0.2',
  '10.3.0.2',
  '10.9.9.9',
  '224.0.0.1',
  '127.0.0.1',
];

/** Where a device is at first: lines that do nothing because it is elsewhere prove little. */
const home: Record<string, string> = { mp0: 'a', mb0: 'a', mv0: 'b', mb1: 'b', ms0: 'c' };

/** Runs until the script has ended, on every kind of way. */
const traffic = `
ip netns exec a ping -q -i 0.02 -c 400 10.1.0.1 &
ip netns exec b ping -q -i 0.03 -c 300 10.1.0.13 &
ip netns exec b ping -q -i 0.02 -s 4000 -c 200 10.1.0.1 &
ping -q -b -i 0.05 -c 100 10.1.0.255 &
ping -q -i 0.02 -s 3000 -c 200 10.2.0.2 &
ping -q -i 0.02 -c 300 -I 10.3.0.1 10.3.0.2 &
ip netns exec c arping -q -U -c 5 -I ms0 10.1.0.15 &
timeout 4 tcpdump -ni any -w /tmp/any.pcap 2>/dev/null &
timeout 3 ip monitor > /tmp/monitor &
sleep 0.1
`;

/** One of the arguments. */
type Pick = <T>(...of: readonly T[]) => T;

function line(random: Stream): string {
  const pick: Pick = (...of) => of[random.below(of.length)];
  const ns = (): string => pick(...spaces);
  const device = pick(...devices);
  const dev = (): string => (random.chance(4, 5) ? device : pick(...devices));
  const at = random.chance(3, 4) ? (home[device] ?? '') : pick('', ...spaces);
  const ip = (): string => (at === '' ? 'ip' : `ip -n ${at}`);
  const inNs = (): string => (at === '' ? '' : `ip netns exec ${at} `);
  const mac = (): string => pick('02:00:00:00:00:01', '02:00:00:00:00:02', 'ff:ff:ff:ff:ff:ff', '00:00:00:00:00:00');
  const address = (): string => `10.${1 + random.below(3)}.0.${random.below(256)}`;
  const host = (): string => pick(...hosts);
  return pick<() => string>(
    () => `${ip()} link set ${dev()} ${pick('up', 'up', 'down')}`,
    () => `${ip()} link set ${dev()} mtu ${pick(68, 576, 1000, 1500, 1500, 9000, 70000)}`,
    () => `${ip()} link set ${dev()} netns ${pick(ns(), '1', '$$')}`,
    () => `${ip()} link set ${dev()} address ${mac()}`,
    () => `${ip()} link set ${dev()} ${pick(`master ${pick('br0', 'br1', dev())}`, 'nomaster')}`,
    () => `${ip()} link set ${dev()} name ${pick('x0', 'x1', dev())}`,
    () => `${ip()} link set ${dev()} ${pick('promisc', 'allmulticast', 'arp', 'multicast')} ${pick('on', 'off')}`,
    () => `${ip()} link set ${dev()} txqueuelen ${pick(0, 1, 1000)}`,
    () => `${ip()} link del ${dev()}`,
    () =>
      `${ip()} link add ${pick('x0', 'x1', dev())} link ${dev()} type ${pick('macvlan', 'macvlan', 'macvtap')} mode ${pick(...modes)}`,
    () => `${ip()} link add ${pick('x0', dev())} type veth peer name ${pick('x1', dev())}${pick('', ` netns ${ns()}`)}`,
    () => `${ip()} link add ${pick('br0', 'br1')} type bridge ageing_time ${pick(0, 100, 30000)}`,
    () => `${ip()} link set ${dev()} type macvlan mode ${pick(...modes)}`,
    () => `${ip()} link set ${dev()} type macvlan macaddr ${pick('add', 'del', 'set', 'flush')} ${mac()}`,
    () => `${ip()} link set ${dev()} type bridge ageing_time ${pick(0, 30000)}`,
    () => `bridge link set dev ${dev()} ${pick('hairpin', 'learning', 'flood', 'isolated')} ${pick('on', 'off')}`,
    () =>
      `bridge fdb ${pick('add', 'append', 'del', 'replace')} ${mac()} dev ${dev()} ${pick('self', 'master', 'self permanent')}`,
    () => `${ip()} addr ${pick('add', 'add', 'del')} ${address()}/${pick(8, 24, 32)} dev ${dev()}`,
    () =>
      `${ip()} route ${pick('add', 'replace', 'del')} ${pick('default', '10.9.0.0/16')} ${pick(`via ${address()}`, `dev ${dev()}`)}`,
    () =>
      `${ip()} neigh ${pick('add', 'replace', 'del')} ${address()} dev ${dev()} lladdr ${mac()} nud ${pick('permanent', 'stale', 'reachable')}`,
    () => `${ip()} ${pick('neigh', 'addr', 'route')} flush dev ${dev()}`,
    () => `ip netns ${pick('add', 'add', 'del')} ${ns()}`,
    () =>
      `${inNs()}ping -c ${pick(1, 5)} -i ${pick('0.01', '0.2')} -W 1 -s ${pick(0, 56, 1472, 3000, 65507)} ${pick('', '-b', `-I ${dev()}`)} ${host()} &`,
    () => `${inNs()}ping -q -c 2 -W 1 ${host()}`,
    () => `${inNs()}arping ${pick('', '-D', '-U')} -c 1 -w 1 -I ${dev()} ${host()}`,
    () =>
      `${inNs()}timeout ${pick('0.1', '2')} tcpdump -${pick('n', 'nnve')}i ${pick('any', dev())} ${pick('', 'arp', 'icmp and host 10.1.0.1', '-w /tmp/x.pcap')} &`,
    () => `timeout 1 ip monitor ${pick('', 'link', 'neigh')} &`,
    () => `${inNs()}ifconfig ${dev()} ${pick('up', 'down', address(), 'mtu 1400', '')}`,
    () => `${inNs()}ethtool ${pick('-k', '-i', '-S', '')} ${dev()}`,
    () => `ethtool -K ${dev()} ${pick('tso', 'gro', 'rx', 'l2-fwd-offload', 'bogus')} ${pick('on', 'off')}`,
    () =>
      `${pick('ip', 'ip -d', 'ip -s', 'ip -j -d', 'ip -br', 'ip -o')} ${pick('link', 'addr', 'neigh', 'route', 'netns')}`,
    () =>
      `${inNs()}sysctl -w net.ipv4.${pick('ip_forward', 'conf.all.arp_ignore', 'conf.all.rp_filter')}=${pick(0, 1, 2)}`,
    () =>
      `cat /sys/class/net/${dev()}/${pick('operstate', 'mtu', 'carrier', 'address', 'statistics/rx_packets')} /proc/net/${pick('dev', 'arp', 'route')}`,
    () =>
      `printf 'link set ${dev()} up\\nlink del ${dev()}\\naddr add ${address()}/24 dev ${dev()}\\n' | ip -force -batch -`,
    () => `sleep ${pick('0.001', '0.05', '1', '3')}`,
    () => pick('wait', 'kill $! 2>/dev/null', 'kill -9 $! 2>/dev/null; wait'),
  )();
}

/** Words that only a fault of ours prints. */
const faults =
  /TypeError|RangeError|ReferenceError|AssertionError|assertion|undefined|\[object|NaN|Maximum call stack|at \w+.*\.ts:/;

/** How long a script is, and whether pings and captures run beside it. */
export interface Shape {
  lines: number;
  traffic: boolean;
}

export async function scriptRound(
  seed: number,
  shape: Shape,
): Promise<{ output: string; endNs: number; frames: number }> {
  const zoo = await new Zoo(seed).build();
  const random = new Stream(seed, 'fuzz:scripts');
  const lines = Array.from({ length: shape.lines }, () => line(random));
  const script = `${shape.traffic ? traffic : ''}${lines.map((one) => (random.chance(1, 3) ? `${one}\nsleep 0.03` : one)).join('\n')}`;
  const before = zoo.model.framesCarried();
  const exitCode = await zoo.session.run(`${script}\nkill $(jobs -p) 2>/dev/null\nwait\n`);
  assert.doesNotMatch(zoo.output, faults, `seed ${seed}\n${script}\n${zoo.output}`);
  assert.ok(exitCode < 256, `seed ${seed}: ${zoo.session.failure}\n${script}\n`);
  const frames = zoo.model.framesCarried() - before;
  const endNs = zoo.model.loop.now;
  zoo.end(`\n${script}\n`);
  return { output: zoo.output, endNs, frames };
}
