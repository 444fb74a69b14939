// A network namespace: its devices, by name and by index, and hooks on which other rooms hang their state.
// Linux: struct net, dev_base_head, peernet2id().

import { assert } from '../base/assert.ts';
import type { Kernel } from './kernel.ts';
import type { NetDevice, ProtoTap, Tap } from './netdev.ts';

export class NetNs {
  readonly kernel: Kernel;
  readonly inode: number;
  /** How traces and checkers call it: '' for the first one, else the name it was given. */
  label = '';
  /** Not part of what the user sees: external switches and peers of a machine file live in such. */
  hidden = false;
  dead = false;
  /** Names, processes, sockets and descriptors that keep it alive. */
  holds = 0;
  readonly byName = new Map<string, NetDevice>();
  /** Below this number every name of a pattern (`veth%d`) is taken. Forgotten when a name gets free. */
  readonly nextOfPattern = new Map<string, number>();
  readonly byIndex = new Map<number, NetDevice>();
  private lastIndex = 0;
  /** Watchers of every device here. */
  readonly taps: Tap[] = [];
  /** Watchers of one ethertype on every device here. */
  readonly protoTaps: ProtoTap[] = [];
  /** Ids that this namespace gave to others. Linux: net->netns_ids. */
  readonly nsids = new Map<NetNs, number>();
  /** State of inet/ and its parts, of rtnl/; filled when the namespace is made. */
  inet: unknown = null;
  inet6: unknown = null;
  rtnl: unknown = null;
  sched: unknown = null;
  readonly sysctl = new Map<string, string>();

  constructor(kernel: Kernel, inode: number) {
    this.kernel = kernel;
    this.inode = inode;
  }

  /** Finds by name or alternative name. */
  dev(name: string): NetDevice | null {
    return this.byName.get(name) ?? null;
  }

  devByIndex(ifindex: number): NetDevice | null {
    return this.byIndex.get(ifindex) ?? null;
  }

  /** All devices by ifindex, as a dump lists them. */
  devices(): NetDevice[] {
    return [...this.byIndex.values()].sort((a, b) => a.ifindex - b.ifindex);
  }

  /** All devices in the order in which they came here. Linux: for_each_netdev(). */
  registered(): NetDevice[] {
    return [...this.byIndex.values()];
  }

  /** The next free index. Linux: dev_index_reserve(). */
  newIndex(): number {
    do this.lastIndex++;
    while (this.byIndex.has(this.lastIndex));
    return this.lastIndex;
  }

  /** Lists a device under its names. */
  list(dev: NetDevice): void {
    assert(!this.byName.has(dev.name) && !this.byIndex.has(dev.ifindex), `${dev.name} is listed twice`);
    this.byName.set(dev.name, dev);
    for (const alt of dev.altNames) this.byName.set(alt, dev);
    this.byIndex.set(dev.ifindex, dev);
  }

  unlist(dev: NetDevice): void {
    this.byName.delete(dev.name);
    this.nextOfPattern.clear();
    for (const alt of dev.altNames) this.byName.delete(alt);
    this.byIndex.delete(dev.ifindex);
  }

  /** The id under which this namespace knows another; given on demand. -1 for none yet when `make` is false. */
  idOf(other: NetNs, make: boolean): number {
    const known = this.nsids.get(other);
    if (known !== undefined) return known;
    if (!make || other.dead || this.dead) return -1;
    let id = 0;
    const taken = new Set(this.nsids.values());
    while (taken.has(id)) id++;
    this.nsids.set(other, id);
    this.kernel.hooks.nsidAdded(this, other, id);
    return id;
  }
}
