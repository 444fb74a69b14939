// The state of a VLAN device, and its maps between a frame's priority here and the three bits of a tag.
// Linux: include/linux/if_vlan.h, struct vlan_dev_priv; net/8021q/vlan_dev.c, vlan_dev_set_ingress_priority(),
// vlan_dev_set_egress_priority().

import type { NetDevice } from '../../net/netdev.ts';
import { VLAN_FLAG_REORDER_HDR } from '../../uapi/linkinfo.ts';
import { VLAN_PRIO_SHIFT } from '../../wire/vlan.ts';

const BUCKETS = 16;
const PRIORITIES = 8;

interface Egress {
  readonly priority: number;
  qos: number;
}

export interface QosMapping {
  readonly from: number;
  readonly to: number;
}

export class Vlan {
  readonly dev: NetDevice;
  readonly lower: NetDevice;
  readonly proto: number;
  readonly vid: number;
  flags = VLAN_FLAG_REORDER_HDR;
  /** The lowerdev's MAC when the VLAN was last in step with it. */
  lowerAddr = 0;
  /** skb.priority by the tag's priority. */
  readonly ingress = new Uint32Array(PRIORITIES);
  ingressCount = 0;
  /** By skb.priority & 15, the newest mapping first; null until one is set. */
  private egress: Egress[][] | null = null;
  egressCount = 0;

  constructor(dev: NetDevice, lower: NetDevice, proto: number, vid: number) {
    this.dev = dev;
    this.lower = lower;
    this.proto = proto;
    this.vid = vid;
  }

  setIngress(tagPriority: number, priority: number): void {
    const at = tagPriority & (PRIORITIES - 1);
    if (this.ingress[at] !== 0 && priority === 0) this.ingressCount--;
    else if (this.ingress[at] === 0 && priority !== 0) this.ingressCount++;
    this.ingress[at] = priority;
  }

  setEgress(priority: number, tagPriority: number): void {
    this.egress ??= Array.from({ length: BUCKETS }, () => []);
    const bucket = this.egress[priority & (BUCKETS - 1)];
    const qos = tagPriority & (PRIORITIES - 1);
    const known = bucket.find((e) => e.priority === priority);
    if (known !== undefined) {
      if (known.qos !== 0 && qos === 0) this.egressCount--;
      else if (known.qos === 0 && qos !== 0) this.egressCount++;
      known.qos = qos;
      return;
    }
    bucket.unshift({ priority, qos });
    if (qos !== 0) this.egressCount++;
  }

  /** The TCI of a frame of this priority. */
  tciFor(priority: number): number {
    const map = this.egress;
    if (map === null) return this.vid;
    const bucket = map[priority & (BUCKETS - 1)];
    for (let i = 0; i < bucket.length; i++) {
      if (bucket[i].priority === priority) return this.vid | (bucket[i].qos << VLAN_PRIO_SHIFT);
    }
    return this.vid;
  }

  /** Mappings that are not zero, as dumps list them. */
  ingressMap(): QosMapping[] {
    const all = Array.from(this.ingress, (to, from) => ({ from, to }));
    return all.filter((m) => m.to !== 0);
  }

  egressMap(): QosMapping[] {
    const all = (this.egress ?? []).flat();
    return all.filter((e) => e.qos !== 0).map((e) => ({ from: e.priority, to: e.qos }));
  }
}

export function vlanOf(dev: NetDevice): Vlan {
  return dev.priv as Vlan;
}
