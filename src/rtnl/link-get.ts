// RTM_GETLINK: one link by index or name, or all of them, filtered by master and kind.
// Linux: rtnl_getlink(), rtnl_dump_ifinfo().

import type { LinkOps } from '../net/linkops.ts';
import type { NetDevice } from '../net/netdev.ts';
import type { NetNs } from '../net/netns.ts';
import { NlError } from '../netlink/error.ts';
import { refuseInvalid } from '../netlink/policy.ts';
import { IFINFOMSG } from '../uapi/ifla.ts';
import { IFLA } from '../uapi/link.ts';
import { RTM_NEWLINK } from '../uapi/msgtype.ts';
import { NLM_F_DUMP_FILTERED } from '../uapi/netlink.ts';
import type { Dump } from './dump.ts';
import { A, devByName, hasName, INFO } from './link-attrs.ts';
import { fillLink, type LinkView } from './link-fill.ts';
import { ensureUniqueNetns, netById } from './link-netns.ts';
import type { Request } from './request.ts';
import { Tb } from './tb.ts';

/** IFLA_MASTER of a dump: only devices without a master. */
const NO_MASTER = -1;

const GET_MAY_HAVE = new Set<number>([A.IFNAME, A.ALT_IFNAME, A.EXT_MASK, A.TARGET_NETNSID]);
const DUMP_MAY_HAVE = new Set<number>([A.TARGET_NETNSID, A.EXT_MASK, A.MASTER, A.LINKINFO]);

export function getLink(req: Request): void {
  if (req.len < IFINFOMSG.size) throw new NlError('EINVAL', 'Invalid header for get link');
  const ifm = req.header(IFINFOMSG);
  if (req.strict && (req.msg.bytes[req.msg.at + 1] !== 0 || ifm.type !== 0 || ifm.flags !== 0 || ifm.change !== 0)) {
    throw new NlError('EINVAL', 'Invalid values in header for get link request');
  }
  const tb = req.parse(IFINFOMSG, IFLA, req.strict);
  if (req.strict) onlyThese(tb, GET_MAY_HAVE, 'Unsupported attribute in get link request');
  ensureUniqueNetns(tb, true);
  const byId = tb.has(A.TARGET_NETNSID);
  const ns = byId ? netById(req.ns, tb.s32(A.TARGET_NETNSID)) : req.ns;
  let dev: NetDevice | null = null;
  if (ifm.index > 0) dev = ns.devByIndex(ifm.index);
  else if (hasName(tb)) dev = devByName(ns, tb);
  else throw new NlError('EINVAL');
  if (dev === null) throw new NlError('ENODEV');
  const found = dev;
  const view = viewOf(req, tb, byId);
  // A carrier that just changed shows its consequences; a dump does not wait for them, as in Linux.
  found.core.kernel.linkWatch.sync(found);
  req.reply(RTM_NEWLINK, (w) => fillLink(w, found, view));
}

export function dumpLinks(req: Request, out: Dump): void {
  const tb = dumpAttrs(req);
  let ns: NetNs = req.ns;
  let master = 0;
  let kind: LinkOps | undefined;
  let byId = false;
  if (tb !== null) {
    if (req.strict) onlyThese(tb, DUMP_MAY_HAVE, 'Unsupported attribute in link dump request');
    byId = tb.has(A.TARGET_NETNSID);
    if (byId) ns = netById(ns, tb.s32(A.TARGET_NETNSID), 'Invalid target network namespace id');
    master = tb.s32(A.MASTER);
    if (tb.has(A.LINKINFO)) kind = kindOf(req, tb.nest(A.LINKINFO));
  }
  if (master !== 0 || kind !== undefined) out.extraFlags = NLM_F_DUMP_FILTERED;
  const view = tb === null ? { seenFrom: req.ns } : viewOf(req, tb, byId);
  for (const dev of ns.devices()) {
    if (!matchesMaster(dev, master) || (kind !== undefined && dev.linkOps !== kind)) continue;
    out.message(RTM_NEWLINK, (w) => fillLink(w, dev, view));
  }
}

/** Attributes of a dump request; an old request that makes no sense is a request for everything (null). */
function dumpAttrs(req: Request): Tb | null {
  const { msg } = req;
  if (req.strict) {
    if (req.len < IFINFOMSG.size) throw new NlError('EINVAL', 'Invalid header for link dump');
    const ifm = req.header(IFINFOMSG);
    if (msg.bytes[msg.at + 1] !== 0 || ifm.type !== 0 || ifm.flags !== 0 || ifm.change !== 0) {
      throw new NlError('EINVAL', 'Invalid values in header for link dump request');
    }
    if (ifm.index !== 0) throw new NlError('EINVAL', 'Filter by device index not supported for link dumps');
    return req.parse(IFINFOMSG, IFLA, true);
  }
  // iproute2 before 3.9 sent a one-byte header; its whole request is shorter than ifinfomsg.
  const at = Math.min(msg.at + (req.len < IFINFOMSG.size ? 4 : IFINFOMSG.size), msg.end);
  try {
    refuseInvalid(IFLA, msg, at, { deep: false });
  } catch {
    return null;
  }
  return new Tb(msg, at, msg.end);
}

function viewOf(req: Request, tb: Tb, byId: boolean): LinkView {
  const view = { extMask: tb.u32(A.EXT_MASK), seenFrom: req.ns };
  return byId ? { ...view, targetNetnsid: tb.s32(A.TARGET_NETNSID) } : view;
}

function kindOf(req: Request, info: Tb): LinkOps | undefined {
  return info.has(INFO.KIND) ? req.kernel.linkKinds.get(info.text(INFO.KIND)) : undefined;
}

/** 0: any; -1: those without a master. */
function matchesMaster(dev: NetDevice, master: number): boolean {
  if (master === 0) return true;
  if (master === NO_MASTER) return dev.master === null;
  return dev.master !== null && dev.master.ifindex === master;
}

function onlyThese(tb: Tb, allowed: ReadonlySet<number>, words: string): void {
  for (const type of tb.types) if (!allowed.has(type)) throw new NlError('EINVAL', words);
}
