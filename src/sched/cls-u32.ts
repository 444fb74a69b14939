// u32: filters that compare words of the frame, counted from its network header, with values under masks. Only the root
// table of a preference: no hash tables of one's own, no links, no offsets read from the frame.
// Linux: net/sched/cls_u32.c.

import { Refusal } from '../net/linkops.ts';
import type { Skb } from '../net/skb.ts';
import { encode } from '../netlink/attrs.ts';
import { NOT_IN_HW, TCA_U32, U32_KEY_SIZE, U32_SEL_SIZE, U32_TERMINAL } from '../uapi/tcfilter.ts';
import { Actions } from './actions.ts';
import { type Classifier, type ClassifierOps, type FilterElement, TC_ACT_UNSPEC, type U32Tables } from './filter.ts';
import { readOptions } from './options.ts';

const EINVAL = 22;
const EOPNOTSUPP = 95;
const FIRST_NODE = 0x800;

/** A hash table (the root one, shown as a filter of its own) or one filter in it. */
class Node implements FilterElement {
  readonly handle: number;
  /** struct tc_u32_sel with its keys; null: the table. */
  readonly sel: Uint8Array | null;
  /** By key: mask, value, offset. */
  readonly keys: Int32Array;
  classid = 0;
  actions: Actions | null = null;
  looks = 0;
  hits = 0;
  readonly keyHits: Float64Array;

  constructor(handle: number, sel: Uint8Array | null) {
    this.handle = handle;
    this.sel = sel;
    const n = sel === null ? 0 : sel[2];
    this.keys = new Int32Array(n * 3);
    this.keyHits = new Float64Array(n);
    if (sel === null) return;
    const view = new DataView(sel.buffer, sel.byteOffset, sel.byteLength);
    for (let i = 0; i < n; i++) {
      const at = U32_SEL_SIZE + i * U32_KEY_SIZE;
      this.keys[i * 3] = view.getInt32(at, false);
      this.keys[i * 3 + 1] = view.getInt32(at + 4, false);
      this.keys[i * 3 + 2] = view.getInt32(at + 8, true);
    }
  }

  get terminal(): boolean {
    return this.sel !== null && (this.sel[0] & U32_TERMINAL) !== 0;
  }
}

export const u32: ClassifierOps = {
  kind: 'u32',
  create(ns, block, protocol, pref): Classifier {
    const { tables } = block;
    const root = new Node(rootHandle(tables), null);
    const nodes: Node[] = [];
    return {
      kind: 'u32',
      protocol,
      pref,
      classify(skb, of, ingress) {
        for (let i = 0; i < nodes.length; i++) {
          const node = nodes[i];
          node.looks++;
          if (!matches(node, skb, ingress) || !node.terminal) continue;
          node.hits++;
          of.classid = node.classid;
          const verdict = node.actions === null ? 0 : node.actions.run(skb, of, ingress);
          if (verdict >= 0) return verdict;
        }
        return TC_ACT_UNSPEC;
      },
      elements: () => [root, ...nodes],
      find: (handle) => (handle === root.handle ? root : (tables.nodes.get(handle) ?? null)),
      change(ask, existing) {
        if (ask.options === null) {
          if (ask.handle !== 0) throw new Refusal(EINVAL, 'Filter handle requires options');
          return null;
        }
        const o = readOptions(TCA_U32, ask.options);
        if (o.divisor !== undefined || o.link !== undefined || (o.hash ?? 0) % 0x100000 !== 0) {
          throw new Refusal(EOPNOTSUPP, 'The model has no hash tables of u32');
        }
        if (o.mark !== undefined || o.indev !== undefined || o.police !== undefined) {
          throw new Refusal(EOPNOTSUPP, 'The model has no such match of u32');
        }
        if (existing === root) throw new Refusal(EINVAL);
        const old = existing as Node | null;
        const sel = old === null ? checkedSel(o.sel) : (old.sel as Uint8Array);
        const handle = old?.handle ?? nodeHandle(root.handle, ask.handle, nodes);
        const node = new Node(handle, sel);
        node.classid = o.classid ?? 0;
        if (o.act !== undefined) node.actions = new Actions(ns, o.act);
        if (old !== null && !nodes.includes(old))
          throw new Refusal(EINVAL, 'cls_u32: Handle specified hash table address mismatch');
        tables.nodes.set(handle, node);
        if (old === null) insert(nodes, node);
        else {
          nodes[nodes.indexOf(old)] = node;
          old.actions?.destroy();
        }
        return node;
      },
      remove(element) {
        if (element === root) throw new Refusal(EINVAL, 'Not allowed to delete root node');
        const node = element as Node;
        if (!nodes.includes(node)) throw new Refusal(EINVAL);
        nodes.splice(nodes.indexOf(node), 1);
        tables.nodes.delete(node.handle);
        node.actions?.destroy();
        return nodes.length === 0 && tables.count === 1; // the table stays while others of the qdisc do
      },
      dump: (element) => dumpNode(element as Node),
      destroy() {
        for (const node of nodes.splice(0)) {
          tables.nodes.delete(node.handle);
          node.actions?.destroy();
        }
        if (--tables.count === 0) tables.next = 0;
      },
    };
  },
};

