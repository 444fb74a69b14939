// Why a frame ended. A lost frame is a reason and a counter, never an exception. Linux: enum skb_drop_reason.

export const Drop = {
  /** Not a loss: consumed by whoever it was for. */
  None: 0,
  NoMemory: 1,
  BacklogFull: 2,
  DeviceDown: 3,
  DeviceGone: 4,
  QdiscNoop: 5,
  QdiscFull: 6,
  QueueStopped: 7,
  RecursionLimit: 8,
  TooBig: 9,
  NoHandler: 10,
  OtherHost: 11,
  Malformed: 12,
  NoReceiver: 13,
  BcQueueFull: 14,
  SourceConsumed: 15,
  NoCarrier: 16,
  RingFull: 17,
  CableLoss: 18,
  BridgeNoForward: 19,
  BridgeFiltered: 20,
  IpHeader: 21,
  IpChecksum: 22,
  IpNoRoute: 23,
  IpTtl: 24,
  IpRpFilter: 25,
  IpFragTimeout: 26,
  IpFragBad: 27,
  IpNotForUs: 28,
  NeighFailed: 29,
  NeighQueueFull: 30,
  NoSocket: 31,
  SocketBufferFull: 32,
  UdpChecksum: 33,
  IcmpChecksum: 34,
  ArpBad: 35,
  PacketTooBig: 36,
  VlanUnknown: 37,
  TcpState: 38,
  Offload: 39,
  NsGone: 40,
  Loopback: 41,
  TcpChecksum: 42,
  /** CoDel: it waited too long. */
  QdiscCongested: 43,
  /** A filter of tc said so. */
  TcIngress: 44,
  TcEgress: 45,
  Ip6Disabled: 46,
  Ip6Extension: 47,
} as const;

export type DropReason = (typeof Drop)[keyof typeof Drop];

/** Names by number, for printing. */
export const dropNames: readonly string[] = Object.keys(Drop);
