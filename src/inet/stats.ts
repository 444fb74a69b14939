// SNMP counters: a set per namespace, and of IPv6 one per device, too. Names are those that /proc prints (proc-snmp.ts, and
// proc6.ts in lab/). Linux: include/uapi/linux/snmp.h.

/** Of IP, of both families: a namespace's, and for IPv6 a device's, too. Linux: IPSTATS_MIB_*. */
export class IpMib {
  InReceives = 0;
  InHdrErrors = 0;
  InTooBigErrors = 0;
  InNoRoutes = 0;
  InAddrErrors = 0;
  InUnknownProtos = 0;
  InTruncatedPkts = 0;
  InDiscards = 0;
  InDelivers = 0;
  OutForwDatagrams = 0;
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
  OutTransmits = 0;
}

/** IPv4's, with TcpExt's part that is about routing and ARP. */
export class IpStats extends IpMib {
  IPReversePathFilter = 0;
  ArpFilter = 0;
}

/** Of ICMP and ICMPv6. Linux: ICMP_MIB_*, ICMP6_MIB_*. */
export class IcmpMib {
  InMsgs = 0;
  InErrors = 0;
  InCsumErrors = 0;
  OutMsgs = 0;
  OutErrors = 0;
  /** IPv4's bucket is ICMPv6's, too. */
  OutRateLimitGlobal = 0;
  OutRateLimitHost = 0;
  /** By type, for the named columns and for IcmpMsg. */
  readonly inType = new Float64Array(256);
  readonly outType = new Float64Array(256);
}

/** Of UDP over either family, in the order of the files. Linux: UDP_MIB_*. */
export class UdpMib {
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