/** 800: is the first table, 801: the next one. Linux: gen_new_htid(). */
function rootHandle(tables: U32Tables): number {
  const n = tables.next++;
  tables.count++;
  return 0x80000000 + n * 0x100000;
}

function nodeHandle(table: number, asked: number, nodes: readonly Node[]): number {
  const wanted = asked - (asked % 0x100000);
  if (wanted !== 0 && wanted !== table) {
    throw new Refusal(EINVAL, 'cls_u32: Handle specified hash table address mismatch');
  }
  if (asked % 0x1000 !== 0) return table + (asked % 0x1000);
  let id = FIRST_NODE;
  while (nodes.some((n) => n.handle === table + id)) id++;
  if (id > 0xfff) throw new Refusal(EINVAL);
  return table + id;
}

function insert(nodes: Node[], node: Node): void {
  let at = 0;
  while (at < nodes.length && nodes[at].handle <= node.handle) at++;
  nodes.splice(at, 0, node);
}

function checkedSel(sel: Uint8Array | undefined): Uint8Array {
  if (sel === undefined) throw new Refusal(EINVAL, 'Selector not specified');
  if (sel.length < U32_SEL_SIZE || sel.length < U32_SEL_SIZE + sel[2] * U32_KEY_SIZE) throw new Refusal(EINVAL);
  const view = new DataView(sel.buffer, sel.byteOffset, sel.byteLength);
  for (let i = 0; i < sel[2]; i++) {
    if (view.getInt32(U32_SEL_SIZE + i * U32_KEY_SIZE + 12, true) !== 0) {
      throw new Refusal(EOPNOTSUPP, 'The model has no offsets that u32 reads from the frame');
    }
  }
  return sel.slice();
}

function matches(node: Node, skb: Skb, ingress: boolean): boolean {
  const b = skb.bytes;
  const from = ingress ? skb.off : skb.off + 14;
  const end = skb.off + skb.len;
  const { keys } = node;
  for (let i = 0, k = 0; k < keys.length; i++, k += 3) {
    const at = from + keys[k + 2];
    if (at < skb.mac || at + 4 > end) return false;
    const word = (b[at] << 24) | (b[at + 1] << 16) | (b[at + 2] << 8) | b[at + 3];
    if (((word ^ keys[k + 1]) & keys[k]) !== 0) return false;
    node.keyHits[i]++;
  }
  return true;
}

function dumpNode(n: Node): Uint8Array {
  if (n.sel === null) return encode(TCA_U32, { divisor: 1 });
  const counts = new DataView(new ArrayBuffer(16 + 8 * n.keyHits.length));
  [n.looks, n.hits, ...n.keyHits].forEach((value, i) => counts.setBigUint64(i * 8, BigInt(value), true));
  return encode(TCA_U32, {
    sel: n.sel,
    hash: n.handle - (n.handle % 0x1000),
    ...(n.classid === 0 ? {} : { classid: n.classid }),
    flags: NOT_IN_HW,
    ...(n.actions === null ? {} : { act: n.actions.dump() }),
    pcnt: new Uint8Array(counts.buffer),
  });
}
