// The driver's side of L2 forwarding offload: stations asked for, bound to queues, given back, and what happens to them when
// the feature goes. macvlan asks; a refusal is an errno that macvlan swallows. A station belongs to macvlan until it gives
// it back, even when the driver has dropped it in silence before (`used` is false then, and its address is nobody's).
// Linux: ndo_dfwd_add_station(), ndo_dfwd_del_station(), e.g. ixgbe_fwd_add(), i40e_fwd_add().

import { setRealNumTxQueues } from '../../net/dev-queues.ts';
import { F_L2FW_DOFFLOAD } from '../../net/features.ts';
import { LOG_ERR, LOG_INFO } from '../../net/log.ts';
import type { NetDevice } from '../../net/netdev.ts';
import type { OffloadRefusal, OffloadState, QueueRange } from '../../net/offload.ts';
import {
  bindSbChannelQueue,
  lendQueues,
  setNumTc,
  setSbChannel,
  setTcQueue,
  unbindSbChannel,
} from '../../net/sb-channel.ts';
import { divide, type Layout, type OffloadProfile } from './offload-profiles.ts';
import type { NicPort } from './port.ts';
import { EmbeddedSwitch, VEPA } from './veb.ts';
import { Vsi } from './vsi.ts';

const EINVAL = 22;
const ENOMEM = 12;
const ERANGE = 34;
const EOPNOTSUPP = 95;
const EMEDIUMTYPE = 124;
const NONE: QueueRange = { offset: 0, count: 0 };

/** For tests, and for nothing else: what a driver or a machine could do wrong. */
export interface Quirks {
  /** No traffic classes, so no channel can be bound. */
  readonly noTcMap?: boolean;
  /** Channel 0 is handed out first: an upperdev with it counts as none. */
  readonly channelZero?: boolean;
  /** A select_queue of the driver's own, as ixgbe has one for FCoE: it trusts the range of the channel. */
  readonly selectsQueue?: boolean;
  /** The port is divided from the beginning, among so many txqs. */
  readonly txqs?: number;
}

export class Station {
  readonly id: number;
  readonly upper: NetDevice;
  readonly channel: number;
  readonly sinceNs: number;
  used = true;
  vsi: Vsi | null = null;
  /** The address that the hardware sorts by; 0: not bound. */
  filter = 0;

  constructor(id: number, upper: NetDevice, channel: number, sinceNs: number) {
    this.id = id;
    this.upper = upper;
    this.channel = channel;
    this.sinceNs = sinceNs;
  }
}

export class Stations {
  readonly port: NicPort;
  readonly profile: OffloadProfile;
  readonly ringOnUpper: boolean;
  readonly fabric: EmbeddedSwitch;
  /** null: the port has not been divided yet. */
  layout: Layout | null = null;
  private readonly name: string;
  private readonly own: number;
  private readonly filters: number;
  private readonly quirks: Quirks;
  private readonly slots: Array<Station | null> = [];
  private readonly refused = new Map<NetDevice, OffloadRefusal>();
  /** For tests: the next requests fail so; `releases`: after the driver has told macvlan that it lets go. */
  fault: { errno: number; releases: boolean } | null = null;

  /** `own`: the port's own queues; `filters`: unicast addresses that the hardware knows beside its own. */
  constructor(port: NicPort, name: string, profile: OffloadProfile, own: number, filters: number, quirks: Quirks) {
    this.port = port;
    this.name = name;
    this.profile = profile;
    this.own = own;
    this.filters = filters;
    this.quirks = quirks;
    this.ringOnUpper = profile.ringOnUpper || (profile.ringOnUpperBefore418 && port.kernel.oldL2fw);
    this.fabric = new EmbeddedSwitch(profile.replicates);
    if (quirks.txqs !== undefined) this.apply(divide(profile.partition, own, null) as Layout);
  }

  /** ndo_dfwd_add_station: the station, or -errno. */
  add(upper: NetDevice): Station | number {
    const why = this.refusal(upper);
    if (why !== null) return this.refuse(upper, why[0], why[1]);
    let id = this.free();
    if (id < 0) {
      const layout = divide(this.profile.partition, this.own, this.layout);
      if (typeof layout === 'number') return this.refuse(upper, -layout, 'every station is taken');
      this.divideAnew(layout);
      id = this.free();
    }
    const channel = this.channelOf(id);
    const channelRc = this.setChannel(upper, channel);
    const { kernel, dev } = this.port;
    const station = new Station(id, upper, channel, kernel.loop.now);
    this.slots[id] = station;
    this.refused.delete(upper);
    if (kernel.trace.offload !== null) {
      kernel.trace.offload(dev, { op: 'add-station', upper, rc: 0, station: id, channel, channelRc });
    }
    if (!this.port.running) return station;
    return this.bind(station) ? station : this.refuse(upper, ENOMEM, 'the table of unicast filters is full');
  }

