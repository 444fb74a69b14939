// A connected socket keeps the queue that its first datagram took, as long as it keeps its route: past the end of the offload
// too (test c of the oracle, C9). Recorded with IPv4; both families follow one rule. Linux: sk_tx_queue_get(), sk_dst_set().

import { expect, test } from 'vitest';
import { parseMachine } from '../../src/lab/machine-yaml.ts';
import { createModel, type Model } from '../../src/lab/model.ts';
import type { NsRef, SockAddr, Socket } from '../../src/lab/os.ts';
import type { SkbOwner } from '../../src/net/skb.ts';
import { runText } from '../../src/shell/testing/run.ts';
import { in6 } from '../../src/wire/in6.ts';
import { ip4Of } from '../../src/wire/text.ts';

const machine = `
nics: { eth0: { profile: generic }, eth1: {} }
cables: [{ between: [eth0, eth1] }]
`;
const LAB = `
ip netns add far
ip link set eth1 netns far
ip -n far addr add 10.0.0.2/24 dev eth1
ip -n far addr add fd00::2/64 dev eth1 nodad
ip -n far link set eth1 up
ip link set eth0 up
ethtool -K eth0 l2-fwd-offload on
ip link add mv0 link eth0 type macvlan mode bridge
ip netns add net0
ip link set mv0 netns net0
ip -n net0 addr add 10.0.0.1/24 dev mv0
ip -n net0 addr add fd00::1/64 dev mv0 nodad
ip -n net0 link set mv0 up
sleep 0.1
ip netns exec net0 ping -c 1 -q 10.0.0.2
ip netns exec net0 ping -c 1 -q fd00::2
`;
const STATION = [4, 5, 6, 7];
const LOWER = [0, 1, 2, 3];
const to: Record<string, SockAddr> = {
  udp4: { addr4: ip4Of('10.0.0.2') as number, port: 9, ifindex: 0, protocol: 0, mac: 0 },
  udp6: { addr4: 0, addr6: in6('fd00::2'), port: 9, ifindex: 0, protocol: 0, mac: 0 },
};

async function lab(): Promise<Model> {
  const model = createModel({ seed: 1, ipv6: true, machine: parseMachine(machine, 'm.yaml') });
  const { output } = await runText(LAB, { kernel: model });
  expect(output.match(/ 0% packet loss/g)).toHaveLength(2);
  return model;
}

const open = (model: Model, kind: 'udp4' | 'udp6'): Socket & SkbOwner =>
  model.os.socket(model.os.nsByName('net0') as NsRef, kind, 0) as Socket & SkbOwner;

/** Sends a datagram; the queue that the socket remembers then, -1: none. */
async function sent(model: Model, s: Socket & SkbOwner, where: SockAddr | null): Promise<number> {
  expect(s.sendTo(new Uint8Array(10), where)).toBeGreaterThanOrEqual(0);
  await runText('sleep 0.01', { kernel: model });
  return s.txQueue;
}

test.each(['udp4', 'udp6'] as const)('%s', async (kind) => {
  const model = await lab();
  const s = open(model, kind);
  const loose = open(model, kind);
  expect(s.connect(to[kind])).toBe(0);
  const q = await sent(model, s, null);
  expect(STATION).toContain(q);
  expect(await sent(model, loose, to[kind])).toBe(-1);

  await runText('ethtool -K eth0 l2-fwd-offload off', { kernel: model });
  s.takeError(); // the peer's "port unreachable"
  expect(await sent(model, s, null)).toBe(q);
  const late = open(model, kind);
  expect(late.connect(to[kind])).toBe(0);
  expect(LOWER).toContain(await sent(model, late, null));

  // Routes change: the socket looks its own up again, and forgets the queue with the old one.
  await runText('ip -n net0 addr add 10.9.0.1/24 dev mv0; ip -n net0 addr add fd09::1/64 dev mv0 nodad', {
    kernel: model,
  });
  s.takeError();
  expect(LOWER).toContain(await sent(model, s, null));
});

// Linux: fib_netdev_event() has no case for NETDEV_FEAT_CHANGE, so that no route is made anew, in the port's namespace either.
test('a macvlan beside its port: features that change are no reason to choose again', async () => {
  const model = createModel({ seed: 1, ipv6: true, machine: parseMachine(machine, 'm.yaml') });
  const beside = LAB.replace('ip link set mv0 netns net0', '')
    .replaceAll('ip -n net0 ', 'ip ')
    .replaceAll('ip netns exec net0 ', '');
  expect((await runText(beside, { kernel: model })).output.match(/ 0% packet loss/g)).toHaveLength(2);
  const s = model.os.socket(model.os.initNs, 'udp4', 0) as Socket & SkbOwner;
  expect(s.connect(to['udp4'])).toBe(0);
  const q = await sent(model, s, null);
  expect(STATION).toContain(q);
  await runText('ethtool -K eth0 l2-fwd-offload off', { kernel: model });
  s.takeError();
  expect(await sent(model, s, null)).toBe(q);
});
