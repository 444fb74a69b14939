// A network device: one class for all kinds. State of a driver hangs on `priv`, behaviour in function fields that a
// link kind's setup() installs. Linux: struct net_device, struct net_device_ops, struct netdev_queue.

import { AddrList } from './addrlist.ts';
import type { ByteQueueLimits } from './bql.ts';
import type { DevCore } from './dev.ts';
import type { EthtoolOps } from './ethtool.ts';
import type { LinkOps } from './linkops.ts';
import type { NetNs } from './netns.ts';
import type { OffloadOutcome, OffloadState } from './offload.ts';
import { makeNoop, type Qdisc } from './qdisc.ts';
import type { Skb } from './skb.ts';

/** One transmit queue. Linux: struct netdev_queue. */
export class TxQueue {
  readonly dev: NetDevice;
  readonly index: number;
  /** What a frame meets now: noop while the device is down or has no carrier. */
  qdisc: Qdisc;
  /** What it will meet when active. Linux: qdisc_sleeping. */
  qdiscSleeping: Qdisc;
  /** XOFF_DRV, XOFF_STACK, TXQ_FROZEN. */
  state = 0;
  /** The upperdev that this queue is lent to (sb channel). */
  sbDev: NetDevice | null = null;
  /** Driver's ring. */
  priv: unknown = null;
  /** Null where the driver has no byte queue limits. */
  bql: ByteQueueLimits | null = null;
  transTimeout = 0;
  /** The CPU is inside this queue's xmit: sending again would deadlock. Linux: xmit_lock_owner. */
  owned = false;

  constructor(dev: NetDevice, index: number) {
    this.dev = dev;
    this.index = index;
    this.qdisc = makeNoop(dev, this);
    this.qdiscSleeping = this.qdisc;
  }
}

/** A watcher of all frames of a device. It borrows the skb and copies what it keeps. Linux: ptype_all. */
export interface Tap {
  /** `outgoing`: seen on the way out (pktType OUTGOING); else skb.pktType says. */
  frame(skb: Skb, dev: NetDevice, outgoing: boolean): void;
  /** Frames sent by this owner are not shown to it again on the way out. */
  readonly owner: unknown;
  ignoreOutgoing: boolean;
}

/** A receiver of one ethertype on one device (packet sockets); borrows. `origDev` is where the frame came in. */
export interface ProtoTap extends Tap {
  readonly protocol: number;
}

export type RxHandler = (skb: Skb, dev: NetDevice) => number;

/** 64-bit counters; numbers are exact to 2^53. Linux: struct rtnl_link_stats64. */
export class DevStats {
  rxPackets = 0;
  txPackets = 0;
  rxBytes = 0;
  txBytes = 0;
  rxErrors = 0;
  txErrors = 0;
  rxDropped = 0;
  txDropped = 0;
  multicast = 0;
  collisions = 0;
  rxLengthErrors = 0;
  rxOverErrors = 0;
  rxCrcErrors = 0;
  rxFrameErrors = 0;
  rxFifoErrors = 0;
  rxMissedErrors = 0;
  txAbortedErrors = 0;
  txCarrierErrors = 0;
  txFifoErrors = 0;
  txHeartbeatErrors = 0;
  txWindowErrors = 0;
  rxNohandler = 0;
  rxOtherhostDropped = 0;
}

/** One entry of a bridge's forwarding database, as user space sees it. */
export interface FdbEntry {
  readonly mac: number;
  readonly vid: number;
  /** Where frames for it go: a port, or the bridge itself. */
  readonly dev: NetDevice;
  readonly master: NetDevice;
  /** NUD_PERMANENT, NUD_NOARP (static), NUD_REACHABLE, NUD_STALE. */
  readonly state: number;
  /** NTF_*. */
  readonly flags: number;
  /** Virtual ns. */
  readonly usedNs: number;
  readonly updatedNs: number;
}

/** `bridge vlan`: what rtnetlink asks of a bridge. `port` null: the bridge itself. Linux: br_afspec(). */
export interface BridgeVlanDoor {
  list(dev: NetDevice, port: NetDevice | null): Array<{ vid: number; pvid: boolean; untagged: boolean }>;
  /** Throws a Refusal. */
  add(dev: NetDevice, port: NetDevice | null, vid: number, pvid: boolean, untagged: boolean): void;
  /** 0 or -errno. */
  del(dev: NetDevice, port: NetDevice | null, vid: number): number;
}

/** An upperdev that a NIC may carry as a station: what the driver below asks of it. Linux: include/linux/if_macvlan.h. */
export interface L2fwUpper {
  /** The driver's handle; null: software does it. Linux: macvlan_accel_priv(). */
  accelPriv: unknown;
  /** May the NIC sort its frames by destination MAC alone? Linux: macvlan_supports_dest_filter(). */
  destFilter(): boolean;
  /** The driver gives the station up and software takes over. Linux: macvlan_release_l2fw_offload(). */
  release(): void;
  /** How the last attempt to become a station ended; null: never opened. For whoever explains, not in Linux. */
  readonly outcome: OffloadOutcome | null;
}

