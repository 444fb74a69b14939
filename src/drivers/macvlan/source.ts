// The source-mode lists of a port: which macvlans want a copy of every frame that a MAC sends. One table for all
// macvlans of the port; a MAC may be on several lists, on each at most once.
// Linux: drivers/net/macvlan.c, struct macvlan_source_entry, macvlan_forward_source(), macvlan_changelink_sources().

import { MacTable } from '../../base/mactable.ts';
import { Refusal } from '../../net/linkops.ts';
import { PKT_HOST, type Skb } from '../../net/skb.ts';
import {
  MACVLAN_FLAG_NODST,
  MACVLAN_MACADDR_ADD,
  MACVLAN_MACADDR_DEL,
  MACVLAN_MACADDR_FLUSH,
  MACVLAN_MACADDR_SET,
} from '../../uapi/linkinfo.ts';
import { ETH_HLEN, ethDst } from '../../wire/ethernet.ts';
import { E } from '../common.ts';
import { bucketOf } from './bucket.ts';
import { countRx } from './count.ts';
import type { Macvlan, MacvlanPort } from './port.ts';

export class SourceTable {
  private readonly table = new MacTable();
  private readonly lists: Macvlan[][] = [];
  private readonly freeLists: number[] = [];
  private added = 0;

  get size(): number {
    return this.table.size;
  }

  /** Who wants what this MAC sends, the newest entry first; null: nobody. */
  listOf(hi: number, lo: number): Macvlan[] | null {
    const at = this.table.get(hi, lo);
    return at < 0 ? null : this.lists[at];
  }

  /** Adding an entry that is there succeeds and changes nothing. */
  add(vlan: Macvlan, mac: number): void {
    if (vlan.sources.has(mac)) return;
    vlan.sources.set(mac, ++this.added);
    let at = this.table.getKey(mac);
    if (at < 0) {
      at = this.freeLists.pop() ?? this.lists.length;
      this.lists[at] = [];
      this.table.setKey(mac, at);
    }
    this.lists[at].unshift(vlan);
  }

  /** Removing an entry that is not there succeeds too. */
  del(vlan: Macvlan, mac: number): void {
    if (!vlan.sources.delete(mac)) return;
    const at = this.table.getKey(mac);
    const list = this.lists[at];
    list.splice(list.indexOf(vlan), 1);
    if (list.length > 0) return;
    this.table.deleteKey(mac);
    this.freeLists.push(at);
  }

  flush(vlan: Macvlan): void {
    for (const mac of [...vlan.sources.keys()]) this.del(vlan, mac);
  }
}

/** A macvlan's list as a dump shows it: by hash bucket, the newest first within one. */
export function sourceMacs(vlan: Macvlan): number[] {
  const entries = [...vlan.sources].map(([mac, added]) => ({ mac, added, bucket: bucketOf(mac) }));
  entries.sort((a, b) => a.bucket - b.bucket || b.added - a.added);
  return entries.map((e) => e.mac);
}

/** What IFLA_MACVLAN_MACADDR_MODE asks for. Throws a Refusal. Linux: macvlan_changelink_sources(). */
export function changeSources(vlan: Macvlan, mode: number, one: number | undefined, many: readonly number[]): void {
  const table = vlan.port.sources;
  if (mode === MACVLAN_MACADDR_ADD || mode === MACVLAN_MACADDR_DEL) {
    if (one === undefined) throw new Refusal(E.EINVAL);
    if (mode === MACVLAN_MACADDR_ADD) table.add(vlan, one);
    else table.del(vlan, one);
    return;
  }
  if (mode !== MACVLAN_MACADDR_FLUSH && mode !== MACVLAN_MACADDR_SET) throw new Refusal(E.EINVAL);
  table.flush(vlan);
  if (mode === MACVLAN_MACADDR_FLUSH) return;
  if (one !== undefined) table.add(vlan, one);
  for (const mac of many) table.add(vlan, mac);
}

/**
 * Gives a copy to everyone whose list holds the frame's sender. True when one of them wants it to itself (NODST) and the
 * frame must go no further. Borrows. Linux: macvlan_forward_source().
 */
export function forwardSource(port: MacvlanPort, skb: Skb, hi: number, lo: number): boolean {
  const list = port.sources.listOf(hi, lo);
  if (list === null) return false;
  let consume = false;
  for (let i = 0; i < list.length; i++) {
    const vlan = list[i];
    if ((vlan.flags & MACVLAN_FLAG_NODST) !== 0) consume = true;
    if (vlan.dev.up) forwardSourceOne(port, vlan, skb);
  }
  return consume;
}

function forwardSourceOne(port: MacvlanPort, vlan: Macvlan, skb: Skb): void {
  const kernel = port.kernel;
  if (kernel.trace.step !== null) kernel.trace.step('macvlan_forward_source_one', skb, vlan.dev);
  const copy = skb.slabs.clone(skb);
  const length = copy.len + ETH_HLEN;
  copy.dev = vlan.dev;
  if (ethDst(copy.bytes, copy.mac) === vlan.dev.addr) copy.pktType = PKT_HOST;
  countRx(vlan, length, kernel.softirq.netifRx(copy), false);
}
