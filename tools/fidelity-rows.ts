// What the model covers, where it differs from Linux, and which tests prove it: the rows of docs/fidelity.md. A proof names
// test files, conformance groups, corpora of command lines or recorded exchanges; tools/fidelity.ts fails when one is gone.

export interface Row {
  what: string;
  /** Where the model differs, in words; empty where no difference is known. */
  differs: string;
  /** Test files, from the root. */
  tests: string[];
  /** Groups of test/conformance; the scenarios that must agree are counted. */
  groups?: number[];
  /** Files of lines, of which every one is run against the real tool; counted. */
  lines?: string[];
  /** Recorded exchanges with a live kernel, in test/golden; counted. */
  golden?: string[];
  /** Proved by storms against a live kernel, too. */
  storms?: boolean;
}

export const ROWS: readonly Row[] = [
  {
    what: 'macvlan: made, changed, deleted; errnos, words, what a refused change leaves behind',
    differs: '',
    tests: ['src/drivers/macvlan/macvlan.test.ts', 'src/drivers/macvlan/quirks.test.ts'],
    groups: [4],
    golden: ['rtnl/links.json', 'rtnl/refusals.json'],
    storms: true,
  },
  {
    what: 'Who hears whom: five modes, with and without a reflecting switch',
    differs: '',
    tests: ['src/drivers/macvlan/hear.test.ts', 'test/oracle/spec.test.ts', 'test/live/frames.test.ts'],
    groups: [1, 2, 3],
    storms: true,
  },
  {
    what: 'Sending: what stays local, lengths, no carrier, a lowerdev that is down, forged senders, what is counted',
    differs: '',
    tests: ['test/oracle/spec.test.ts', 'src/drivers/macvlan/quirks.test.ts', 'src/sched/senders.test.ts'],
    groups: [9],
    storms: true,
  },
  {
    what: 'Receiving: every kind of frame to every mode, filters, queue and cutoff, lists of sources, fragments, passthru up and down',
    differs: '',
    tests: ['test/oracle/spec.test.ts', 'src/drivers/macvlan/quirks.test.ts', 'src/drivers/macvlan/hear.test.ts'],
    groups: [5, 9],
    storms: true,
  },
  {
    what: 'The traps: what a naive model gets wrong, Q1 to Q25',
    differs:
      'Multicast filters are exact. Linux has 256 buckets with a salt for each device, and lets about 12 in 1,024 groups through that nobody joined',
    tests: [
      'src/drivers/macvlan/quirks.test.ts',
      'src/drivers/macvlan/macvlan.test.ts',
      'src/drivers/macvlan/hear.test.ts',
      'test/oracle/spec.test.ts',
    ],
    groups: [9],
    storms: true,
  },
  {
    what: 'Source mode: lists, nodst, several listeners',
    differs: '',
    tests: ['src/drivers/macvlan/quirks.test.ts'],
    groups: [5],
    storms: true,
  },
  {
    what: 'Broadcast queue: limit, cutoff, worker; reassembly of multicast fragments',
    differs:
      'The worker runs a fixed time after the frame, later than a way there and back over veths, as was usual on Linux; there its order against a softirq is a race',
    tests: ['src/drivers/macvlan/quirks.test.ts', 'src/inet/frag.test.ts'],
    groups: [9],
    storms: true,
  },
  {
    what: 'Life cycle: namespaces, moves, rename, MTU, MAC, carrier and operstate',
    differs:
      'A namespace that is deleted is gone at once, or when the last datagram that waits in it has ended (3 s without an ARP answer); Linux cleans up some 0.1 s later, in a worker, and waits for TCP connections that are being closed, too',
    tests: [
      'src/net/dev.test.ts',
      'src/net/dev-netns.test.ts',
      'src/net/linkwatch.test.ts',
      'src/drivers/macvlan/macvlan.test.ts',
    ],
    groups: [7],
    storms: true,
  },
  {
    what: "macvlan over a bond, as in the kernel's own selftests; nesting; bridges above and below",
    differs: '',
    tests: ['src/drivers/bond/bond.test.ts', 'src/drivers/bridge/bridge.test.ts', 'test/selftests/selftests.test.ts'],
    groups: [6],
    storms: true,
  },
  {
    what: 'macvtap',
    differs: 'The character device is a stand-in inside the model; one queue',
    tests: ['src/drivers/macvtap/macvtap.test.ts'],
    groups: [1, 4],
  },
  {
    what: 'VLAN, dummy, bond (active-backup), VLAN filtering of bridges',
    differs: 'Other bond modes, GVRP, MVRP and bridge_binding are refused by name',
    tests: [
      'src/drivers/vlan/vlan.test.ts',
      'src/drivers/dummy/dummy.test.ts',
      'src/drivers/bond/bond.test.ts',
      'test/oracle-devices/oracle-devices.test.ts',
    ],
  },
  {
    what: 'veth, bridge, loopback',
    differs: 'No spanning tree, no multicast querier, no netfilter on bridges: refused by name',
    tests: ['src/drivers/veth/veth.test.ts', 'src/drivers/bridge/bridge.test.ts', 'src/drivers/lo/lo.test.ts'],
    golden: ['rtnl/bridges.json'],
    storms: true,
  },
  {
    what: 'ARP, neighbours, IPv4 routes, fragments, ICMP, IGMP',
    differs: 'Timers are exact; those of Linux fire up to one granule of its timer wheel later',
    tests: [
      'src/inet/arp.test.ts',
      'src/inet/neigh.test.ts',
      'src/inet/fib.test.ts',
      'src/inet/frag.test.ts',
      'src/inet/igmp.test.ts',
      'src/inet/forward.test.ts',
      'src/inet/notify.test.ts',
    ],
    groups: [8],
    golden: ['rtnl/inet.json'],
  },
  {
    what: 'DHCP: udhcpc, udhcpd and dumpleases of busybox 1.35, dhclient of isc-dhcp 4.4.3; their words, frames, scripts, files',
    differs:
      'No DHCPv6; dhclient knows one device, and five statements of its configuration. What happens after a minute (renewals, expiry) was not compared',
    tests: [
      'test/live/dhcp.test.ts',
      'test/shell/dhcp.test.ts',
      'src/wire/dhcp.test.ts',
      'src/shell/commands/tcpdump/print.test.ts',
    ],
  },
  {
    what: 'Policy routing: rules of both families, their effect on both ways and on rp_filter',
    differs: 'Rules by mark, port, protocol, tunnel, VRF or IPv6 traffic class are refused by name',
    tests: ['test/live/whole.test.ts'],
  },
  {
    what: 'IPv6: neighbour discovery, DAD, SLAAC, MLD, routes, sockets',
    differs:
      'No temporary addresses, no routes with several next hops, MLD without lists of sources: refused by name or kept without effect',
    tests: [
      'src/inet/ip6.test.ts',
      'src/inet/fib6.test.ts',
      'src/inet/saddr6.test.ts',
      'src/inet/sockets6.test.ts',
      'test/live/ip6-frames.test.ts',
      'test/live/ip6-conf.test.ts',
    ],
    groups: [10],
  },
  {
    what: 'UDP, TCP, raw, ping and packet sockets',
    differs: '',
    tests: ['src/inet/sockets.test.ts', 'src/inet/tcp.test.ts', 'src/inet/ping.test.ts'],
  },
  {
    what: 'Qdiscs and tc',
    differs: '',
    tests: [
      'src/sched/contract.test.ts',
      'src/sched/kinds.test.ts',
      'src/sched/senders.test.ts',
      'src/sched/catalogue.test.ts',
      'test/live/tc.test.ts',
    ],
    golden: ['rtnl/qdiscs.json', 'rtnl/classes.json'],
  },
  {
    what: 'NICs: rings, byte queue limits, steering, stations',
    differs:
      "Written after the drivers' sources, since no such NIC was at hand: what no kernel proves is listed in [L2 forwarding offload](offload.md) and marked `ASSUMED` in `src/drivers/nic/offload-profiles.ts`. No XDP, no DCB; `xps_rxqs` is kept and chooses nothing",
    tests: [
      'src/drivers/nic/nic.test.ts',
      'src/drivers/nic/tx-ring.test.ts',
      'src/drivers/nic/bql.test.ts',
      'src/net/sb-channel.test.ts',
      'src/net/steering.test.ts',
      'src/lab/sysfs-queues.test.ts',
      'test/offload/families.test.ts',
      'test/offload/report.test.ts',
      'test/offload/offload.test.ts',
      'test/offload/load.test.ts',
      'test/offload/semantics.test.ts',
      'test/offload/combinations.test.ts',
    ],
    golden: ['rtnl/ethtool.json', 'rtnl/ethtoolSets.json'],
  },
  {
    what: 'rtnetlink and ethtool netlink, as bytes',
    differs:
      'Rules of multicast routing, a few commands of ethtool, and little else: `test/golden/rtnl/known.ts` has each with its reason. Filters are on chain 0 only; of single sockets sock_diag tells those of TCP',
    tests: [
      'test/golden/rtnl/rtnl.test.ts',
      'src/rtnl/socket.test.ts',
      'src/rtnl/sock-diag.test.ts',
      'src/netlink/capture.test.ts',
    ],
    golden: [
      'rtnl/links.json',
      'rtnl/inet.json',
      'rtnl/inet6.json',
      'rtnl/rules.json',
      'rtnl/netconf.json',
      'rtnl/qdiscs.json',
      'rtnl/classes.json',
      'rtnl/sockets.json',
      'rtnl/ethtool.json',
      'rtnl/ethtoolSets.json',
      'rtnl/refusals.json',
    ],
  },
  {
    what: 'Unmodified `ip`, `bridge`, `tc` and `ethtool` on the model, against our own commands',
    differs: 'Refused by name: `vf`, `xdp` and `protodown_reason` of links, `bridge fdb flush`',
    tests: ['test/shim/shim.test.ts'],
    lines: [
      'test/live/lines/ip-show.txt',
      'test/live/lines/ip-change.txt',
      'test/live/lines/ip-link.txt',
      'test/live/lines/bridge.txt',
      'test/tools/ethtool.txt',
      'test/shim/nic.txt',
      'test/tools/tc.txt',
    ],
  },
  {
    what: 'Our `ip` and `bridge` on a live kernel, against the real ones',
    differs: '',
    tests: ['test/live/iproute.test.ts'],
    groups: [12],
    lines: [
      'test/live/lines/ip-show.txt',
      'test/live/lines/ip-change.txt',
      'test/live/lines/ip-link.txt',
      'test/live/lines/bridge.txt',
    ],
  },
  {
    what: 'ping, arping, ifconfig, ethtool, sysctl: texts and exit codes',
    differs: '`ping -R` and `-T` are refused by name',
    tests: ['test/tools/golden.test.ts'],
    groups: [11],
    lines: [
      'test/tools/ping.txt',
      'test/tools/arping.txt',
      'test/tools/ifconfig.txt',
      'test/tools/ethtool.txt',
      'test/tools/sysctl.txt',
    ],
  },
  {
    what: 'tcpdump and captures',
    differs: '',
    tests: [
      'src/shell/commands/tcpdump/tcpdump.test.ts',
      'src/shell/commands/tcpdump/print.test.ts',
      'src/shell/commands/tcpdump/filter/filter.test.ts',
      'src/probe/pcap.test.ts',
      'test/live/frames.test.ts',
    ],
  },
  {
    what: 'A snapshot of a machine, loaded: `ip` prints the same, and what was broken is named as real pings show it',
    differs:
      'nftables, tc filters, BPF and the VLAN tables of bridges are not in a snapshot; hardware without a profile is a plain NIC',
    tests: [
      'test/snapshot/load.test.ts',
      'test/snapshot/live.test.ts',
      'test/snapshot/broken.test.ts',
      'test/snapshot/why.test.ts',
      'test/snapshot/cli.test.ts',
    ],
  },
  {
    what: 'Who reaches whom in labs, probed in the model and on a live kernel: every mode, and random labs (`npm run verify:labs`)',
    differs: '',
    tests: ['test/measure/measure.test.ts', 'test/measure/random.test.ts', 'test/measure/verify.test.ts'],
  },
  {
    what: 'Nothing falls over: random frames, requests and scripts; every frame ends',
    differs: '',
    tests: [
      'test/fuzz/fuzz.test.ts',
      'src/rtnl/fuzz.test.ts',
      'src/probe/checkers.test.ts',
      'test/checkers/checkers.test.ts',
    ],
  },
];
