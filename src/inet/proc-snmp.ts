// What /proc/net/snmp and /proc/net/netstat print: the names on one line, the numbers on the next. Linux: net/ipv4/proc.c.

import type { NetNs } from '../net/netns.ts';
import { inetNs } from './state.ts';
import { tcpExtNames, tcpExtValue, tcpMib } from './tcp-stats.ts';

/** Columns of Ip behind its two settings. */
const IP = [
  'InReceives',
  'InHdrErrors',
  'InAddrErrors',
  'OutForwDatagrams',
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
/** Columns of IpExt in 6.18, in order, before one that the model never counts. */
const IP_EXT = [
  'InNoRoutes',
  'InTruncatedPkts',
  'InMcastPkts',
  'OutMcastPkts',
  'InBcastPkts',
  'OutBcastPkts',
  'InOctets',
  'OutOctets',
  'InMcastOctets',
  'OutMcastOctets',
  'InBcastOctets',
  'OutBcastOctets',
  'InCsumErrors',
  'InNoECTPkts',
  'InECT1Pkts',
  'InECT0Pkts',
  'InCEPkts',
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
    ...IP.map((k): [string, number] => [k === 'OutForwDatagrams' ? 'ForwDatagrams' : k, ip[k]]),
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
  const columns = Object.entries(udp) as Array<[string, number]>;
  const lite = columns.map(([name]): [string, number] => [name, 0]);
  return out + block('Udp', columns) + block('UdpLite', lite);
}

/** The text of /proc/net/netstat, without MPTCP's lines. */
export function netstatText(ns: NetNs): string {
  const { ip, tcp } = inetNs(ns);
  const ext = tcpExtNames.map((k): [string, number] => [k, tcpExtValue(tcp.stats, ip, k)]);
  const ipExt = IP_EXT.map((k): [string, number] => [k, ip[k]]);
  return block('TcpExt', ext) + block('IpExt', [...ipExt, ['ReasmOverlaps', 0]]);
}
