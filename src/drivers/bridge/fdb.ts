// The forwarding database: which port a MAC is behind. Entries are learned from frames and age, or are set by request,
// or belong to the bridge and its ports (local). One entry per MAC and VLAN; without VLAN filtering all is in VLAN 0.
// Linux: net/bridge/br_fdb.c.

import { MacTable } from '../../base/mactable.ts';
import type { FdbEntry, NetDevice } from '../../net/netdev.ts';
import { Timer } from '../../sim/timer.ts';
import { formatMac } from '../../uapi/format.ts';
import { NTF_STICKY, NUD_NOARP, NUD_PERMANENT, NUD_REACHABLE, NUD_STALE } from '../../uapi/neigh.ts';
import { keyIsValidUnicast } from '../../wire/ethernet.ts';
import type { Bridge, BridgePort } from './br.ts';
import { CENTISECOND_NS } from './const.ts';

class FdbLine {
  readonly mac: number;
  readonly vid: number;
  /** null: the bridge itself. */
  port: BridgePort | null;
  local = false;
  isStatic = false;
  sticky = false;
  byUser = false;
  usedNs: number;
  updatedNs: number;

  constructor(mac: number, vid: number, port: BridgePort | null, nowNs: number) {
    this.mac = mac;
    this.vid = vid;
    this.port = port;
    this.usedNs = nowNs;
    this.updatedNs = nowNs;
  }
}

export class Fdb {
  private readonly br: Bridge;
  private readonly table = new MacTable();
  /** Tables of the other VLANs, by id; null until there is one. */
  private byVid: Array<MacTable | undefined> | null = null;
  private readonly slots: Array<FdbLine | null> = [];
  private readonly freeSlots: number[] = [];
  /** In the order of creation; dumps go backwards. */
  private readonly order = new Set<FdbLine>();
  private gc: Timer<Fdb> | null = null;
  /** Entries that were learned and not set; IFLA_BR_FDB_N_LEARNED. */
  learned = 0;
  /** Most learned entries, 0: no limit. */
  maxLearned = 0;

  constructor(br: Bridge) {
    this.br = br;
  }

  get size(): number {
    return this.order.size;
  }

  private tableOf(vid: number): MacTable | null {
    if (vid === 0) return this.table;
    return this.byVid === null ? null : (this.byVid[vid] ?? null);
  }

  private makeTable(vid: number): MacTable {
    if (vid === 0) return this.table;
    this.byVid ??= [];
    this.byVid[vid] ??= new MacTable();
    return this.byVid[vid] as MacTable;
  }

  find(hi: number, lo: number, vid: number): FdbLine | null {
    const table = this.tableOf(vid);
    if (table === null) return null;
    const slot = table.get(hi, lo);
    return slot < 0 ? null : this.slots[slot];
  }

  findKey(mac: number, vid: number): FdbLine | null {
    const table = this.tableOf(vid);
    if (table === null) return null;
    const slot = table.getKey(mac);
    return slot < 0 ? null : this.slots[slot];
  }

  /** Learns that `hi:lo` is behind `port`. Linux: br_fdb_update(). */
  update(port: BridgePort, hi: number, lo: number, vid: number): void {
    const br = this.br;
    if (br.ageingTime === 0) return;
    const line = this.find(hi, lo, vid);
    const kernel = br.dev.core.kernel;
    if (line === null) {
      if (this.maxLearned !== 0 && this.learned >= this.maxLearned) return;
      this.tell(this.create(hi * 0x1000000 + lo, vid, port, false), false);
      if (this.gc === null || !this.gc.armed) this.armGc(); // armed: for an older entry, which goes first
      return;
    }
    if (line.local) {
      kernel.hooks.log(
        `${br.dev.name}: received packet on ${port.dev.name} with own address as source address (addr:${formatMac(line.mac)}, vlan:${vid})`,
        br.dev,
      );
      return;
    }
    line.updatedNs = kernel.loop.now;
    if (line.port === port || line.sticky) return;
    line.port = port;
    this.tell(line, false);
  }

  /** A new entry; the caller tells. Linux: fdb_create(). */
  create(mac: number, vid: number, port: BridgePort | null, byUser: boolean): FdbLine {
    const line = new FdbLine(mac, vid, port, this.br.dev.core.kernel.loop.now);
    line.byUser = byUser;
    const slot = this.freeSlots.pop() ?? this.slots.length;
    this.slots[slot] = line;
    this.makeTable(vid).setKey(mac, slot);
    this.order.add(line);
    if (!byUser) this.learned++;
    return line;
  }

  /** The entries that neither age nor move. */
  get fixed(): FdbLine[] {
    return [...this.order].filter((line) => line.isStatic);
  }

  delete(line: FdbLine): void {
    const table = this.makeTable(line.vid);
    const slot = table.getKey(line.mac);
    table.deleteKey(line.mac);
    this.slots[slot] = null;
    this.freeSlots.push(slot);
    this.order.delete(line);
    if (isLearned(line)) this.learned--;
    this.tell(line, true);
  }

  /** The address of the bridge (port null) or of a port. Linux: fdb_add_local(). */
  addLocal(port: BridgePort | null, mac: number, vid = 0): void {
    if (!keyIsValidUnicast(mac)) return;
    const old = this.findKey(mac, vid);
    if (old !== null) {
      if (old.local) return; // several ports may have the same address: the first one stands for all
      this.delete(old);
    }
    const line = this.create(mac, vid, port, false);
    this.learned--;
    line.local = true;
    line.isStatic = true;
    this.tell(line, false);
  }

