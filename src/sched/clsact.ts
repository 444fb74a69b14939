// clsact and ingress: no queue at all, but the two doors of a device at which filters stand: frames that come in (before rx
// handler and protocols), and, with clsact, frames that go out (before the txq is chosen). The doors are shut while there
// are no filters. Linux: net/sched/sch_ingress.c; net/core/dev.c, sch_handle_ingress(), sch_handle_egress().

import { Drop } from '../net/drop.ts';
import { TC_DROPPED, TC_PASS, TC_TAKEN } from '../net/flags.ts';
import { Refusal } from '../net/linkops.ts';
import type { NetDevice } from '../net/netdev.ts';
import { INGRESS, packetLen, Qdisc, type QdiscClasses, type QdiscOps } from '../net/qdisc.ts';
import type { Skb } from '../net/skb.ts';
import { FilterBlock, TC_ACT_QUEUED, TC_ACT_SHOT, TC_ACT_STOLEN, TC_ACT_TRAP } from './filter.ts';

const EOPNOTSUPP = 95;
const MIN_INGRESS = 0xfff2;
const MIN_EGRESS = 0xfff3;

/** Both doors; ingress has only the first. */
class Doors {
  readonly in = new FilterBlock();
  readonly out = new FilterBlock(this.in.tables);
}

function classesOf(egress: boolean): QdiscClasses {
  return {
    find: (_q, classid) => {
      const minor = classid & 0xffff;
      if (!egress) return minor + 1;
      return minor === MIN_INGRESS || minor === MIN_EGRESS ? minor : 0;
    },
    leaf: () => null,
    graft: () => null,
    walk: () => {},
    show: (q) => ({ parent: q.handle, handle: q.handle, info: 0, counts: null }),
    block: (q, cl) => {
      const doors = q.priv as Doors;
      if (!egress) return doors.in;
      return cl === MIN_INGRESS ? doors.in : cl === MIN_EGRESS ? doors.out : null;
    },
  };
}

function makeKind(kind: string, egress: boolean): QdiscOps {
  const classes = classesOf(egress);
  return {
    kind,
    create(dev, _txq, _options, place) {
      if (place?.parent !== INGRESS) throw new Refusal(EOPNOTSUPP);
      const q = new Qdisc(kind, dev, null);
      const doors = new Doors();
      q.priv = doors;
      q.ingress = true;
      q.classes = classes;
      q.dump = () => EMPTY;
      const mine = (): boolean => dev.ingressQdisc === q;
      doors.in.onChange = () => {
        if (mine()) dev.tcIngress = doors.in.filters.length > 0 ? cameIn : null;
      };
      doors.out.onChange = () => {
        if (mine()) dev.tcEgress = doors.out.filters.length > 0 ? goesOut : null;
      };
      q.destroy = () => {
        doors.in.clear();
        doors.out.clear();
        dev.tcIngress = null;
        dev.tcEgress = null;
      };
      return q;
    },
  };
}

const EMPTY = new Uint8Array(0);

export const clsact = makeKind('clsact', true);
export const ingress = makeKind('ingress', false);

function cameIn(skb: Skb, dev: NetDevice): number {
  const q = dev.ingressQdisc as Qdisc;
  return run(skb, q, (q.priv as Doors).in, true, skb.len);
}

function goesOut(skb: Skb, dev: NetDevice): number {
  const q = dev.ingressQdisc as Qdisc;
  const block = (q.priv as Doors).out;
  const verdict = run(skb, q, block, false, packetLen(skb));
  if (block.queueChosen) dev.core.kernel.tx.useMapping = true;
  return verdict;
}

/** Linux: tc_run(). */
function run(skb: Skb, q: Qdisc, block: FilterBlock, ingressSide: boolean, len: number): number {
  q.bytes += len;
  q.packets += skb.gsoSegs > 1 ? skb.gsoSegs : 1;
  const verdict = block.classify(skb, ingressSide);
  if (verdict === TC_ACT_SHOT) {
    q.drops++;
    if (!block.consumed) skb.slabs.free(skb, ingressSide ? Drop.TcIngress : Drop.TcEgress);
    return TC_DROPPED;
  }
  if (verdict === TC_ACT_STOLEN || verdict === TC_ACT_QUEUED || verdict === TC_ACT_TRAP) {
    if (!block.consumed) skb.slabs.free(skb, Drop.None);
    return TC_TAKEN;
  }
  return TC_PASS;
}
