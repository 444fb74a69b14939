// A set of multicast addresses that can also be "all of them". Exact, where Linux keeps 256 bits with a salt per device:
// Linux lets about one group in 85 through that nobody joined, which only packet sockets can tell (IP drops it).
// Linux: drivers/net/macvlan.c, mc_hash(), the mc_filter bitmaps.

import { MacTable } from '../../base/mactable.ts';

export class McFilter {
  /** Every address passes. */
  all = false;
  private table = new MacTable();

  has(hi: number, lo: number): boolean {
    return this.all || this.table.get(hi, lo) >= 0;
  }

  add(mac: number): void {
    this.table.setKey(mac, 1);
  }

  /** Nothing passes. */
  clear(): void {
    this.all = false;
    if (this.table.size > 0) this.table = new MacTable();
  }
}
