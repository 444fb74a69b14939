// SNMP counters of one namespace: what /proc/net/snmp and /proc/net/netstat print. Field names are those of the files,
// so that printing is a loop over a list. Linux: include/uapi/linux/snmp.h, net/ipv4/proc.c.

import type { NetNs } from '../net/netns.ts';
import { inetNs } from './state.ts';
import { tcpExtNames, tcpExtValue, tcpMib } from './tcp-stats.ts';

export class IpStats {
  InReceives = 0;
  InHdrErrors = 0;
  InAddrErrors = 0;
  ForwDatagrams = 0;
  InUnknownProtos = 0;
  InDiscards = 0;
  InDelivers = 0;
  OutRequests = 0;
  OutDiscards = 0;
  OutNoRoutes = 0;
  ReasmTimeout = 0;
  ReasmReqds = 0;
  ReasmOKs = 0;
  ReasmFails = 0;
  FragOKs = 0;
  FragFails = 0;
  FragCreates = 0;
  OutTransmits = 0;
  // /proc/net/netstat, IpExt
  InNoRoutes = 0;
  InTruncatedPkts = 0;
  InMcastPkts = 0;
  OutMcastPkts = 0;
  InBcastPkts = 0;
  OutBcastPkts = 0;
  InOctets = 0;
  OutOctets = 0;
  InMcastOctets = 0;
  OutMcastOctets = 0;
  InBcastOctets = 0;
  OutBcastOctets = 0;
  InCsumErrors = 0;
  InNoECTPkts = 0;
  InECT1Pkts = 0;
  InECT0Pkts = 0;
  InCEPkts = 0;
  // TcpExt's part that is about routing and ARP
  IPReversePathFilter = 0;
  ArpFilter = 0;
}

export class IcmpStats {
  InMsgs = 0;
  InErrors = 0;
  InCsumErrors = 0;
  OutMsgs = 0;
  OutErrors = 0;
  OutRateLimitGlobal = 0;
  OutRateLimitHost = 0;
  /** By type, for the named columns and for IcmpMsg. */
  readonly inType = new Float64Array(256);
  readonly outType = new Float64Array(256);
}

export class UdpStats {
  InDatagrams = 0;
  NoPorts = 0;
  InErrors = 0;
  OutDatagrams = 0;
  RcvbufErrors = 0;
  SndbufErrors = 0;
  InCsumErrors = 0;
  IgnoredMulti = 0;
  MemErrors = 0;
}

/** One line of /proc/net/stat/arp_cache's numbers, as far as the model knows them. */
export class NeighStats {
  lookups = 0;
  hits = 0;
  resFailed = 0;
  unresDiscards = 0;
}

const IP = [
  'InReceives',
  'InHdrErrors',
  'InAddrErrors',
  'ForwDatagrams',
  'InUnknownProtos',
  'InDiscards',
  'InDelivers',
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
  'OutTransmits',
] as const;
/** Columns of Icmp, in and out, by type. */
const ICMP_TYPES = [
  ['DestUnreachs', 3],
  ['TimeExcds', 11],
  ['ParmProbs', 12],
  ['SrcQuenchs', 4],
  ['Redirects', 5],
  ['Echos', 8],
  ['EchoReps', 0],
  ['Timestamps', 13],
  ['TimestampReps', 14],
  ['AddrMasks', 17],
  ['AddrMaskReps', 18],
] as const;
const UDP = [
  'InDatagrams',
  'NoPorts',
  'InErrors',
  'OutDatagrams',
  'RcvbufErrors',
  'SndbufErrors',
  'InCsumErrors',
  'IgnoredMulti',
  'MemErrors',
] as const;

function block(name: string, columns: ReadonlyArray<readonly [string, number]>): string {
  const names = columns.map((c) => c[0]).join(' ');
  const values = columns.map((c) => c[1]).join(' ');
  return `${name}: ${names}\n${name}: ${values}\n`;
}

/** The text of /proc/net/snmp. */
export function snmpText(ns: NetNs): string {
  const ins = inetNs(ns);
  const { ip, icmp, udp } = ins;
  let out = block('Ip', [
    ['Forwarding', ins.set.ipForward !== 0 ? 1 : 2],
    ['DefaultTTL', ins.set.ipDefaultTtl],
    ...IP.map((k): [string, number] => [k, ip[k]]),
  ]);
  out += block('Icmp', [
    ['InMsgs', icmp.InMsgs],
    ['InErrors', icmp.InErrors],
    ['InCsumErrors', icmp.InCsumErrors],
    ...ICMP_TYPES.map(([k, t]): [string, number] => [`In${k}`, icmp.inType[t]]),
    ['OutMsgs', icmp.OutMsgs],
    ['OutErrors', icmp.OutErrors],
    ['OutRateLimitGlobal', icmp.OutRateLimitGlobal],
    ['OutRateLimitHost', icmp.OutRateLimitHost],
    ...ICMP_TYPES.map(([k, t]): [string, number] => [`Out${k}`, icmp.outType[t]]),
  ]);
  const types: Array<[string, number]> = [];
  icmp.inType.forEach((v, t) => {
    if (v !== 0) types.push([`InType${t}`, v]);
  });
  icmp.outType.forEach((v, t) => {
    if (v !== 0) types.push([`OutType${t}`, v]);
  });
  if (types.length > 0) out += block('IcmpMsg', types);
  out += block('Tcp', [
    ['RtoAlgorithm', 1],
    ['RtoMin', 200],
    ['RtoMax', 120000],
    ['MaxConn', -1],
    ...tcpMib.map((k): [string, number] => [k, ins.tcp.stats[k]]),
  ]);
  out += block(
    'Udp',
    UDP.map((k): [string, number] => [k, udp[k]]),
  );
  return (
    out +
    block(
      'UdpLite',
      UDP.map((k): [string, number] => [k, 0]),
    )
  );
}

/** Columns of IpExt in 6.18, in order; those that the model never counts stay 0. */
const IP_EXT =
  'InNoRoutes InTruncatedPkts InMcastPkts OutMcastPkts InBcastPkts OutBcastPkts InOctets OutOctets InMcastOctets OutMcastOctets InBcastOctets OutBcastOctets InCsumErrors InNoECTPkts InECT1Pkts InECT0Pkts InCEPkts ReasmOverlaps'.split(
    ' ',
  );

/** The text of /proc/net/netstat, without MPTCP's lines. */
export function netstatText(ns: NetNs): string {
  const { ip, tcp } = inetNs(ns);
  const ext = tcpExtNames.map((k): [string, number] => [k, tcpExtValue(tcp.stats, ip, k)]);
  const ipExt = IP_EXT.map((k): [string, number] => [k, (ip as unknown as Record<string, number>)[k] ?? 0]);
  return block('TcpExt', ext) + block('IpExt', ipExt);
}
