// A qdisc or a class as a message, and who is told of a change. Linux: net/sched/sch_api.c, tc_fill_qdisc(),
// tc_fill_tclass(), qdisc_notify(); net/core/gen_stats.c.

import type { NetDevice } from '../net/netdev.ts';
import type { ClassView, Qdisc } from '../net/qdisc.ts';
import { closeAttr, encodeTo, openAttr } from '../netlink/attrs.ts';
import { beginMessage, endMessage } from '../netlink/message.ts';
import { writeStruct } from '../netlink/struct.ts';
import { Writer } from '../netlink/writer.ts';
import { RTM_DELQDISC, RTM_NEWQDISC } from '../uapi/msgtype.ts';
import { NETLINK_ROUTE, NLM_F_REPLACE } from '../uapi/netlink.ts';
import { TCA, TCMSG } from '../uapi/qdisc.ts';
import { RTNLGRP_TC } from '../uapi/rtnlgrp.ts';
import { notifyMany } from './listeners.ts';
import type { Request } from './request.ts';

const OPTIONS = 2;
const XSTATS = 4;

interface Counts {
  readonly bytes: number;
  readonly packets: number;
  readonly drops: number;
  readonly overlimits: number;
  readonly requeues: number;
  readonly qlen: number;
  readonly backlog: number;
}

/** Every qdisc of a device: the root, then what hangs below it as the kernel's hash has it, then the doors. */
export function qdiscsOf(dev: NetDevice): Qdisc[] {
  const root = dev.qdisc;
  const real = dev.realNumTxQueues;
  const below = dev.qdiscs.filter((q) => root.attach === null || q.up !== null || (q.txq?.index ?? 0) < real);
  const bucket = (q: Qdisc): number => Math.imul(q.handle, 0x61c88647) >>> 28;
  below.sort((a, b) => bucket(a) - bucket(b)); // stable: the latest of a bucket stays first
  return dev.ingressQdisc === null ? [root, ...below] : [root, ...below, dev.ingressQdisc];
}

/** `type`: RTM_NEWQDISC or RTM_DELQDISC; `parent` as the message names it. */
export function fillQdisc(w: Writer, q: Qdisc, parent: number, _type: number): void {
  writeStruct(TCMSG, { family: 0, ifindex: q.dev.ifindex, handle: q.handle, parent, info: q.refs }, w);
  encodeTo(TCA, { kind: q.kind }, w);
  const options = q.dump === null ? null : q.dump(q);
  if (options !== null) putRaw(w, OPTIONS, options);
  encodeTo(TCA, { hwOffload: 0 }, w);
  putStats(w, q, q, q.dumpStats === null ? null : q.dumpStats(q));
}

export function fillClass(w: Writer, q: Qdisc, cl: number): void {
  const view = (q.classes as NonNullable<Qdisc['classes']>).show(q, cl);
  const { handle, parent, info } = view;
  writeStruct(TCMSG, { family: 0, ifindex: q.dev.ifindex, handle, parent, info }, w);
  encodeTo(TCA, { kind: q.kind }, w);
  putClassStats(w, view);
}

function putClassStats(w: Writer, view: ClassView): void {
  const { counts, queue, xstats } = view;
  if (queue !== undefined) putStats(w, null, { ...NOTHING, ...queue }, xstats ?? null);
  else putStats(w, counts, counts, null);
}

const NOTHING: Counts = { bytes: 0, packets: 0, drops: 0, overlimits: 0, requeues: 0, qlen: 0, backlog: 0 };

/** TCA_STATS2 with what there is, then the old TCA_STATS and TCA_XSTATS. Linux: gnet_stats_start_copy_compat(). */
function putStats(w: Writer, basic: Counts | null, queue: Counts | null, app: Uint8Array | null): void {
  const q = queue ?? NOTHING;
  const b = basic ?? NOTHING;
  const packets = b.packets % 0x1_0000_0000;
  const { qlen, backlog, drops, requeues, overlimits } = q;
  const stats2 = {
    ...(app === null ? {} : { app }),
    ...(basic === null ? {} : { basic: { bytes: b.bytes, packets } }),
    ...(queue === null ? {} : { queue: { qlen, backlog, drops, requeues, overlimits } }),
  };
  const stats = { bytes: b.bytes, packets, drops, overlimits, bps: 0, pps: 0, qlen, backlog };
  encodeTo(TCA, { stats2, stats } as never, w);
  if (app !== null) putRaw(w, XSTATS, app);
}

function putRaw(w: Writer, type: number, bytes: Uint8Array): void {
  const at = openAttr(w, type, false);
  w.raw(bytes);
  closeAttr(w, at);
}

/** Those who listen hear of the old one's end and of the new one, in one datagram. Linux: qdisc_notify(). */
export function tellQdisc(
  req: Request,
  parent: number,
  old: Qdisc | null,
  fresh: Qdisc | null,
  replaces = old !== null,
): void {
  const gone = old !== null && !old.builtin && !old.invisible ? old : null;
  const come = fresh !== null && !fresh.invisible ? fresh : null;
  if (gone === null && come === null) return;
  notifyMany(req.ns, NETLINK_ROUTE, RTNLGRP_TC, { request: req, always: true }, () => {
    const w = new Writer(2048);
    const head = { seq: req.msg.seq, pid: req.sock.portId };
    if (gone !== null) {
      const at = beginMessage(w, { ...head, type: RTM_DELQDISC, flags: 0 });
      fillQdisc(w, gone, parent, RTM_DELQDISC);
      endMessage(w, at);
    }
    if (come !== null) {
      const at = beginMessage(w, { ...head, type: RTM_NEWQDISC, flags: replaces ? NLM_F_REPLACE : 0 });
      fillQdisc(w, come, parent, RTM_NEWQDISC);
      endMessage(w, at);
    }
    return w.take();
  });
}