  /** What speaks against it, in the driver's order: errno and words. */
  private refusal(upper: NetDevice): [number, string] | null {
    if (this.fault !== null) {
      if (this.fault.releases) this.release(upper);
      return [this.fault.errno, 'the driver failed'];
    }
    const { profile, port } = this;
    if (profile.testsModes && upper.l2fw?.destFilter() !== true && !port.kernel.oldL2fw) {
      return [EMEDIUMTYPE, 'its mode is not private, vepa or bridge'];
    }
    if (port.kernel.oldL2fw) {
      const n = upper.txq.length;
      if (n <= 4 && n !== 3 && n === upper.numRxQueues) return null;
      port.kernel.log.write(`${this.name}: ${upper.name}: Supports RX/TX Queue counts 1,2, and 4`, LOG_INFO);
      return [EINVAL, 'it has neither 1, 2 nor 4 queues'];
    }
    return upper.txq.length > 1 ? [ERANGE, 'it has several queues'] : null;
  }

  private refuse(upper: NetDevice, errno: number, why: string): number {
    const { kernel, dev } = this.port;
    this.refused.set(upper, { upper, atNs: kernel.loop.now, errno, why });
    if (kernel.trace.offload !== null) {
      kernel.trace.offload(dev, { op: 'add-station', upper, rc: -errno, station: -1, channel: 0, channelRc: 0 });
    }
    return -errno;
  }

  /** The lowest free number; -1: none. */
  private free(): number {
    const n = this.layout?.stations ?? 0;
    for (let i = 0; i < n; i++) if ((this.slots[i] ?? null) === null) return i;
    return -1;
  }

  /** Numbered from 1, as 0 is the port; a station without queues is no channel. */
  private channelOf(id: number): number {
    return this.layout?.queues === 0 ? 0 : id + (this.quirks.channelZero === true ? 0 : 1);
  }

  private setChannel(upper: NetDevice, channel: number): number {
    if (!this.port.kernel.oldL2fw) return setSbChannel(upper, channel);
    upper.numTc = channel === 0 ? 0 : -channel;
    return 0;
  }

  /** Gives a station its queues and its filter; false: no room for the filter, and it is released. */
  private bind(station: Station): boolean {
    const { port, profile, layout } = this;
    const { dev, kernel } = port;
    const { upper } = station;
    const { queues, own } = layout as Layout;
    const tx = queues === 0 ? NONE : { offset: own + station.id * queues, count: queues };
    let rc = 0;
    if (queues > 0) {
      if (kernel.oldL2fw) lendQueues(dev, upper, 0, tx.count, tx.offset);
      else rc = bindSbChannelQueue(dev, upper, 0, tx.count, tx.offset);
    }
    if (profile.sharesFilters && dev.uc.size + this.fabric.all.length >= this.filters) {
      kernel.log.write(`${this.name}: L2FW offload disabled due to L2 filter error`, LOG_ERR);
      this.forget(station);
      this.release(upper);
      return false;
    }
    station.filter = upper.addr;
    station.vsi = new Vsi(station.id + 1, upper, tx, queues === 0 ? port.own.rx : tx);
    this.fabric.add(station.vsi, station.filter);
    port.lend(station.vsi, this.ringOnUpper);
    if (kernel.trace.offload !== null) {
      kernel.trace.offload(dev, { op: 'bind', upper, rc, queues: tx, filter: station.filter });
    }
    return true;
  }

  /** ndo_dfwd_del_station. */
  del(station: Station): void {
    const { trace } = this.port.kernel;
    const { upper, id, filter, used } = station;
    if (trace.offload !== null) {
      trace.offload(this.port.dev, { op: 'del-station', upper, station: id, filter, stale: !used });
    }
    this.refused.delete(upper);
    this.forget(station);
  }

  /** The station is free again; what it held ends. */
  private forget(station: Station): void {
    if (!station.used) return;
    station.used = false;
    this.slots[station.id] = null;
    this.unbind(station);
    unbindSbChannel(this.port.dev, station.upper);
    this.setChannel(station.upper, 0);
  }

  private unbind(station: Station): void {
    if (station.vsi === null) return;
    this.fabric.remove(station.vsi, station.filter);
    station.vsi.live = false;
    this.port.takeBack(station.vsi);
    station.vsi = null;
  }

  /** macvlan_release_l2fw_offload(). */
  private release(upper: NetDevice): void {
    const { kernel, dev } = this.port;
    upper.l2fw?.release();
    if (kernel.trace.offload !== null) kernel.trace.offload(dev, { op: 'release', upper });
  }

