// What doctor shall find, as the commands that bring it about: the same on the model and on this kernel. The machine is one
// veth, eth0, whose other end is in the namespace sw.

import { groupOf, stableMac } from '../../src/lab/apply/names.ts';
import { formatMac } from '../../src/uapi/format.ts';

export interface Scenario {
  readonly name: string;
  readonly script: string;
  /** `code where`, the worst first. */
  readonly finds: readonly string[];
  /** What is left after --fix --yes; absent: no finding has a fix. */
  readonly after?: readonly string[];
  /** After the fix: a command that succeeds where before it did not. */
  readonly works?: string;
  /** What the first finding's cure says. */
  readonly cure?: string;
  /** Where it cannot be had, and why. */
  readonly notOn?: { readonly arm: 'model' | 'kernel'; readonly why: string };
}

export const PRELUDE = `
ip link set lo up
ip netns add sw
ip link add eth0 address 02:00:00:00:00:f0 type veth peer name far address 02:00:00:00:00:f1
ip link set far netns sw
ip -n sw link set far up
ip link set eth0 up
endpoint() { # NAMESPACE NUMBER [MODE]
  ip netns add $1
  ip link add link eth0 name m0 netns $1 address 02:00:00:00:00:0$2 type macvlan mode \${3:-bridge}
  ip -n $1 link set m0 up
  ip -n $1 addr add 192.168.7.$2/24 dev m0
}
`;

const TWO = 'endpoint blue 1; endpoint green 2\n';

