// A pair of virtual Ethernet devices: what one sends, the other receives, through the backlog. They are made together
// and end together, and both have carrier when both are up.
// Not modelled: XDP, and with it NAPI on the receiving side (GRO can be switched, but gathers nothing).
// Linux: drivers/net/veth.c.

import { Drop } from '../../net/drop.ts';
import type { EthtoolOps } from '../../net/ethtool.ts';
import {
  F_FRAGLIST,
  F_GRO,
  F_GSO_ENCAP_ALL,
  F_GSO_SOFTWARE,
  F_HIGHDMA,
  F_HW_CSUM,
  F_RXCSUM,
  F_SCTP_CRC,
  F_SG,
  F_VLAN_CTAG_RX,
  F_VLAN_CTAG_TX,
  F_VLAN_STAG_RX,
  F_VLAN_STAG_TX,
} from '../../net/features.ts';
import { PRIV_LIVE_ADDR_CHANGE, PRIV_NO_QUEUE, RX_SUCCESS, TX_OK, XMIT_DROP } from '../../net/flags.ts';
import { type Attrs, type LinkOps, type NewLinkContext, Refusal } from '../../net/linkops.ts';
import type { DevStats, NetDevice } from '../../net/netdev.ts';
import type { NetNs } from '../../net/netns.ts';
import { forwardSkb } from '../../net/rx.ts';
import type { Skb } from '../../net/skb.ts';
import { checkAddress, E, etherSetup, randomAddress } from '../common.ts';

const MIN_MTU = 68;
const MAX_MTU = 65535;
const TSO_MAX_SIZE = 524280;

const VLAN_OFFLOADS = F_VLAN_CTAG_TX | F_VLAN_CTAG_RX | F_VLAN_STAG_TX | F_VLAN_STAG_RX;
const VETH_FEATURES =
  F_SG | F_FRAGLIST | F_HW_CSUM | F_RXCSUM | F_SCTP_CRC | F_HIGHDMA | F_GSO_SOFTWARE | F_GSO_ENCAP_ALL | VLAN_OFFLOADS;

/** State of one end. Linux: struct veth_priv. */
export class Veth {
  /** The other end; null while it is being made or torn down. */
  peer: NetDevice | null = null;
  txPackets = 0;
  txBytes = 0;
  dropped = 0;
}

export const vethLink: LinkOps = {
  kind: 'veth',
  txQueues: 2, // as on a machine with two CPUs; only one is in use unless the request asks
  rxQueues: 2,
  setup,
  validate,
  newlink,
  dellink,
  linkNet,
};

function setup(dev: NetDevice): void {
  etherSetup(dev);
  dev.priv = new Veth();
  dev.privFlags = PRIV_NO_QUEUE | PRIV_LIVE_ADDR_CHANGE;
  dev.lltx = true;
  dev.maxMtu = MAX_MTU;
  dev.tsoMaxSize = TSO_MAX_SIZE;
  dev.speed = 10000;
  dev.features = VETH_FEATURES;
  dev.hwFeatures = VETH_FEATURES;
  dev.hwEncFeatures = VETH_FEATURES;
  dev.vlanFeatures = VETH_FEATURES & ~VLAN_OFFLOADS;
  dev.open = open;
  dev.stop = stop;
  dev.startXmit = vethXmit;
  dev.getIflink = iflink;
  dev.getStats = getStats;
  dev.driverInfo = { driver: 'veth', version: '1.0', fwVersion: '', busInfo: '' };
  dev.ethtoolStats = ethtoolStats;
  dev.ethtool = VETH_ETHTOOL;
}

/** A made-up link, and its queues. Linux: veth_get_link_ksettings(), veth_get_channels(). */
const VETH_ETHTOOL: EthtoolOps = {
  linkSettings: () => ({ speed: 10_000, autoneg: false, port: 0, supported: [], advertising: [] }),
  channels: (dev) => ({
    rxMax: dev.numRxQueues,
    rxCount: dev.realNumRxQueues,
    txMax: dev.txq.length,
    txCount: dev.realNumTxQueues,
    otherMax: 0,
    otherCount: 0,
    combinedMax: 0,
    combinedCount: 0,
  }),
  /** Linux: veth_set_channels(). */
  setChannels(dev, want) {
    dev.realNumRxQueues = want.rxCount;
    dev.realNumTxQueues = want.txCount;
    return 0;
  },
};

function vethOf(dev: NetDevice): Veth {
  return dev.priv as Veth;
}

function validate(tb: Attrs): void {
  checkAddress(tb);
  const mtu = tb.mtu as number | undefined;
  if (mtu !== undefined && (mtu < MIN_MTU || mtu > MAX_MTU)) throw new Refusal(E.EINVAL);
}

