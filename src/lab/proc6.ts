// IPv6's part of /proc/net, to the column. Linux: if6_seq_show() in net/ipv6/addrconf.c, igmp6_mc_seq_show(),
// ac6_seq_show(), ipv6_route_native_seq_show() in ip6_fib.c, snmp6_seq_show() in net/ipv6/proc.c.

import { ifAddrScope } from '../inet/addrconf-addr.ts';
import { route6Dump } from '../inet/control6.ts';
import { in6Dev, inet6Ns } from '../inet/state6.ts';
import type { IcmpMib, IpMib } from '../inet/stats.ts';
import type { NetDevice } from '../net/netdev.ts';
import type { NetNs } from '../net/netns.ts';
import type { In6 } from '../wire/in6.ts';
import { lookup, text, type VNode } from './vfs.ts';

const RTF_UP = 1;
const MAF_TIMER_RUNNING = 1;
const REJECT_ROUTE = 'ffffffff 00000001 00000000 00200200       lo\n';

const hex = (v: number, digits: number): string => (v >>> 0).toString(16).padStart(digits, '0');
const hexAddr = (a: In6): string => [...a.bytes()].map((x) => hex(x, 2)).join('');
const NONE = '0'.repeat(32);

/** Files of /proc/net that only a kernel with IPv6 has. */
export function proc6Files(ns: NetNs): Record<string, VNode> {
  if (ns.inet6 === null) return {};
  return {
    if_inet6: text(() => addrTable(ns)),
    igmp6: text(() => groupTable(ns)),
    anycast6: text(() => anycastTable(ns)),
    mcfilter6: text(
      () => 'Idx Device                Multicast Address                   Source Address    INC    EXC\n',
    ),
    ip6_flowlabel: text(() => 'Label S Owner  Users  Linger Expires  Dst                              Opt\n'),
    ipv6_route: text(() => routeTable(ns)),
    snmp6: text(() => snmp6Text(ns)),
    dev_snmp6: devFolder(ns),
  };
}

/** Addresses, the newest of a device first within their scope, as the kernel's hash happens to keep them. */
function addrTable(ns: NetNs): string {
  let out = '';
  for (const dev of ns.devices()) {
    for (const a of in6Dev(dev)?.addrs ?? []) {
      const cells = [hex(dev.ifindex, 2), hex(a.prefixLen, 2), hex(ifAddrScope(a.addr), 2), hex(a.flags & 0xff, 2)];
      out += `${hexAddr(a.addr)} ${cells.join(' ')} ${dev.name.padStart(8)}\n`;
    }
  }
  return out;
}

function groupTable(ns: NetNs): string {
  let out = '';
  for (const dev of ns.registered()) {
    for (const g of in6Dev(dev)?.groups ?? []) {
      const left =
        (g.flags & MAF_TIMER_RUNNING) !== 0 ? Math.max(0, Math.floor((g.dueNs - ns.kernel.loop.now) / 1e7)) : 0;
      const cells = [String(g.users).padStart(5), hex(g.flags, 8).toUpperCase(), left];
      out += `${String(dev.ifindex).padEnd(4)} ${dev.name.padEnd(15)} ${hexAddr(g.group)} ${cells.join(' ')}\n`;
    }
  }
  return out;
}

function anycastTable(ns: NetNs): string {
  let out = '';
  for (const dev of ns.registered()) {
    for (const a of in6Dev(dev)?.anycasts ?? []) {
      out += `${String(dev.ifindex).padEnd(4)} ${dev.name.padEnd(15)} ${hexAddr(a.addr)} ${String(a.users).padStart(5)}\n`;
    }
  }
  return out;
}

/** Table main, then local; each ends with the entry that stands for "no route". */
function routeTable(ns: NetNs): string {
  let out = '';
  for (const table of [254, 255]) {
    for (const r of route6Dump(ns, table) ?? []) {
      const cells = [
        hexAddr(r.dst),
        hex(r.dstLen, 2),
        NONE,
        '00',
        r.gateway === null ? NONE : hexAddr(r.gateway),
        hex(r.metric, 8),
        hex(1, 8),
        hex(0, 8),
        hex(r.rtf | RTF_UP, 8),
      ];
      out += `${cells.join(' ')} ${(r.dev?.name ?? '').padStart(8)}\n`;
    }
    out += `${NONE} 00 ${NONE} 00 ${NONE} ${REJECT_ROUTE}`;
  }
  return out;
}