export const SCENARIOS: readonly Scenario[] = [
  { name: 'nothing at all', script: '', finds: [] },
  { name: 'healthy: two macvlans, and a host without an address there', script: TWO, finds: [] },
  {
    name: 'healthy: every mode, a macvtap, and addresses of both families',
    script: `endpoint a 1 bridge; endpoint b 2 vepa; endpoint c 3 private; endpoint d 4 source
ip -n a addr add fd00:7::1/64 dev m0; ip -n b addr add fd00:7::2/64 dev m0
ip netns add t; ip link add link eth0 name t0 netns t address 02:00:00:00:00:0a type macvtap mode bridge; ip -n t link set t0 up
ping -c 1 -W 1 192.168.7.1 2> /dev/null || true; ip netns exec a ping -c 1 -W 2 192.168.7.2 > /dev/null || true`,
    finds: [],
  },
  {
    name: 'healthy: passthru with its host elsewhere',
    script: 'endpoint a 1 passthru',
    finds: [],
  },
  {
    name: 'healthy: a host with a shim',
    script: `${TWO}ip addr add 192.168.7.250/32 dev eth0
ip link add link eth0 name shim address 02:00:00:00:00:0e type macvlan mode bridge; ip link set shim up
ip route add 192.168.7.0/24 dev shim src 192.168.7.250`,
    finds: [],
  },
  {
    name: 'a host that does not reach its macvlans',
    script: `${TWO}ip addr add 192.168.7.10/24 dev eth0`,
    finds: ['host-isolated eth0'],
    after: [],
    works: 'ping -c 1 -W 2 192.168.7.1',
  },
  {
    name: 'the same with IPv6',
    script: `${TWO}ip addr add fd00:7::10/64 dev eth0 nodad; ip -n blue addr add fd00:7::1/64 dev m0 nodad`,
    finds: ['host-isolated eth0'],
    after: [],
    works: 'ping -c 1 -W 2 fd00:7::1',
  },
  {
    name: 'a shim that no route leads to',
    script: `${TWO}ip addr add 192.168.7.10/24 dev eth0
ip link add link eth0 name shim address 02:00:00:00:00:0e type macvlan mode bridge; ip link set shim up`,
    finds: ['host-isolated eth0'],
    after: [],
    works: 'ping -c 1 -W 2 192.168.7.2',
  },
  {
    name: 'private macvlans, which no shim helps',
    script: 'endpoint blue 1 private; ip addr add 192.168.7.10/24 dev eth0',
    finds: ['host-isolated eth0'],
  },
  {
    name: 'healthy: behind a port that reflects, the host reaches them',
    script: `${TWO}ip addr add 192.168.7.10/24 dev eth0
ip -n sw link add br0 type bridge; ip -n sw link set br0 up; ip -n sw link set far master br0; bridge -n sw link set dev far hairpin on`,
    finds: [],
  },
  { name: 'a lowerdev that is down', script: `${TWO}ip link set eth0 down`, finds: ['lower-down eth0'] },
  { name: 'a lowerdev without a carrier', script: `${TWO}ip -n sw link set far down`, finds: ['no-carrier eth0'] },
  { name: 'a macvlan in protodown', script: `${TWO}ip -n blue link set m0 protodown on`, finds: ['protodown blue/m0'] },
  {
    name: 'one MAC twice on a device',
    script: `endpoint blue 1; ip netns add twin
ip link add link eth0 name m0 netns twin address 02:00:00:00:00:01 type macvlan mode bridge`,
    finds: ['duplicate-mac twin/m0'],
  },
  {
    name: 'a lowerdev that was given the MAC of its macvlan',
    script: 'endpoint blue 1; ip link set eth0 address 02:00:00:00:00:01',
    finds: ['lower-took-mac blue/m0'],
  },
  {
    name: 'one MAC on two devices of a network',
    script: `endpoint blue 1; ip link add eth1 address 02:00:00:00:00:e0 type veth peer name far1
ip link set far1 up; ip link set eth1 up; ip netns add other
ip link add link eth1 name m0 netns other address 02:00:00:00:00:01 type macvlan mode bridge
ip -n other link set m0 up; ip -n other addr add 192.168.7.9/24 dev m0`,
    finds: ['duplicate-mac other/m0'],
  },
  {
    name: 'one IP twice',
    script: `${TWO}ip -n green addr add 192.168.7.1/24 dev m0`,
    finds: ['duplicate-ip green/m0'],
  },
  {
    name: 'a link that was being made when its maker was killed',
    script: `${TWO}ip link set eth0 up; ip -n blue link set lo alias lowerdev:web:netns/blue
ip link add link eth0 name half address ${formatMac(stableMac('web', 'endpoint/half'))} group ${groupOf('web')} type macvlan mode bridge`,
    finds: ['half-made-link half'],
    after: [],
    works: '! ip link show half',
  },
  {
    name: 'one that may as well be of somebody who uses the same group: nothing is removed',
    script: `${TWO}ip link set eth0 up; ip -n blue link set lo alias lowerdev:web:netns/blue
ip link add link eth0 name half address 02:00:00:00:00:0a group ${groupOf('web')} type macvlan mode bridge`,
    finds: ['half-made-link half'],
  },
  {
    name: "a group like that, of no lab that is here; and one with an address, which is somebody's",
    script: `ip link add link eth0 name other address 02:00:00:00:00:01 group 1073741900 type macvlan mode bridge
ip link add link eth0 name used address 02:00:00:00:00:02 group 1073741900 type macvlan mode bridge
ip link set used up; ip addr add 10.9.9.9/32 dev used`,
    finds: ['half-made-link other'],
  },
  {
    name: 'a namespace of a lab that has nothing in it',
    script: `${TWO}ip netns add gone; ip -n gone link set lo alias lowerdev:gone:netns/gone`,
    finds: ['empty-lab-netns gone'],
    after: [],
    works: '! ip netns list | grep -q gone',
  },
  {
    name: 'a neighbour that was made anew',
    script: `${TWO}ip -n green neigh add 192.168.7.1 lladdr 02:de:ad:00:00:01 dev m0 nud reachable`,
    finds: ['stale-neighbour green/m0'],
    after: [],
    works: 'ip -n green neigh show 192.168.7.1 | grep 02:00:00:00:00:01',
  },
  {
    name: 'the same with IPv6',
    script: `${TWO}ip -n blue addr add fd00:7::1/64 dev m0 nodad; ip -n green addr add fd00:7::2/64 dev m0 nodad
ip -n green neigh add fd00:7::1 lladdr 02:de:ad:00:00:01 dev m0 nud reachable`,
    finds: ['stale-neighbour green/m0'],
    after: [],
    works: 'ip -n green neigh show fd00:7::1 | grep 02:00:00:00:00:01',
  },
  {
    name: 'a neighbour that somebody set for good',
    script: `${TWO}ip -n green neigh add 192.168.7.1 lladdr 02:de:ad:00:00:01 dev m0 nud permanent`,
    finds: ['stale-neighbour green/m0'],
  },
  {
    name: 'a gateway that does not answer',
    script: `${TWO}ip -n blue route add default via 192.168.7.254
ip netns exec blue ping -c 4 -w 5 10.9.9.9 > /dev/null || true`,
    finds: ['gateway-silent blue/m0'],
  },
  {
    name: 'two devices in one network, and a strict filter',
    script: `endpoint blue 1
ip link add link eth0 name m1 netns blue address 02:00:00:00:00:0b type macvlan mode bridge
ip -n blue link set m1 up; ip -n blue addr add 192.168.7.11/24 dev m1
ip netns exec blue sysctl -qw net.ipv4.conf.m1.rp_filter=1`,
    finds: ['rp-filter blue/m1'],
  },
  {
    name: 'two devices in one network',
    script: `endpoint blue 1
ip link add link eth0 name m1 netns blue address 02:00:00:00:00:0b type macvlan mode bridge
ip -n blue link set m1 up; ip -n blue addr add 192.168.7.11/24 dev m1`,
    finds: ['two-ways blue/m1'],
  },
  {
    name: 'a rule for another address, which only begins like that of the second device',
    script: `endpoint blue 1
ip link add link eth0 name m1 netns blue address 02:00:00:00:00:0b type macvlan mode bridge
ip -n blue link set m1 up; ip -n blue addr add 192.168.7.11/24 dev m1
ip -n blue rule add from 192.168.7.110 table 100`,
    finds: ['two-ways blue/m1'],
  },
  {
    name: 'a passthru macvlan that is down',
    script: 'endpoint blue 1 passthru; ip -n blue link set m0 down',
    finds: ['passthru-down blue/m0'],
  },
  {
    name: 'a passthru macvlan on a device that the host uses',
    script: 'endpoint blue 1 passthru; ip addr add 192.168.9.10/24 dev eth0',
    finds: ['passthru-host blue/m0'],
  },
  {
    name: 'promiscuity that a passthru macvlan left',
    script: `ip link add link eth0 name m0 type macvlan mode passthru nopromisc
ip link set m0 type macvlan mode passthru flag null; ip link set m0 up; ip addr add 192.168.9.1/24 dev m0`,
    finds: ['promisc-left eth0'],
  },
  {
    name: 'a source-mode macvlan that is down and swallows',
    script:
      'ip link add link eth0 name m0 address 02:00:00:00:00:01 type macvlan mode source flag nodst; ip link set m0 type macvlan macaddr add 02:00:00:00:00:99',
    finds: ['nodst-down m0'],
  },
  {
    name: 'no broadcast queue',
    script: `${TWO}ip -n blue link set m0 type macvlan bcqueuelen 0; ip -n green link set m0 type macvlan bcqueuelen 0`,
    finds: ['bc-queue-off eth0'],
  },
  {
    name: 'a macvlan as a port of a bridge',
    script: 'endpoint blue 1; ip -n blue link add br0 type bridge; ip -n blue link set m0 master br0',
    finds: ['macvlan-port blue/m0'],
  },
  {
    name: 'an IPv6 address that somebody else has',
    script: `${TWO}ip -n blue addr add fd00:7::1/64 dev m0 nodad; ip -n green addr add fd00:7::1/64 dev m0
i=0; until ip -n green addr show dev m0 | grep -q dadfailed || [ $i -gt 100 ]; do sleep 0.1; i=$((i + 1)); done`,
    finds: ['dad-failed green/m0'],
  },
  {
    name: 'a private macvlan that hears its own probe',
    script: `ip -n sw link add br0 type bridge; ip -n sw link set br0 up
ip -n sw link set far master br0; bridge -n sw link set dev far hairpin on
ip netns add blue; ip link add link eth0 name m0 netns blue address 02:00:00:00:00:01 type macvlan mode private
ip -n blue link set m0 addrgenmode none
ip netns exec blue sysctl -qw net.ipv6.conf.all.enhanced_dad=0 net.ipv6.conf.m0.enhanced_dad=0
ip -n blue link set m0 up; ip -n blue addr add fd00:7::1/64 dev m0`,
    finds: ['dad-failed blue/m0'],
  },
  {
    name: 'healthy: the same with enhanced_dad, as Linux has it',
    script: `ip -n sw link add br0 type bridge; ip -n sw link set br0 up
ip -n sw link set far master br0; bridge -n sw link set dev far hairpin on
endpoint blue 1 private; ip -n blue addr add fd00:7::1/64 dev m0; sleep 2`,
    finds: [],
  },
  {
    name: 'a lowerdev that was moved',
    script: `${TWO}ip netns add t; ip link set eth0 netns t; ip -n t link set eth0 up`,
    finds: ['filter-lost t/eth0'],
  },
  {
    name: 'router advertisements that a forwarding namespace ignores',
    script: `${TWO}ip -6 route add default via fe80::1 dev eth0 proto ra; ip netns exec blue sysctl -qw net.ipv6.conf.m0.forwarding=1`,
    finds: ['ra-ignored blue/m0'],
  },
  {
    name: 'router advertisements that give no address',
    script: `${TWO}ip -6 route add default via fe80::1 dev eth0 proto ra; ip netns exec blue sysctl -qw net.ipv6.conf.m0.autoconf=0`,
    finds: ['ra-ignored blue/m0'],
    cure: 'ip netns exec blue sysctl -w net.ipv6.conf.m0.autoconf=1',
  },
  {
    name: 'a device whose name means something to a shell',
    script: `${TWO}ip link set eth0 down; ip link set eth0 name 'a;b$c'`,
    finds: ['lower-down a;b$c'],
    cure: "ip link set 'a;b$c' up",
  },
  {
    name: 'a macvlan in a namespace that only an open file keeps',
    script: 'endpoint blue 1; exec 9< /run/netns/blue; ip netns del blue',
    finds: ['unseen-macvlan eth0'],
    notOn: { arm: 'model', why: 'its scripts hold no namespace by a file' },
  },
  {
    name: 'an address that the kernel drew',
    script: 'ip link add link eth0 name r0 type macvlan mode bridge; ip link set r0 up',
    finds: ['random-mac r0'],
  },
  {
    name: 'a name without a namespace',
    script: `${TWO}touch /run/netns/stale`,
    finds: ['stale-netns-name stale'],
    notOn: { arm: 'model', why: 'its names are namespaces' },
  },
  {
    name: 'a device that can stop and has no qdisc',
    script: `ip tuntap add dev tap0 mode tap; exec 9<> /dev/net/tun; ip link set tap0 up; tc qdisc replace dev tap0 root noqueue
ip link add link tap0 name m0 address 02:00:00:00:00:01 type macvlan mode bridge`,
    finds: ['enetdown tap0'],
    after: [],
    works: '! tc qdisc show dev tap0 | grep -q noqueue',
    notOn: { arm: 'model', why: 'it has no tap device; a NIC is tried in model.test.ts' },
  },
];