/** The peer first, then the device itself; neither has carrier yet. Linux: veth_newlink(). */
function newlink(dev: NetDevice, tb: Attrs, data: Attrs, ctx: NewLinkContext): void {
  const core = dev.core;
  const watch = core.kernel.linkWatch;
  if (ctx.peer === null) throw new Refusal(E.EINVAL, 'veth: the caller cannot make a peer');
  const peer = ctx.peer(data);
  if (peer.addr === 0) randomAddress(peer, 'veth');
  core.register(peer, peer.ifindex);
  disableGro(peer);
  watch.carrierOff(peer);
  try {
    if (ctx.configurePeer === undefined) core.announceNew(peer);
    else ctx.configurePeer(peer, data);
    if (tb.address === undefined) randomAddress(dev, 'veth');
    core.register(dev, dev.ifindex);
  } catch (refusal) {
    core.unregisterMany([peer]);
    throw refusal;
  }
  disableGro(dev);
  watch.carrierOff(dev);
  vethOf(dev).peer = peer;
  vethOf(peer).peer = dev;
  useQueues(dev, tb);
  useQueues(peer, tb); // not what was asked for the peer
}

function disableGro(dev: NetDevice): void {
  dev.features &= ~F_GRO;
  dev.wantedFeatures &= ~F_GRO;
}

/** Only one queue each way is in use unless the request counted them for the device, whatever it says of the peer. Linux: veth_init_queues(). */
function useQueues(dev: NetDevice, tb: Attrs): void {
  if (tb.numTxQueues === undefined) dev.realNumTxQueues = 1;
  if (tb.numRxQueues === undefined) dev.realNumRxQueues = 1;
}

/** Both ends go together. Linux: veth_dellink(). */
function dellink(dev: NetDevice, list: NetDevice[]): void {
  const peer = vethOf(dev).peer;
  vethOf(dev).peer = null;
  list.push(dev);
  if (peer === null) return;
  vethOf(peer).peer = null;
  list.push(peer);
}

function linkNet(dev: NetDevice): NetNs {
  return (vethOf(dev).peer ?? dev).ns;
}

function iflink(dev: NetDevice): number {
  const peer = vethOf(dev).peer;
  return peer === null ? 0 : peer.ifindex;
}

function open(dev: NetDevice): number {
  const peer = vethOf(dev).peer;
  if (peer === null) return -E.ENOTCONN;
  if (peer.up) {
    const watch = dev.core.kernel.linkWatch;
    watch.carrierOn(dev);
    watch.carrierOn(peer);
  }
  return 0;
}

function stop(dev: NetDevice): void {
  const watch = dev.core.kernel.linkWatch;
  const peer = vethOf(dev).peer;
  watch.carrierOff(dev);
  if (peer !== null) watch.carrierOff(peer);
}

/** Hands the frame to the other end; a frame that it cannot take is dropped and the sender told. Linux: veth_xmit(). */
function vethXmit(skb: Skb, dev: NetDevice): number {
  const trace = dev.core.kernel.trace;
  if (trace.step !== null) trace.step('veth_xmit', skb, dev);
  const veth = dev.priv as Veth;
  const peer = veth.peer;
  const length = skb.len;
  if (peer === null) {
    skb.slabs.free(skb, Drop.DeviceGone);
    veth.dropped++;
    return XMIT_DROP;
  }
  if (forwardSkb(peer, skb) !== RX_SUCCESS) {
    veth.dropped++;
    return XMIT_DROP;
  }
  veth.txPackets++;
  veth.txBytes += length;
  return TX_OK;
}

/** What the peer sent is what this end received. Linux: veth_get_stats64(). */
function getStats(dev: NetDevice, into: DevStats): void {
  const veth = vethOf(dev);
  into.txPackets = veth.txPackets;
  into.txBytes = veth.txBytes;
  into.txDropped = veth.dropped;
  if (veth.peer === null) return;
  const peer = vethOf(veth.peer);
  into.rxPackets = peer.txPackets;
  into.rxBytes = peer.txBytes;
}

const RX_COUNTERS = ['xdp_packets', 'xdp_bytes', 'drops', 'xdp_redirect', 'xdp_drops', 'xdp_tx', 'xdp_tx_errors'];
const TX_COUNTERS = ['xdp_xmit', 'xdp_xmit_errors'];

/** Per-queue counters belong to XDP and NAPI, which do not exist here, hence 0 as on a pair without them. */
function ethtoolStats(dev: NetDevice): Array<[string, number]> {
  const peer = vethOf(dev).peer;
  const out: Array<[string, number]> = [['peer_ifindex', peer === null ? 0 : peer.ifindex]];
  for (let q = 0; q < dev.realNumRxQueues; q++) for (const c of RX_COUNTERS) out.push([`rx_queue_${q}_${c}`, 0]);
  for (let q = 0; q < dev.realNumTxQueues; q++) for (const c of TX_COUNTERS) out.push([`tx_queue_${q}_${c}`, 0]);
  return out;
}
