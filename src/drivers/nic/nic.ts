// A physical Ethernet device: one port of an adapter, with what its profile says. Made from a machine file, never by a
// request: it has no link kind, cannot be deleted, and goes back to the first namespace when its own dies.
// It has no carrier until a cable is plugged in and both ends are up. Linux: probe() and net_device_ops of an Ethernet driver.

import { Stream } from '../../base/random.ts';
import { validUnicast } from '../../net/dev.ts';
import { F_L2FW_DOFFLOAD, F_RXCSUM, F_VLAN_CTAG_FILTER } from '../../net/features.ts';
import { PRIV_LIVE_ADDR_CHANGE, PRIV_UNICAST_FLT } from '../../net/flags.ts';
import { NetDevice } from '../../net/netdev.ts';
import type { NetNs } from '../../net/netns.ts';
import { KERNEL_RELEASE } from '../../net/release.ts';
import type { Skb } from '../../net/skb.ts';
import { flowHash, netdevPickTx } from '../../net/steering.ts';
import { etherSetup } from '../common.ts';
import { nicEthtool } from './ethtool.ts';
import { type OffloadProfile, queuesNeeded } from './offload-profiles.ts';
import { NicPort, type PortTiming } from './port.ts';
import type { NicProfile } from './profiles.ts';
import { type Quirks, type Station, Stations } from './stations.ts';
import { readNicStats } from './stats.ts';

const EADDRNOTAVAIL = 99;

/** What a machine file may say; null: as the profile or the seed has it. */
export interface NicOptions {
  name: string;
  /** Absent: the next free. */
  ifindex?: number;
  profile: NicProfile;
  mac: number | null;
  queues: number | null;
  /** Descriptors of each tx and rx ring. */
  ring: number | null;
  speedBps: number | null;
  mtu: number | null;
  busInfo: string | null;
  unicastFilters: number | null;
  /** Absent: the profile's; null: no such offload. */
  offload?: OffloadProfile | null;
  /** Absent: byte queue limits are on. */
  bql?: boolean;
  quirks?: Quirks;
  /** Absent: the kernel's timing. */
  timing: PortTiming | null;
}

/** Makes a port in `ns` and registers it. */
export function createNic(ns: NetNs, options: NicOptions): NetDevice {
  const kernel = ns.kernel;
  const p = options.profile;
  const queues = options.queues ?? p.queues;
  const offload = options.offload === undefined ? p.offload : options.offload;
  const quirks = options.quirks ?? {};
  const most = quirks.txqs ?? (offload === null ? queues : queuesNeeded(offload.partition, queues));
  const dev = new NetDevice(kernel.dev, ns, options.name, null, most, most);
  dev.realNumTxQueues = queues;
  dev.realNumRxQueues = queues;
  const label = dev.label;
  dev.ifindex = options.ifindex ?? 0;
  etherSetup(dev);
  dev.privFlags |= PRIV_UNICAST_FLT | PRIV_LIVE_ADDR_CHANGE;
  dev.addr = options.mac ?? p.oui * 0x1000000 + new Stream(kernel.seed, `mac:nic:${label}`).below(0x1000000);
  dev.permAddr = dev.addr;
  dev.mtu = options.mtu ?? dev.mtu;
  dev.maxMtu = p.maxMtu;
  dev.carrier = false;
  dev.features = p.features;
  dev.hwFeatures = offload === null ? p.hwFeatures & ~F_L2FW_DOFFLOAD : p.hwFeatures | F_L2FW_DOFFLOAD;
  dev.vlanFeatures = p.vlanFeatures;
  dev.hwEncFeatures = p.hwEncFeatures;
  dev.tsoMaxSize = p.tsoMaxSize;
  dev.driverInfo = {
    driver: p.driver,
    version: p.version === '' ? KERNEL_RELEASE : p.version,
    fwVersion: p.fwVersion,
    busInfo: options.busInfo ?? '',
  };
  const t = kernel.timing;
  const port = new NicPort(dev, {
    txRing: options.ring ?? p.txRing,
    rxRing: options.ring ?? p.rxRing,
    descNeeded: p.descNeeded,
    unicastFilters: options.unicastFilters ?? p.unicastFilters,
    speedBps: options.speedBps ?? p.speedBps,
    bql: options.bql ?? true,
    xmitName: p.xmitName,
    timing: options.timing ?? { txNs: t.nicTxNs, irqNs: t.nicIrqNs, irqSpreadNs: t.nicIrqSpreadNs },
    jitter: new Stream(kernel.seed, `nic:${label}`),
  });
  dev.priv = port;
  if (offload !== null) attachStations(port, offload, options, queues, quirks);
  dev.startXmit = nicXmit;
  dev.open = open;
  dev.stop = stop;
  dev.setRxMode = setRxMode;
  dev.vlanRxAddVid = (d, _proto, vid) => admit(d, vid, true);
  dev.vlanRxKillVid = (d, _proto, vid) => admit(d, vid, false);
  dev.setMac = setMac;
  dev.setFeatures = setFeatures;
  setFeatures(dev, dev.features);
  dev.ethtool = nicEthtool(port, p, queues);
  dev.ethtoolStats = () => readNicStats(port, p.stats);
  kernel.dev.register(dev);
  return dev;
}

