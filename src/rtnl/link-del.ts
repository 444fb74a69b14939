// RTM_DELLINK: one link by index or name, or every link of a group. Linux: rtnl_dellink(), rtnl_group_dellink().

import type { NetDevice } from '../net/netdev.ts';
import type { NetNs } from '../net/netns.ts';
import { NlError } from '../netlink/error.ts';
import { IFINFOMSG } from '../uapi/ifla.ts';
import { IFLA } from '../uapi/link.ts';
import { RTM_DELLINK } from '../uapi/msgtype.ts';
import { A, devByName, hasName } from './link-attrs.ts';
import { linkKind } from './link-fill.ts';
import { ensureUniqueNetns, netById } from './link-netns.ts';
import { rtnlOf } from './listeners.ts';
import type { Request } from './request.ts';

export function delLink(req: Request): void {
  const tb = req.parse(IFINFOMSG, IFLA);
  ensureUniqueNetns(tb, true);
  const ns = tb.has(A.TARGET_NETNSID) ? netById(req.ns, tb.s32(A.TARGET_NETNSID)) : req.ns;
  const { index } = req.header(IFINFOMSG);
  const dev = index > 0 ? ns.devByIndex(index) : devByName(ns, tb);
  if (dev !== null) deleteOne(req, dev);
  else if (index > 0 || hasName(tb)) throw new NlError('ENODEV');
  else if (tb.has(A.GROUP)) deleteGroup(ns, tb.u32(A.GROUP));
  else throw new NlError('EINVAL');
}

function deleteOne(req: Request, dev: NetDevice): void {
  if (linkKind(dev) === null) throw new NlError('EOPNOTSUPP');
  const state = rtnlOf(dev.ns);
  if (req.echo) {
    state.echoed = dev;
    state.echoedType = RTM_DELLINK;
  }
  try {
    dev.core.delete(dev);
  } finally {
    state.echoed = null;
  }
}

function deleteGroup(ns: NetNs, group: number): void {
  if (group === 0) throw new NlError('EPERM');
  const doomed = [...ns.byIndex.values()].filter((dev) => dev.group === group);
  if (doomed.length === 0) throw new NlError('ENODEV');
  if (doomed.some((dev) => linkKind(dev) === null)) throw new NlError('EOPNOTSUPP');
  const list: NetDevice[] = [];
  for (const dev of doomed) {
    const ops = linkKind(dev);
    if (list.includes(dev)) continue; // its peer took it along
    if (ops?.dellink === undefined) list.push(dev);
    else ops.dellink(dev, list);
  }
  ns.kernel.dev.unregisterMany(list);
}
