// Words of ip and bridge with values that fit and values that do not, and beginnings of words: lines of which most are wrong.
// What both sides make of them must be the same. A run takes a sample; the lists are about 3,000 lines long.

import type { Stream } from '../../src/base/random.ts';

const split = (text: string): string[] => text.split(' ');

const BRIDGE = split(
  'forward_delay hello_time max_age ageing_time stp_state priority vlan_filtering vlan_protocol group_fwd_mask fdb_flush ' +
    'vlan_default_pvid vlan_stats_enabled mcast_router mcast_snooping mcast_query_use_ifaddr mcast_querier ' +
    'mcast_hash_elasticity mcast_hash_max mcast_last_member_count mcast_last_member_interval mcast_query_interval ' +
    'mcast_stats_enabled mcast_igmp_version mcast_mld_version nf_call_iptables nf_call_arptables gc_timer frob',
);
const SLAVE = split(
  'fdb_flush state priority cost hairpin guard root_block fastleave learning flood mcast_flood proxy_arp proxy_arp_wifi ' +
    'mcast_router mcast_fast_leave bcast_flood mcast_to_unicast group_fwd_mask neigh_suppress vlan_tunnel isolated locked ' +
    'backup_port nobackup_port mab help',
);
const PORT = split(
  'guard hairpin fastleave root_block learning learning_sync flood mcast_flood bcast_flood mcast_to_unicast cost priority ' +
    'state hwmode neigh_suppress vlan_tunnel isolated locked backup_port nobackup_port self master dev mcast_router frob',
);
const MACVLAN = split('mode flag nopromisc nodst macaddr bcqueuelen frob help');
const LINK = split(
  'up down arp multicast allmulticast promisc carrier txqueuelen qlen mtu address broadcast addr alias master nomaster ' +
    'protodown gso_max_size gso_max_segs gro_max_size group mode state addrgenmode vrf type minmtu link name',
);
const NUMBERS = ['', 'x', '0', '1', '2', '256', '65536', '4294967296', '0x10', 'on', 'off', 'ON', '1 1'];
const MACVLAN_VALUES = [
  ...NUMBERS,
  'private',
  'BRIDGE',
  'passthru',
  'null',
  'nodst',
  'set',
  'flush',
  'add 02:00:00:00:00:01',
  'del 02:00:00:00:00:01',
  'add 1',
  'set 02:00:00:00:00:01 02:00:00:00:00:02',
  'set zz',
];
const LINK_VALUES = [...NUMBERS, 'default', 'dormant', 'eui64', 'none', '02:00:00:00:00:99', 'p0', 'nope'];
const ROUTES = split('add del replace change append prepend get show flush test');
const ROUTE_VALUES = [
  '',
  'default',
  '10.8.0.0/16',
  '10.8.0.0/16 dev p0',
  '10.8.0.1/16 dev p0',
  '10.8.0.0/16 via 10.99.0.9',
  '10.8.0.0/16 via 10.99.0.9 dev p0 onlink',
  'blackhole 10.8.0.0/16',
  '10.8.0.0/16 dev p0 metric x',
  '10.8.0.0/16 dev p0 table frob',
  '10.8.0.0/16 dev p0 scope frob',
  '10.8.0.0/16 dev p0 src 9.9.9.9',
  '10.8.0.0/16 dev p0 mtu lock 1400',
  '10.8.0.0/16 nexthop via 10.0.0.250 dev p0 nexthop via 10.0.0.251 weight 3',
  '10.8.0.0/33 dev p0',
  '10.8.0.9 iif nope',
  'root 10/8',
  'table all',
];
const NEIGH = split('add del replace change show flush get');
const NEIGH_VALUES = [
  '',
  '10.0.0.77',
  '10.0.0.77 lladdr 02:00:00:00:00:77 dev p0',
  '10.0.0.77 lladdr 02:00 dev p0',
  '10.0.0.77 lladdr zz dev p0',
  '10.0.0.77 dev p0 nud frob',
  '10.0.0.77 dev nope',
  'proxy 10.0.0.78 dev p0',
  '10.0.0.77 dev p0 protocol 5',
  '10.0.0.77 dev p0 extern_learn lladdr 02:00:00:00:00:77',
  '224.0.0.1 lladdr 01:00:5e:00:00:01 dev p0',
];
const FDB = split('add append replace del show get');
const FDB_VALUES = [
  '',
  '02:00:00:00:00:77',
  '02:00:00:00:00:77 dev p1 master',
  '02:00:00:00:00:77 dev p1 master temp',
  '02:00:00:00:00:77 dev p1 self',
  '02:00:00:00:00:77 dev p0 master',
  '01:00:5e:00:00:77 dev m1',
  '01:00:5e:00:00:77 dev p1 master',
  '02:00 dev p1',
  '02:00:00:00:00:77 dev nope',
  'br br0',
  '02:00:00:00:00:77 dev p1 vlan x',
  '02:00:00:00:00:77 dev p1 master use',
  '02:00:00:00:00:77 dev br0 self',
];

interface Shape {
  words: readonly string[];
  values: readonly string[];
  line(word: string, value: string): string;
}

const SHAPES: readonly Shape[] = [
  { words: BRIDGE, values: NUMBERS, line: (w, v) => `ip link set br0 type bridge ${w} ${v}` },
  { words: SLAVE, values: NUMBERS, line: (w, v) => `ip link set p1 type bridge_slave ${w} ${v}` },
  { words: PORT, values: [...NUMBERS, 'veb', 'forwarding', '-1'], line: (w, v) => `bridge link set dev p1 ${w} ${v}` },
  { words: MACVLAN, values: MACVLAN_VALUES, line: (w, v) => `ip link set m2 type macvlan ${w} ${v}` },
  { words: LINK, values: LINK_VALUES, line: (w, v) => `ip link set dev m1 ${w} ${v}` },
  { words: ROUTES, values: ROUTE_VALUES, line: (w, v) => `ip route ${w} ${v}` },
  { words: NEIGH, values: NEIGH_VALUES, line: (w, v) => `ip neigh ${w} ${v}` },
  { words: FDB, values: FDB_VALUES, line: (w, v) => `bridge fdb ${w} ${v}` },
];

/** So that what a line changed does not hide what the next ones do. */
export const REPAIR =
  '!ip link set m2 type macvlan mode source; ip link set p1 type bridge_slave state 3 priority 32 cost 2; bridge link set dev p1 master';

/** One line; one in eight has a word of which the end is missing. */
export function lineOf(random: Stream): string {
  const shape = SHAPES[random.below(SHAPES.length)];
  const word = shape.words[random.below(shape.words.length)];
  // "no" and the like are beginnings of several words, in an order of the tool's own that is tested elsewhere.
  const cut = random.chance(1, 8) && word.length > 4 && shape.words !== PORT && shape.words !== LINK;
  const value = shape.values[random.below(shape.values.length)];
  return shape.line(cut ? word.slice(0, word.length - 1) : word, value).trimEnd();
}