export class NetDevice {
  readonly core: DevCore;
  ns: NetNs;
  name: string;
  ifindex = 0;
  readonly linkOps: LinkOps | null;
  /** 'none' | 'registered' | 'unregistering' | 'gone'. */
  regState: 'none' | 'registered' | 'unregistering' | 'gone' = 'none';

  type = 1;
  flags = 0;
  /** What user space asked for (IFF_PROMISC, IFF_ALLMULTI). */
  gflags = 0;
  privFlags = 0;
  /** ndo_open succeeded. Linux: __LINK_STATE_START, netif_running(). */
  running = false;
  carrier = true;
  dormant = false;
  testing = false;
  carrierUpCount = 0;
  carrierDownCount = 0;
  operState = 0;
  linkMode = 0;
  protoDown = false;
  /** Why it is held down: bits of user space's choice. */
  protoDownReason = 0;
  /** `protodown` takes the carrier away. Linux: change_proto_down. */
  changeProtoDown = false;
  mtu = 1500;
  minMtu = 68;
  maxMtu = 65535;
  /** 48-bit numbers. */
  addr = 0;
  broadcast = 0xffffffffffff;
  permAddr = 0;
  addrLen = 6;
  addrAssignType = 0;
  hardHeaderLen = 14;
  neededHeadroom = 0;
  neededTailroom = 0;
  txQueueLen = 1000;
  group = 0;
  alias = '';
  altNames: string[] = [];
  gsoMaxSize = 65536;
  gsoMaxSegs = 65535;
  groMaxSize = 65536;
  gsoIpv4MaxSize = 65536;
  groIpv4MaxSize = 65536;
  tsoMaxSize = 65536;
  tsoMaxSegs = 65535;
  features = 0n;
  hwFeatures = 0n;
  wantedFeatures = 0n;
  vlanFeatures = 0n;
  hwEncFeatures = 0n;

  promiscuity = 0;
  allmulti = 0;
  ucPromisc = false;
  readonly uc = new AddrList();
  readonly mc = new AddrList();

  readonly txq: TxQueue[] = [];
  realNumTxQueues = 1;
  numRxQueues = 1;
  realNumRxQueues = 1;
  /** Negative: this device is an sb channel of another (minus its number). Linux: num_tc. */
  numTc = 0;
  /** Pairs (count, offset) per traffic class. */
  readonly tcToTxq: Array<{ count: number; offset: number }> = [];
  /** Traffic class of each of 16 priorities; null: all of them class 0. */
  prioTcMap: Uint8Array | null = null;
  /** Which CPUs may pick which txq, as masks; null: none was set. Linux: xps_maps. */
  xps: Uint32Array | null = null;
  /** Root as tc and ip show it. */
  qdisc: Qdisc;
  /** Those below the root that are found by their handle, the latest first. Linux: qdisc_hash. */
  readonly qdiscs: Qdisc[] = [];
  /** clsact, ingress, or noop where one of them was; null: never. Linux: ingress_queue. */
  ingressQdisc: Qdisc | null = null;
  /** Filters on the way in and out: null when there are none. A TC_* verdict; they end the frame unless they pass it. */
  tcIngress: ((skb: Skb, dev: NetDevice) => number) | null = null;
  tcEgress: ((skb: Skb, dev: NetDevice) => number) | null = null;
  /** No tx lock of its own; recursion is bounded by depth. */
  lltx = false;

  master: NetDevice | null = null;
  readonly lowers: NetDevice[] = [];
  readonly uppers: NetDevice[] = [];
  rxHandler: RxHandler | null = null;
  rxHandlerData: unknown = null;
  readonly taps: Tap[] = [];
  readonly protoTaps: ProtoTap[] = [];
  /** 802.1Q devices on top, by vlanKey() (net/vlan.ts); null when there are none. */
  vlans: Map<number, NetDevice> | null = null;
  /** VLAN ids that its filter lets in, by vlanKey(), and how many asked for each. Linux: vlan_info. */
  vlanVids: Map<number, number> | null = null;

  readonly stats = new DevStats();
  /** Drops counted by the core beside the driver's own. Linux: dev->core_stats. */
  coreRxDropped = 0;
  coreTxDropped = 0;
  coreRxNohandler = 0;
  /** For other hosts, and IP did not want them. Linux: rx_otherhost_dropped. */
  coreRxOtherhost = 0;

