// A snapshot of a model, loaded into a new model, gives the same snapshot: for links of every kind, in and across
// namespaces, with what addresses, routes, rules, neighbours and settings there can be.

import { expect, test } from 'vitest';
import { loadSnapshot } from '../../src/lab/snapshot/load.ts';
import type { Snapshot } from '../../src/lab/snapshot/snapshot.ts';
import { comparable, modelAfter, snapshotOf } from './testing.ts';

const MACHINE = `
nics:
  eth0: { profile: ixgbe }
  eth1: { profile: i40e }
  eth2: { profile: generic, queues: 2 }
cables:
  - between: [eth0, sw/p1]
  - between: [eth2, far/eth0]
switches:
  sw: { ports: [p1, p2], hairpin: [p1] }
peers:
  far: { addresses: [10.2.0.2/24] }
`;

const ZOOS: Record<string, string> = {
  'nothing but what a machine begins with': ':',
  'NICs, up and down':
    'ip link set eth0 up; ip link set eth1 up; ip addr add 10.0.0.1/24 dev eth1; ethtool -K eth0 tso off',
  'macvlans of every mode': `
    ip link set eth0 up; ip link set eth2 up; ip link set eth2 promisc on
    for n in a b c; do ip netns add $n; ip -n $n link set lo up; done
    ip link add mp0 link eth0 netns a type macvlan mode private
    ip link add mv0 link eth0 netns b type macvlan mode vepa bcqueuelen 77
    ip link add mb0 link eth0 address 02:00:00:00:00:42 netns a type macvlan mode bridge nopromisc
    ip link add ms0 link eth0 netns c type macvlan mode source
    ip -n c link set ms0 type macvlan macaddr add 02:00:00:00:00:01
    ip link add mt0 link eth1 type macvlan mode passthru
    ip link add tap0 link eth2 type macvtap mode vepa
    ip -n a link set mp0 up; ip -n b link set mv0 up; ip -n a link set mb0 up; ip -n c link set ms0 up; ip link set mt0 up
    ip -n a addr add 10.1.0.1/24 dev mb0; ip -n a route add default via 10.1.0.254; ip -n b addr add 10.1.0.2/24 dev mv0`,
  'an accelerated macvlan': `
    ethtool -K eth0 l2-fwd-offload on; ip link set eth0 up
    ip link add m0 link eth0 type macvlan mode bridge; ip link set m0 up; ip addr add 10.4.0.1/24 dev m0`,
  'vethes, bridges, VLANs, a dummy': `
    ip netns add a; ip link add v0 type veth peer name v1; ip link add w0 type veth peer name eth0 netns a
    ip link add br0 type bridge ageing_time 1000; ip link set v0 master br0; ip link set w0 master br0
    bridge link set dev w0 hairpin on cost 7
    ip link add link eth2 name eth2.5 type vlan id 5; ip link add d0 type dummy
    for d in v0 v1 w0 br0 eth2 eth2.5 d0; do ip link set $d up; done; ip -n a link set eth0 up
    ip link set d0 alias 'for the lab'; ip link property add dev d0 altname a-longer-name-of-d0; ip link set d0 group 7
    ip addr add 10.5.0.1/24 dev br0; ip addr add 10.5.0.2/24 dev v1; ip -n a addr add 10.5.0.3/24 dev eth0
    ip link set d0 mtu 9000 txqueuelen 5; ip link set v1 carrier on 2>/dev/null; bridge fdb add 02:00:00:00:00:99 dev w0 master static
    ping -c 1 -I v1 10.5.0.1 >/dev/null; :`,
  'a bond': `
    ip link add bond0 type bond mode active-backup miimon 100
    ip link set eth0 down; ip link set eth0 master bond0; ip link set eth1 master bond0; ip link set bond0 up
    ip link add m0 link bond0 type macvlan mode bridge; ip link set m0 up; sleep 1`,
  'addresses, routes, rules, neighbours, settings': `
    ip link set eth2 up; ip link set lo up; ip addr add 10.2.0.1/24 dev eth2; ip addr add 10.2.0.9/24 dev eth2
    ip addr add 192.0.2.1 peer 192.0.2.9/32 dev eth2; ip addr add 2001:db8::1/64 dev eth2 nodad
    ip addr add 2001:db8:5::1/64 dev eth2 valid_lft 1000 preferred_lft 500
    ip route add 10.9.0.0/16 via 10.2.0.254 metric 5; ip route add default via 10.2.0.2 mtu 1400
    ip route add blackhole 10.66.0.0/16; ip route add 10.77.0.0/16 via 10.2.0.3 table 100; ip -6 route add 2001:db8:9::/48 via 2001:db8::9
    ip route add 10.78.0.0/16 nexthop via 10.2.0.3 weight 2 nexthop via 10.2.0.4
    ip rule add from 10.2.0.9 lookup 100 priority 1000; ip -6 rule add to 2001:db8:77::/48 prohibit priority 900
    ip neigh add 10.2.0.77 lladdr 02:00:00:00:00:77 dev eth2; ip neigh add proxy 10.2.0.88 dev eth2
    ip neigh add 2001:db8::77 lladdr 02:00:00:00:00:77 nud reachable dev eth2
    sysctl -qw net.ipv4.ip_forward=1 net.ipv4.conf.eth2.rp_filter=2 net.ipv4.conf.all.arp_ignore=1 net.ipv6.conf.eth1.disable_ipv6=1
    sysctl -qw net.ipv4.icmp_echo_ignore_all=1 net.ipv4.conf.eth2.proxy_arp=1
    ping -c 1 10.2.0.2 >/dev/null; sleep 3`,
};

async function zooOf(script: string): Promise<Snapshot> {
  const model = await modelAfter(MACHINE, script);
  const snapshot = snapshotOf(model);
  model.close();
  return snapshot;
}

for (const [name, script] of Object.entries(ZOOS)) {
  test(`the same again: ${name}`, async () => {
    const first = await zooOf(script);
    const loaded = loadSnapshot(JSON.parse(JSON.stringify(first)));
    const second = snapshotOf(loaded.model);
    expect(loaded.notes.map((n) => n.text)).toEqual([]);
    expect(comparable(second)).toEqual(comparable(first));
    loaded.model.close();
  });
}
