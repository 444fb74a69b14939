// The embedded switch: where a frame that comes out of a tx ring, or in from the line, goes inside the NIC. Exact unicast
// filters, one per station; multicast goes to the port's own VSI, and into stations only where the hardware replicates. A
// VSI never gets its own frame back. VEPA: nothing is switched inside, all of it goes to the line.
// Linux does not see any of this; docs/offload.md says what is known and what is assumed.

import { MacTable } from '../../base/mactable.ts';
import type { Skb } from '../../net/skb.ts';
import { BRIDGE_MODE_VEB, BRIDGE_MODE_VEPA } from '../../uapi/bridge.ts';
import type { Vsi } from './vsi.ts';

export const VEB = BRIDGE_MODE_VEB;
export const VEPA = BRIDGE_MODE_VEPA;

export class EmbeddedSwitch {
  mode: number = VEB;
  readonly replicates: boolean;
  /** Stations' VSIs by their number; VSI 0 is not among them. */
  private readonly byId: Array<Vsi | null> = [];
  private readonly byMac = new MacTable();
  /** Those of byId, close together. */
  readonly all: Vsi[] = [];

  constructor(replicates: boolean) {
    this.replicates = replicates;
  }

  /** `mac`: the one unicast address that the VSI gets. */
  add(vsi: Vsi, mac: number): void {
    this.byId[vsi.id] = vsi;
    this.byMac.setKey(mac, vsi.id);
    this.all.push(vsi);
  }

  remove(vsi: Vsi, mac: number): void {
    this.byId[vsi.id] = null;
    if (this.byMac.getKey(mac) === vsi.id) this.byMac.deleteKey(mac);
    const at = this.all.indexOf(vsi);
    if (at >= 0) this.all.splice(at, 1);
  }

  /** Whose is the unicast frame whose link header is at skb.off? null: no station's. */
  find(skb: Skb): Vsi | null {
    const b = skb.bytes;
    const at = skb.off;
    const hi = (b[at] << 16) | (b[at + 1] << 8) | b[at + 2];
    const lo = (b[at + 3] << 16) | (b[at + 4] << 8) | b[at + 5];
    const id = this.byMac.get(hi, lo);
    return id < 0 ? null : this.byId[id];
  }
}