  /** State of inet/ (IPv4), of its IPv6 part, of the driver, of the bridge port, of the macvlan port. */
  inet: unknown = null;
  inet6: unknown = null;
  priv: unknown = null;
  brPort: unknown = null;
  /** Sends a frame: takes it. Returns TX_OK, TX_BUSY (did not take it) or another code that is handed to the caller. */
  startXmit: (skb: Skb, dev: NetDevice) => number = noXmit;
  /** 0 or -errno. */
  open: ((dev: NetDevice) => number) | null = null;
  stop: ((dev: NetDevice) => void) | null = null;
  init: ((dev: NetDevice) => number) | null = null;
  uninit: ((dev: NetDevice) => void) | null = null;
  /** Puts what the device needs between the Ethernet header and the packet. Linux: header_ops->create of a stacked device. */
  hardHeader: ((skb: Skb, dev: NetDevice) => void) | null = null;
  selectQueue: ((skb: Skb, dev: NetDevice, sbDev: NetDevice | null) => number) | null = null;
  setRxMode: ((dev: NetDevice) => void) | null = null;
  changeRxFlags: ((dev: NetDevice, flags: number) => void) | null = null;
  /** Stores the address (already known to be valid); 0 or -errno. Default: eth_mac_addr(). */
  setMac: ((dev: NetDevice, mac: number) => number) | null = null;
  changeMtu: ((dev: NetDevice, mtu: number) => number) | null = null;
  /** ifindex of the device below (IFLA_LINK); default its own. */
  getIflink: ((dev: NetDevice) => number) | null = null;
  /** Fills in counters beyond dev.stats; default: stats plus core drops. */
  getStats: ((dev: NetDevice, into: DevStats) => void) | null = null;
  fixFeatures: ((dev: NetDevice, features: bigint) => bigint) | null = null;
  /** 0 or -errno. */
  setFeatures: ((dev: NetDevice, features: bigint) => number) | null = null;
  /**
   * Entries of a forwarding database (RTM_NEWNEIGH under AF_BRIDGE): `state` is NUD_*, `ndmFlags` NTF_*. For NTF_SELF the
   * device's own; for NTF_MASTER (or no flag) the master's, called with the port as `dev`. Default: ndo_dflt_fdb_add.
   * 0 or -errno, or a Refusal with words.
   */
  fdbAdd:
    | ((dev: NetDevice, mac: number, vid: number, nlFlags: number, state: number, ndmFlags: number) => number)
    | null = null;
  fdbDel: ((dev: NetDevice, mac: number, vid: number) => number) | null = null;
  /** All entries of this device's database that a dump for `port` shows (null: those of the device itself), in order. */
  fdbDump: ((dev: NetDevice, port: NetDevice | null, emit: (entry: FdbEntry) => void) => void) | null = null;
  /** VLANs of a bridge: of a port, or (null) of its own device. */
  bridgeVlans: BridgeVlanDoor | null = null;
  vlanRxAddVid: ((dev: NetDevice, proto: number, vid: number) => number) | null = null;
  vlanRxKillVid: ((dev: NetDevice, proto: number, vid: number) => number) | null = null;
  /** The L2-forwarding doors. addStation gives a handle, or a negative errno. Linux: ndo_dfwd_*_station. */
  dfwdAddStation: ((dev: NetDevice, upper: NetDevice) => unknown) | null = null;
  dfwdDelStation: ((dev: NetDevice, accelPriv: unknown) => void) | null = null;
  /** This device as a possible station of the one below; null: it cannot be one. Its rx counters are dev.stats. */
  l2fw: L2fwUpper | null = null;
  /** What `lowerdev offload` shows of a NIC that can carry stations; plain data, made when asked. */
  describeOffload: ((dev: NetDevice) => OffloadState) | null = null;
  /** IFLA_AF_SPEC bridge mode: BRIDGE_MODE_VEB 0, VEPA 1; negative: it has no switch to show now. */
  bridgeSetMode: ((dev: NetDevice, mode: number) => number) | null = null;
  bridgeGetMode: ((dev: NetDevice) => number) | null = null;
  addSlave: ((master: NetDevice, slave: NetDevice) => number) | null = null;
  delSlave: ((master: NetDevice, slave: NetDevice) => number) | null = null;
  changeCarrier: ((dev: NetDevice, on: boolean) => number) | null = null;
  /** Line speed in Mbit/s as ethtool and /sys show it; 0: unknown. */
  speed = 0;
  /** The device cannot leave its namespace. Linux: netns_immutable. */
  netnsImmutable = false;
  /** ethtool -i and -S. */
  driverInfo: { driver: string; version: string; fwVersion: string; busInfo: string } | null = null;
  ethtoolStats: ((dev: NetDevice) => Array<[string, number]>) | null = null;
  /** What was written to files under queues/ that nothing in the model reads (lab/sysfs-queues). */
  queueFiles: unknown = null;
  /** ethtool's other operations. */
  ethtool: EthtoolOps | null = null;

  constructor(core: DevCore, ns: NetNs, name: string, linkOps: LinkOps | null, txQueues = 1, rxQueues = 1) {
    this.core = core;
    this.ns = ns;
    this.name = name;
    this.linkOps = linkOps;
    for (let i = 0; i < txQueues; i++) this.txq.push(new TxQueue(this, i));
    this.realNumTxQueues = txQueues;
    this.numRxQueues = rxQueues;
    this.realNumRxQueues = rxQueues;
    this.qdisc = this.txq[0].qdisc;
  }

  /** `netns/name`, as it is written everywhere. */
  get label(): string {
    return this.ns.label === '' ? this.name : `${this.ns.label}/${this.name}`;
  }

  get up(): boolean {
    return (this.flags & 1) !== 0;
  }

  get iflink(): number {
    return this.getIflink === null ? this.ifindex : this.getIflink(this);
  }
}

function noXmit(skb: Skb): number {
  skb.slabs.free(skb, 3);
  return 0;
}