  /** The port comes up: stations that were asked for while it was down get their queues. */
  opened(): void {
    for (const station of this.slots) {
      if (station === null || station === undefined || station.vsi !== null) continue;
      this.bind(station);
    }
  }

  /** New rings in place of the old ones: stations' frames go through theirs as before. */
  ringsRenewed(): void {
    for (const station of this.slots) if (station?.vsi != null) this.port.lend(station.vsi, this.ringOnUpper);
  }

  /** ndo_set_features: what becomes of the stations when the feature is switched off. */
  featureChanged(on: boolean): void {
    const { kernel, dev } = this.port;
    if (kernel.trace.offload !== null) kernel.trace.offload(dev, { op: 'set-features', on });
    const { whenOff } = this.profile;
    if (on || whenOff === 'ignore') return;
    for (const station of [...this.slots]) {
      if (station === null || station === undefined) continue;
      this.forget(station);
      if (whenOff === 'release') this.release(station.upper);
    }
    if (this.profile.restarts && this.layout !== null) this.undivide();
  }

  /** The first station, or the first beyond the pools: queues are dealt out again, and who was bound is bound again. */
  private divideAnew(layout: Layout): void {
    const bound = this.slots.filter((s): s is Station => s?.vsi != null);
    for (const station of bound) {
      this.unbind(station);
      unbindSbChannel(this.port.dev, station.upper);
    }
    this.port.rearrange(this.profile.restarts, () => this.apply(layout));
    for (const station of bound) if (station.used && station.vsi === null) this.bind(station);
  }

  private apply(layout: Layout): void {
    const { dev } = this.port;
    const { own, stations, queues } = layout;
    this.layout = layout;
    setRealNumTxQueues(dev, this.quirks.txqs ?? own + stations * queues);
    dev.realNumRxQueues = dev.realNumTxQueues;
    if (queues > 0 && this.quirks.noTcMap !== true) {
      setNumTc(dev, 1);
      setTcQueue(dev, 0, own, 0);
    }
    this.port.setOwn(own);
  }

  /** All stations are gone, and the port has its queues back. */
  private undivide(): void {
    this.port.rearrange(true, () => {
      this.layout = null;
      setNumTc(this.port.dev, 0);
      setRealNumTxQueues(this.port.dev, this.own);
      this.port.dev.realNumRxQueues = this.own;
      this.port.setOwn(this.own);
    });
  }

  /** RTM_SETLINK's hwmode: 0 or -errno. */
  setMode(mode: number): number {
    if (this.profile.hwmodeNeedsPools && this.layout === null) return -EOPNOTSUPP;
    this.fabric.mode = mode;
    const { kernel, dev } = this.port;
    if (kernel.trace.offload !== null) kernel.trace.offload(dev, { op: 'hwmode', mode });
    return 0;
  }

  /** As `bridge link show` has it; -EOPNOTSUPP: it shows none. */
  mode(): number {
    return this.profile.hwmodeNeedsPools && this.layout === null ? -EOPNOTSUPP : this.fabric.mode;
  }

  describe(profileName: string): OffloadState {
    const { dev, own } = this.port;
    const stations = this.slots.filter((s): s is Station => s !== null && s !== undefined);
    // Not divided yet: what the first station would find.
    const layout = this.layout ?? divide(this.profile.partition, this.own, null);
    const room = typeof layout === 'number' ? 0 : layout.stations;
    return {
      profile: profileName,
      enabled: (dev.features & F_L2FW_DOFFLOAD) !== 0n,
      hwmode: this.fabric.mode === VEPA ? 'vepa' : 'veb',
      stationsMax: this.profile.partition.kind === 'pools' ? this.profile.partition.total - 1 : room,
      stationsUsed: stations.length,
      own: own.tx,
      queuesPerStation: typeof layout === 'number' ? 0 : layout.queues,
      vsis: 1 + this.fabric.all.length,
      ringOnUpper: this.ringOnUpper,
      whenOff: this.profile.whenOff,
      rxOnUpper: this.profile.rxOnUpper,
      replicates: this.profile.replicates,
      stations: stations.map((s) => ({
        id: s.id,
        upper: s.upper,
        channel: s.channel,
        filter: s.filter,
        bound: s.vsi !== null,
        tx: s.vsi?.tx ?? NONE,
        rx: s.vsi?.rx ?? NONE,
        sinceNs: s.sinceNs,
        rxPackets: s.vsi?.rxPackets ?? 0,
        loopPackets: s.vsi?.loopPackets ?? 0,
      })),
      refusals: [...this.refused.values()].filter((r) => r.upper.regState === 'registered'),
    };
  }
}
