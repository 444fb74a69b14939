// RTM_GETTCLASS, RTM_NEWTCLASS, RTM_DELTCLASS: classes are shown; the kinds of qdisc that there are make theirs themselves.
// Linux: net/sched/sch_api.c, tc_ctl_tclass(), tc_dump_tclass().

import type { Qdisc } from '../net/qdisc.ts';
import { ROOT } from '../net/qdisc.ts';
import { NlError } from '../netlink/error.ts';
import { RTM_GETTCLASS, RTM_NEWTCLASS } from '../uapi/msgtype.ts';
import { NLM_F_CREATE, NLM_F_EXCL } from '../uapi/netlink.ts';
import { TCA, TCMSG, type TcMsg } from '../uapi/qdisc.ts';
import type { Dump } from './dump.ts';
import { fillClass, qdiscsOf } from './qdisc-fill.ts';
import { major, minor, qdiscByHandle } from './qdisc-find.ts';
import type { Request } from './request.ts';

/** Linux: tc_ctl_tclass(). */
export function changeClass(req: Request): void {
  req.parse(TCMSG, TCA);
  const tcm = req.header(TCMSG);
  const dev = req.ns.devByIndex(tcm.ifindex);
  if (dev === null) throw new NlError('ENODEV');
  const qid = qdiscOf(tcm, dev.qdisc);
  const q = qdiscByHandle(dev, qid);
  if (q === null) throw new NlError('ENOENT');
  const { classes } = q;
  if (classes === null) throw new NlError('EINVAL');
  const classid = tcm.handle !== 0 ? qid + minor(tcm.handle) : tcm.parent === ROOT ? qid : 0;
  const cl = classid === 0 ? 0 : classes.find(q, classid);
  if (cl === 0) {
    if (req.type !== RTM_NEWTCLASS || (req.flags & NLM_F_CREATE) === 0) throw new NlError('ENOENT');
    if (classid === ROOT) throw new NlError('EINVAL', 'Cannot create traffic class with classid TC_H_ROOT');
    throw new NlError('EOPNOTSUPP');
  }
  if (req.type === RTM_NEWTCLASS && (req.flags & NLM_F_EXCL) !== 0) throw new NlError('EEXIST');
  if (req.type !== RTM_GETTCLASS) throw new NlError('EOPNOTSUPP');
  req.reply(RTM_NEWTCLASS, (w) => fillClass(w, q, cl));
}

/** The qdisc whose class is meant: by the parent's major number, the handle's, or the root. */
function qdiscOf({ parent, handle }: TcMsg, root: Qdisc): number {
  const own = major(handle);
  if (parent === ROOT) return own === 0 ? root.handle : own;
  const above = major(parent);
  if (own !== 0 && above !== 0 && own !== above) throw new NlError('EINVAL');
  return own !== 0 ? own : above !== 0 ? above : root.handle;
}

export function dumpClasses(req: Request, out: Dump): void {
  req.parse(TCMSG, TCA);
  const tcm = req.header(TCMSG);
  const dev = req.ns.devByIndex(tcm.ifindex);
  if (dev === null) return;
  for (const q of qdiscsOf(dev)) {
    if (q.builtin || q.invisible || q.classes === null) continue;
    if (tcm.parent !== 0 && major(tcm.parent) !== q.handle) continue;
    q.classes.walk(q, (cl) => out.message(RTM_NEWTCLASS, (w) => fillClass(w, q, cl)));
  }
}