  /** A local address goes, unless another port or the bridge has it too. Linux: fdb_delete_local(). */
  deleteLocal(port: BridgePort | null, line: FdbLine): void {
    for (const other of this.br.ports) {
      if (other === port || other.dev.addr !== line.mac || !this.inVlan(other, line.vid)) continue;
      line.port = other;
      line.byUser = false;
      return;
    }
    if (port !== null && this.br.dev.addr === line.mac && this.inVlan(null, line.vid)) {
      line.port = null;
      line.byUser = false;
      return;
    }
    this.delete(line);
  }

  /** Linux: br_fdb_changeaddr(): a port has another address. */
  portAddrChanged(port: BridgePort, mac: number): void {
    for (const line of [...this.order]) {
      if (line.port !== port || !line.local || line.byUser) continue;
      this.deleteLocal(port, line);
      if (this.br.vlans === null) break;
    }
    this.addLocal(port, mac);
    for (const vid of this.vidsOf(port)) this.addLocal(port, mac, vid);
  }

  /** Linux: br_fdb_change_mac_address(): the bridge is about to have another address. */
  bridgeAddrChanged(oldMac: number, mac: number): void {
    for (const vid of [0, ...this.vidsOf(null)]) {
      const line = this.findKey(oldMac, vid);
      if (line?.local === true && line.port === null && !line.byUser) this.deleteLocal(null, line);
      this.addLocal(null, mac, vid);
    }
  }

  /** A VLAN is no longer of a port: neither is what is behind the port in it. */
  deleteVlan(port: BridgePort | null, vid: number): void {
    for (const line of [...this.order].reverse()) {
      if (line.port !== port || line.vid !== vid) continue;
      if (line.local) this.deleteLocal(port, line);
      else this.delete(line);
    }
  }

  private vidsOf(port: BridgePort | null): number[] {
    return this.br.vlans?.groupOf(port)?.ids() ?? [];
  }

  private inVlan(port: BridgePort | null, vid: number): boolean {
    return vid === 0 || (this.br.vlans?.groupOf(port)?.has(vid) ?? false);
  }

  /** Linux: br_fdb_delete_by_port(). `all` takes static entries too. */
  deleteByPort(port: BridgePort | null, all: boolean): void {
    for (const line of [...this.order].reverse()) {
      if (line.port !== port || (!all && line.isStatic)) continue;
      if (line.local) this.deleteLocal(port, line);
      else this.delete(line);
    }
  }

  /** Linux: br_fdb_flush() without a filter: what is not local goes. */
  flush(): void {
    for (const line of [...this.order].reverse()) if (!line.isStatic) this.delete(line);
  }

  /** The bridge ends: no timer outlives it. */
  stop(): void {
    this.gc?.disarm();
    this.gc = null;
  }

  /** Lines of one port; null: of the bridge itself. The newest first. */
  dump(port: NetDevice | null, emit: (entry: FdbEntry) => void): void {
    for (const line of [...this.order].reverse()) {
      if ((line.port === null ? null : line.port.dev) === port) emit(this.entryOf(line));
    }
  }

  tell(line: FdbLine, gone: boolean): void {
    this.br.dev.core.kernel.hooks.fdbChanged(this.entryOf(line), gone);
  }

  stateOf(line: FdbLine): number {
    if (line.local) return NUD_PERMANENT;
    if (line.isStatic) return NUD_NOARP;
    return this.expiresNs(line) <= this.br.dev.core.kernel.loop.now ? NUD_STALE : NUD_REACHABLE;
  }

  /** Old entries go as soon as their time has come; the timer runs only while something can age. */
  armGc(): void {
    const loop = this.br.dev.core.kernel.loop;
    this.gc ??= new Timer(loop, collect, this as Fdb);
    if (!this.br.dev.running) {
      this.gc.disarm();
      return;
    }
    let due = -1;
    for (const line of this.order) {
      if (line.isStatic) continue;
      const at = this.expiresNs(line);
      if (due < 0 || at < due) due = at;
    }
    if (due < 0) this.gc.disarm();
    else if (!this.gc.armed || this.gc.expiresNs > due) this.gc.armAt(Math.max(due, loop.now));
  }

  /** Linux: br_fdb_cleanup(). */
  collect(): void {
    const now = this.br.dev.core.kernel.loop.now;
    for (const line of [...this.order]) if (!line.isStatic && this.expiresNs(line) <= now) this.delete(line);
    this.armGc();
  }

  private expiresNs(line: FdbLine): number {
    return line.updatedNs + this.br.ageingTime * CENTISECOND_NS;
  }

  private entryOf(line: FdbLine): FdbEntry {
    const master = this.br.dev;
    return {
      mac: line.mac,
      vid: line.vid,
      dev: line.port === null ? master : line.port.dev,
      master,
      state: this.stateOf(line),
      flags: line.sticky ? NTF_STICKY : 0,
      usedNs: line.usedNs,
      updatedNs: line.updatedNs,
    };
  }
}

function isLearned(line: FdbLine): boolean {
  return !line.byUser && !line.local;
}

function collect(fdb: Fdb): void {
  fdb.collect();
}
