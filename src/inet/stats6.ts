// SNMP counters of IPv6, one set per namespace and one per device: what /proc/net/snmp6 and /proc/net/dev_snmp6 print.
// Names are those of the files without their prefix. Linux: net/ipv6/proc.c, include/uapi/linux/snmp.h.

export class Ip6Stats {
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
  InOctets = 0;
  OutOctets = 0;
  InMcastOctets = 0;
  OutMcastOctets = 0;
  InBcastOctets = 0;
  OutBcastOctets = 0;
  InNoECTPkts = 0;
  InECT1Pkts = 0;
  InECT0Pkts = 0;
  InCEPkts = 0;
  OutTransmits = 0;
}

export class Icmp6Stats {
  InMsgs = 0;
  InErrors = 0;
  OutMsgs = 0;
  OutErrors = 0;
  InCsumErrors = 0;
  OutRateLimitHost = 0;
  /** By type. */
  readonly inType = new Float64Array(256);
  readonly outType = new Float64Array(256);
}

export class Udp6Stats {
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
