// A host with macvlans, and everything that is wrong with such hosts: each entry breaks one thing, says what is asked then
// and what has to be named, and mends it. For the model and for Linux alike.

/** `wire` is behind p0: 10.0.0.254 there forwards to `far`, 10.8.0.2. */
export const SETUP = `
ip link set lo up
for n in wire far blue green; do ip netns add $n; ip -n $n link set lo up; done
ip link add p0 address 02:00:00:00:00:a0 type veth peer name p0x address 02:00:00:00:00:af netns wire
ip link set p0 up; ip addr add 10.0.0.100/24 dev p0
ip -n wire link set p0x up; ip -n wire addr add 10.0.0.254/24 dev p0x
ip -n wire link add f0 type veth peer name eth0 netns far
ip -n wire link set f0 up; ip -n wire addr add 10.8.0.1/24 dev f0
ip -n far link set eth0 up; ip -n far addr add 10.8.0.2/24 dev eth0; ip -n far route add default via 10.8.0.1
ip netns exec wire sysctl -qw net.ipv4.ip_forward=1
ip link add link p0 name eth0 netns blue address 02:00:00:00:00:b1 type macvlan mode bridge
ip link add link p0 name eth0 netns green address 02:00:00:00:00:b2 type macvlan mode bridge
ip -n blue addr add 10.0.0.1/24 dev eth0; ip -n green addr add 10.0.0.2/24 dev eth0
ip -n blue addr add 2001:db8::1/64 dev eth0 nodad; ip -n green addr add 2001:db8::2/64 dev eth0 nodad
for n in blue green; do ip -n $n link set eth0 up; ip -n $n route add default via 10.0.0.254; done
ip route add default via 10.0.0.254
sleep 0.1
`;

export interface Broken {
  readonly name: string;
  readonly break: string;
  readonly mend: string;
  /** What is left is taken away afterwards. */
  readonly clean?: string;
  /** Who reaches whom no more. */
  readonly ask: readonly [from: string, to: string];
  /** What a ping says of it: the namespace and the address. */
  readonly ping: readonly [netns: string, address: string];
  /** The answer's code, and what its text or evidence names. */
  readonly code: string;
  readonly names: RegExp;
  /** Only the model has what it takes. */
  readonly modelOnly?: boolean;
}

