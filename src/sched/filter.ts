// Filters of tc: a block is a list of classifiers by preference; each looks at a frame, and its actions decide. Blocks hang
// on clsact's two doors and on classful qdiscs. Only chain 0 exists. Linux: net/sched/cls_api.c, tcf_classify().

import type { NetNs } from '../net/netns.ts';
import type { Skb } from '../net/skb.ts';

export const TC_ACT_UNSPEC = -1;
export const TC_ACT_OK = 0;
export const TC_ACT_RECLASSIFY = 1;
export const TC_ACT_SHOT = 2;
export const TC_ACT_PIPE = 3;
export const TC_ACT_STOLEN = 4;
export const TC_ACT_QUEUED = 5;
export const TC_ACT_REPEAT = 6;
export const TC_ACT_REDIRECT = 7;
export const TC_ACT_TRAP = 8;

const ETH_P_ALL = 3;
/** Rounds of RECLASSIFY. Linux: MAX_REC_LOOP in tcf_classify(). */
const MAX_ROUNDS = 16;

/** All that one classifier has under one preference and protocol. Linux: struct tcf_proto. */
export interface Classifier {
  readonly kind: string;
  /** Ethertype; ETH_P_ALL: any. */
  readonly protocol: number;
  readonly pref: number;
  /** TC_ACT_*, or TC_ACT_UNSPEC when nothing matches; a class it names goes to block.classid. */
  classify(skb: Skb, block: FilterBlock, ingress: boolean): number;
  /** Elements that are there: filters by their handle, in the order in which they are shown. */
  elements(): readonly FilterElement[];
  find(handle: number): FilterElement | null;
  /** Makes or changes one; null: nothing to do. Throws a Refusal. `existing`: the one with that handle. */
  change(ask: FilterAsk, existing: FilterElement | null): FilterElement | null;
  /** Removes one; true when it was the last. */
  remove(element: FilterElement): boolean;
  /** TCA_OPTIONS of an element. */
  dump(element: FilterElement): Uint8Array;
  destroy(): void;
}

export interface FilterElement {
  readonly handle: number;
}

/** A kind of classifier: its file, and one line in the catalogue (classifiers.ts). */
export interface ClassifierOps {
  readonly kind: string;
  create(ns: NetNs, block: FilterBlock, protocol: number, pref: number): Classifier;
}

/** A request for a filter. */
export interface FilterAsk {
  readonly handle: number;
  /** TCA_OPTIONS, or null. */
  readonly options: Uint8Array | null;
}

/** Linux: struct tc_u_common. */
export class U32Tables {
  /** How many there are, and the number of the next one. */
  count = 0;
  next = 0;
  /** Every filter in them, whatever its preference: a handle is one's own in all of the qdisc. */
  readonly nodes = new Map<number, FilterElement>();
}

export class FilterBlock {
  readonly filters: Classifier[] = [];
  /** Of the last classification: the class, the verdict, and whether an action took the frame with it. */
  classid = 0;
  verdict = TC_ACT_UNSPEC;
  consumed = false;
  /** skbedit chose the txq. */
  queueChosen = false;
  /** u32's hash tables, kept per qdisc: both doors of clsact share them. */
  readonly tables: U32Tables;
  /** Told when filters came or went: doors open and close. */
  onChange: (() => void) | null = null;
  /** There is a chain 0, made for a filter; told when it ends, with the last one. */
  onChainEnd: (() => void) | null = null;

  constructor(tables = new U32Tables()) {
    this.tables = tables;
  }

  /** Linux: tcf_classify(). */
  classify(skb: Skb, ingress: boolean): number {
    this.classid = 0;
    this.consumed = false;
    this.queueChosen = false;
    const { filters } = this;
    const protocol = skb.vlanProto !== 0 ? skb.vlanProto : skb.protocol;
    let verdict = TC_ACT_UNSPEC;
    for (let round = 0; round < MAX_ROUNDS; round++) {
      verdict = TC_ACT_UNSPEC;
      for (let i = 0; i < filters.length; i++) {
        const f = filters[i];
        if (f.protocol !== protocol && f.protocol !== ETH_P_ALL) continue;
        verdict = f.classify(skb, this, ingress);
        if (verdict >= 0) break;
      }
      if (verdict !== TC_ACT_RECLASSIFY) break;
    }
    if (verdict === TC_ACT_RECLASSIFY) verdict = TC_ACT_SHOT;
    this.verdict = verdict;
    return verdict;
  }

  /** In the order of preference. */
  add(f: Classifier): void {
    let at = 0;
    while (at < this.filters.length && this.filters[at].pref <= f.pref) at++;
    this.filters.splice(at, 0, f);
    this.onChange?.();
  }

  remove(f: Classifier): void {
    this.filters.splice(this.filters.indexOf(f), 1);
    f.destroy();
    this.onChange?.();
    this.endChain();
  }

  clear(): void {
    for (const f of this.filters.splice(0)) f.destroy();
    this.onChange?.();
    this.endChain();
  }

  /** The chain goes when it has no filter. Linux: tcf_chain_put(). */
  endChain(): void {
    if (this.filters.length > 0) return;
    const told = this.onChainEnd;
    this.onChainEnd = null;
    told?.();
  }
}