const line = (name: string, value: number): string => `${name.padEnd(32)}\t${value}\n`;

const ICMP_IN: ReadonlyArray<readonly [string, number]> = [
  ['DestUnreachs', 1],
  ['PktTooBigs', 2],
  ['TimeExcds', 3],
  ['ParmProblems', 4],
  ['Echos', 128],
  ['EchoReplies', 129],
  ['GroupMembQueries', 130],
  ['GroupMembResponses', 131],
  ['GroupMembReductions', 132],
  ['RouterSolicits', 133],
  ['RouterAdvertisements', 134],
  ['NeighborSolicits', 135],
  ['NeighborAdvertisements', 136],
  ['Redirects', 137],
  ['MLDv2Reports', 143],
];

const IP: ReadonlyArray<keyof IpMib> = [
  'InReceives',
  'InHdrErrors',
  'InTooBigErrors',
  'InNoRoutes',
  'InAddrErrors',
  'InUnknownProtos',
  'InTruncatedPkts',
  'InDiscards',
  'InDelivers',
  'OutForwDatagrams',
  'OutRequests',
  'OutDiscards',
  'OutNoRoutes',
  'ReasmTimeout',
  'ReasmReqds',
  'ReasmOKs',
  'ReasmFails',
  'FragOKs',
  'FragFails',
  'FragCreates',
  'InMcastPkts',
  'OutMcastPkts',
  'InOctets',
  'OutOctets',
  'InMcastOctets',
  'OutMcastOctets',
  'InBcastOctets',
  'OutBcastOctets',
  'InNoECTPkts',
  'InECT1Pkts',
  'InECT0Pkts',
  'InCEPkts',
  'OutTransmits',
];

function ipLines(s: IpMib): string {
  return IP.map((key) => line(`Ip6${key}`, s[key])).join('');
}

/** `all`: of the namespace, which counts limited errors as well. */
function icmpLines(s: IcmpMib, all: boolean): string {
  let out = '';
  for (const key of ['InMsgs', 'InErrors', 'OutMsgs', 'OutErrors', 'InCsumErrors'] as const)
    out += line(`Icmp6${key}`, s[key]);
  if (all) out += line('Icmp6OutRateLimitHost', s.OutRateLimitHost);
  for (const [name, t] of ICMP_IN) out += line(`Icmp6In${name}`, s.inType[t]);
  for (const [name, t] of ICMP_IN) out += line(`Icmp6Out${name}`, s.outType[t]);
  s.inType.forEach((v, t) => {
    if (v !== 0) out += line(`Icmp6InType${t}`, v);
  });
  s.outType.forEach((v, t) => {
    if (v !== 0) out += line(`Icmp6OutType${t}`, v);
  });
  return out;
}

function snmp6Text(ns: NetNs): string {
  const i6 = inet6Ns(ns);
  if (i6 === null) return '';
  let out = ipLines(i6.ip) + icmpLines(i6.icmp, true);
  const udp = Object.entries(i6.udp);
  for (const [key, v] of udp) out += line(`Udp6${key}`, v as number);
  for (const [key] of udp) if (key !== 'IgnoredMulti') out += line(`UdpLite6${key}`, 0);
  return out;
}

/** /proc/net/dev_snmp6: a file per device. */
function devFolder(ns: NetNs): VNode {
  const withIpv6 = (): NetDevice[] => ns.devices().filter((dev) => in6Dev(dev) !== null);
  return lookup(
    () => withIpv6().map((dev) => dev.name),
    (name) => {
      const dev = withIpv6().find((x) => x.name === name);
      const d = dev === undefined ? null : in6Dev(dev);
      if (dev === undefined || d === null) return null;
      return text(() => line('ifIndex', dev.ifindex) + ipLines(d.ip) + icmpLines(d.icmp, false));
    },
  );
}