export const BROKEN: readonly Broken[] = [
  {
    name: 'the parent is down',
    break: 'ip link set p0 down',
    mend: 'ip link set p0 up; ip route add default via 10.0.0.254',
    ...{ ask: ['blue', 'green'], ping: ['blue', '10.0.0.2'], code: 'link-down', names: /p0 is down/ },
  },
  {
    name: "the endpoint's device is down",
    break: 'ip -n green link set eth0 down',
    mend: 'ip -n green link set eth0 up; ip -n green route add default via 10.0.0.254',
    ...{ ask: ['blue', 'green/eth0'], ping: ['blue', '10.0.0.2'], code: 'link-down', names: /green\/eth0 is down/ },
  },
  {
    name: 'private siblings',
    break: 'ip -n green link set eth0 type macvlan mode private',
    mend: 'ip -n green link set eth0 type macvlan mode bridge',
    ...{ ask: ['blue', 'green'], ping: ['blue', '10.0.0.2'], code: 'private', names: /private/ },
  },
  {
    name: 'vepa without a hairpin',
    break: 'for n in blue green; do ip -n $n link set eth0 type macvlan mode vepa; done',
    mend: 'for n in blue green; do ip -n $n link set eth0 type macvlan mode bridge; done',
    ...{ ask: ['blue', 'green'], ping: ['blue', '10.0.0.2'], code: 'no-hairpin', names: /vepa/ },
  },
  {
    name: 'one of two in vepa mode',
    break: 'ip -n green link set eth0 type macvlan mode vepa',
    mend: 'ip -n green link set eth0 type macvlan mode bridge',
    ...{ ask: ['blue', 'green'], ping: ['blue', '10.0.0.2'], code: 'mixed-modes', names: /bridge to vepa/ },
  },
  {
    name: 'source mode with an empty list',
    break: 'ip -n green link set eth0 type macvlan mode source',
    mend: 'ip -n green link set eth0 type macvlan mode bridge',
    ...{ ask: ['blue', 'green'], ping: ['blue', '10.0.0.2'], code: 'source', names: /source/ },
  },
  {
    name: 'the host and its own macvlan',
    break: ':',
    mend: 'ip addr del 10.0.0.100/24 dev p0; ip link add link p0 name shim type macvlan mode bridge; ip link set shim up; ip addr add 10.0.0.100/24 dev shim',
    ...{ ask: ['host', 'blue'], ping: ['', '10.0.0.1'], code: 'host-isolation', names: /host isolation: p0/ },
  },
  {
    name: 'no route',
    break: 'ip -n blue route del default',
    mend: 'ip -n blue route add default via 10.0.0.254',
    ...{ ask: ['blue', 'far'], ping: ['blue', '10.8.0.2'], code: 'no-route', names: /no route/ },
  },
  {
    name: 'a gateway that nobody is',
    break: 'ip -n blue route replace default via 10.0.0.99',
    mend: 'ip -n blue route replace default via 10.0.0.254',
    ...{ ask: ['blue', 'far'], ping: ['blue', '10.8.0.2'], code: 'no-such-neighbour', names: /10\.0\.0\.99/ },
  },
  {
    name: 'a gateway that does not forward',
    break: 'ip netns exec wire sysctl -qw net.ipv4.ip_forward=0',
    mend: 'ip netns exec wire sysctl -qw net.ipv4.ip_forward=1',
    ...{
      ask: ['blue', 'far'],
      ping: ['blue', '10.8.0.2'],
      code: 'not-forwarded',
      names: /10\.0\.0\.254 does not forward/,
    },
  },
  {
    name: 'no way back',
    break: 'ip -n far route del default',
    mend: 'ip -n far route add default via 10.8.0.1',
    ...{ ask: ['blue', 'far'], ping: ['blue', '10.8.0.2'], code: 'no-route-back', names: /no route back/ },
  },
  {
    name: 'rp_filter on the second device of a subnet',
    break: `ip link add link p0 name eth1 netns green type macvlan mode bridge; ip -n green addr add 10.0.0.3/24 dev eth1
      ip netns exec green sysctl -qw net.ipv4.conf.all.arp_ignore=1 net.ipv4.conf.eth1.rp_filter=1; ip -n green link set eth1 up`,
    mend: 'ip netns exec green sysctl -qw net.ipv4.conf.eth1.rp_filter=0',
    clean: 'ip -n green link del eth1; ip netns exec green sysctl -qw net.ipv4.conf.all.arp_ignore=0',
    ...{ ask: ['blue', '10.0.0.3'], ping: ['blue', '10.0.0.3'], code: 'rp-filter', names: /rp_filter: green\/eth1/ },
  },
  {
    name: 'arp_ignore',
    break: 'ip netns exec green sysctl -qw net.ipv4.conf.all.arp_ignore=8; ip -n blue neigh flush dev eth0',
    mend: 'ip netns exec green sysctl -qw net.ipv4.conf.all.arp_ignore=0',
    ...{ ask: ['blue', 'green/eth0'], ping: ['blue', '10.0.0.2'], code: 'arp-ignored', names: /does not answer/ },
  },
  {
    name: 'echo requests are ignored',
    break: 'ip netns exec green sysctl -qw net.ipv4.icmp_echo_ignore_all=1',
    mend: 'ip netns exec green sysctl -qw net.ipv4.icmp_echo_ignore_all=0',
    ...{ ask: ['blue', 'green'], ping: ['blue', '10.0.0.2'], code: 'echo-ignored', names: /does not answer echo/ },
  },
  {
    name: 'no address',
    break: 'ip -n green addr del 10.0.0.2/24 dev eth0',
    mend: 'ip -n green addr add 10.0.0.2/24 dev eth0; ip -n green route add default via 10.0.0.254',
    ...{
      ask: ['blue', 'green/eth0'],
      ping: ['blue', '10.0.0.2'],
      code: 'no-address',
      names: /green\/eth0 has no IPv4 address/,
    },
  },
  {
    name: 'disable_ipv6',
    break: 'ip netns exec green sysctl -qw net.ipv6.conf.eth0.disable_ipv6=1',
    mend: 'ip netns exec green sysctl -qw net.ipv6.conf.eth0.disable_ipv6=0; ip -n green addr add 2001:db8::2/64 dev eth0 nodad',
    ...{
      ask: ['2001:db8::1', 'green/eth0'],
      ping: ['blue', '2001:db8::2'],
      code: 'ipv6-disabled',
      names: /disable_ipv6 is set on green\/eth0/,
    },
  },
  {
    name: 'the device went to another namespace',
    break: 'ip netns add red; ip -n green link set eth0 netns red',
    mend: 'ip -n red link set eth0 netns green; ip -n green link set eth0 up; ip -n green addr add 10.0.0.2/24 dev eth0',
    ...{
      ask: ['blue', 'green'],
      ping: ['blue', '10.0.0.2'],
      code: 'no-device',
      names: /green has no device but lo.*red\/eth0/s,
    },
  },
  {
    name: 'a MAC address that another device of the wire has',
    break:
      'ip -n wire link set p0x down; ip -n wire link set p0x address 02:00:00:00:00:b1; ip -n wire link set p0x up; ip -n blue neigh flush dev eth0',
    mend: 'ip -n wire link set p0x down; ip -n wire link set p0x address 02:00:00:00:00:af; ip -n wire link set p0x up; sleep 0.1; ip -n blue neigh flush dev eth0',
    ...{ ask: ['blue', '10.0.0.254'], ping: ['blue', '10.0.0.254'], code: 'duplicate-mac', names: /02:00:00:00:00:b1/ },
  },
  {
    name: 'a wrong neighbour entry',
    break: 'ip -n blue neigh replace 10.0.0.2 lladdr 02:00:00:00:00:ee nud permanent dev eth0',
    mend: 'ip -n blue neigh del 10.0.0.2 dev eth0',
    ...{
      ask: ['blue', 'green'],
      ping: ['blue', '10.0.0.2'],
      code: 'neighbour',
      names: /02:00:00:00:00:ee for 10\.0\.0\.2/,
    },
  },
  {
    name: 'the far end of the cable is down',
    break: 'ip -n wire link set p0x down',
    mend: 'ip -n wire link set p0x up; sleep 0.1',
    ...{ ask: ['blue', '10.0.0.254'], ping: ['blue', '10.0.0.254'], code: 'link-down', names: /wire\/p0x is down/ },
  },
  {
    name: 'a rule that forbids it',
    break: 'ip -n blue rule add to 10.8.0.0/24 prohibit priority 100',
    mend: 'ip -n blue rule del to 10.8.0.0/24 prohibit priority 100',
    ...{ ask: ['blue', 'far'], ping: ['blue', '10.8.0.2'], code: 'no-route', names: /EACCES|prohibit/ },
  },
  {
    name: 'the wrong VLAN',
    break:
      'ip link add link p0 name p0.5 type vlan id 5; ip link set p0.5 up; ip link add link p0.5 name eth1 netns green type macvlan mode bridge; ip -n green addr flush dev eth0; ip -n green addr add 10.0.0.2/24 dev eth1; ip -n green link set eth1 up',
    mend: 'ip -n green link del eth1; ip -n green addr add 10.0.0.2/24 dev eth0',
    ...{ ask: ['blue', '10.0.0.2'], ping: ['blue', '10.0.0.2'], code: 'vlan', names: /VLAN/ },
    modelOnly: true,
  },
];