/** The port of a device that createNic() made. */
export function portOf(dev: NetDevice): NicPort {
  return dev.priv as NicPort;
}

/** Linux: ixgbe_xmit_frame() and its like. */
function nicXmit(skb: Skb, dev: NetDevice): number {
  return (dev.priv as NicPort).transmit(skb);
}

function open(dev: NetDevice): number {
  portOf(dev).start();
  return 0;
}

function stop(dev: NetDevice): void {
  portOf(dev).stop();
}

function setRxMode(dev: NetDevice): void {
  portOf(dev).filter.changed();
}

function setFeatures(dev: NetDevice, features: bigint): number {
  const port = portOf(dev);
  port.rxCsum = (features & F_RXCSUM) !== 0n;
  port.filter.filterVlans((features & F_VLAN_CTAG_FILTER) !== 0n, dev);
  if (((dev.features ^ features) & F_L2FW_DOFFLOAD) !== 0n) {
    port.stations?.featureChanged((features & F_L2FW_DOFFLOAD) !== 0n);
  }
  return 0;
}

function attachStations(
  port: NicPort,
  offload: OffloadProfile,
  options: NicOptions,
  own: number,
  quirks: Quirks,
): void {
  const { dev } = port;
  const { profile } = options;
  const filters = options.unicastFilters ?? profile.unicastFilters;
  const name = `${profile.driver} ${options.busInfo ?? ''}`.trim();
  const stations = new Stations(port, name, offload, own, filters, quirks);
  port.stations = stations;
  dev.dfwdAddStation = (_dev, upper) => stations.add(upper);
  dev.dfwdDelStation = (_dev, handle) => stations.del(handle as Station);
  dev.describeOffload = () => stations.describe(profile.name);
  dev.bridgeSetMode = (_dev, mode) => stations.setMode(mode);
  dev.bridgeGetMode = () => stations.mode();
  if (quirks.selectsQueue === true) dev.selectQueue = selectInChannel;
}

/** As a driver's own select_queue that trusts the channel's range, empty or not. */
function selectInChannel(skb: Skb, dev: NetDevice, sbDev: NetDevice | null): number {
  if (sbDev === null) return netdevPickTx(skb, dev, dev);
  const range = sbDev.tcToTxq[0];
  return range === undefined ? 0 : range.offset + Math.floor((flowHash(skb) * range.count) / 0x100000000);
}

function admit(dev: NetDevice, vid: number, on: boolean): number {
  portOf(dev).filter.admit(vid, on);
  return 0;
}

/** A live change is fine: the hardware takes any unicast address at any time. Linux: ixgbe_set_mac(). */
function setMac(dev: NetDevice, mac: number): number {
  if (!validUnicast(mac)) return -EADDRNOTAVAIL;
  dev.addr = mac;
  return 0;
}
