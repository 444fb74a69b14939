// Finding qdiscs and the qdiscs in classes, and the numbers by which they are asked for: major:minor in one.
// Linux: net/sched/sch_api.c, qdisc_lookup(), qdisc_leaf(); include/uapi/linux/pkt_sched.h.

import type { NetDevice } from '../net/netdev.ts';
import type { Qdisc } from '../net/qdisc.ts';
import { NlError } from '../netlink/error.ts';

export const minor = (id: number): number => id % 0x10000;
export const major = (id: number): number => id - minor(id);

export function qdiscByHandle(dev: NetDevice, handle: number): Qdisc | null {
  if (handle === 0) return null;
  const root = dev.qdisc;
  if (!root.builtin && root.handle === handle) return root;
  const found = dev.qdiscs.find((q) => q.handle === handle);
  if (found !== undefined) return found;
  return dev.ingressQdisc?.handle === handle ? dev.ingressQdisc : null;
}

/** What is in a class of `up`; refuses a class that is none. */
export function classLeaf(up: Qdisc, classid: number): Qdisc | null {
  const { classes } = up;
  if (classes === null) throw new NlError('EOPNOTSUPP', 'Parent qdisc is not classful');
  const cl = classes.find(up, classid);
  if (cl === 0) throw new NlError('ENOENT', 'Specified class not found');
  return classes.leaf(up, cl);
}
