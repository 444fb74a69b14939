// matchall: a filter that every frame of its protocol meets. One element, with handle 1 unless another was asked for.
// Linux: net/sched/cls_matchall.c.

import { Refusal } from '../net/linkops.ts';
import { encode } from '../netlink/attrs.ts';
import { NOT_IN_HW, TCA_MATCHALL } from '../uapi/tcfilter.ts';
import { Actions } from './actions.ts';
import { type Classifier, type ClassifierOps, type FilterElement, TC_ACT_UNSPEC } from './filter.ts';
import { readOptions } from './options.ts';

const EINVAL = 22;
const EEXIST = 17;

interface Head extends FilterElement {
  readonly classid: number;
  readonly actions: Actions;
  /** Frames that it saw. */
  hits: number;
}

export const matchall: ClassifierOps = {
  kind: 'matchall',
  create(ns, _block, protocol, pref): Classifier {
    let head: Head | null = null;
    return {
      kind: 'matchall',
      protocol,
      pref,
      classify(skb, block, ingress) {
        if (head === null) return TC_ACT_UNSPEC;
        block.classid = head.classid;
        head.hits++;
        return head.actions.run(skb, block, ingress);
      },
      elements: () => (head === null ? [] : [head]),
      find: (handle) => (head !== null && head.handle === handle ? head : null),
      change(ask) {
        if (ask.options === null) throw new Refusal(EINVAL);
        if (head !== null) throw new Refusal(EEXIST);
        const o = readOptions(TCA_MATCHALL, ask.options);
        head = {
          handle: ask.handle === 0 ? 1 : ask.handle,
          classid: o.classid ?? 0,
          actions: new Actions(ns, o.act),
          hits: 0,
        };
        return head;
      },
      remove() {
        head?.actions.destroy();
        head = null;
        return true;
      },
      dump(element) {
        const of = element as Head;
        const hits = new Uint8Array(8);
        new DataView(hits.buffer).setBigUint64(0, BigInt(of.hits), true);
        return encode(TCA_MATCHALL, {
          ...(of.classid === 0 ? {} : { classid: of.classid }),
          flags: NOT_IN_HW,
          pcnt: hits,
          ...(of.actions.empty ? {} : { act: of.actions.dump() }),
        });
      },
      destroy() {
        head?.actions.destroy();
        head = null;
      },
    };
  },
};
