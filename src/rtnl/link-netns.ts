// Which namespace a link request speaks of: IFLA_NET_NS_PID, IFLA_NET_NS_FD, IFLA_TARGET_NETNSID, IFLA_LINK_NETNSID.
// Permission is never refused: whoever talks to the model is root everywhere.
// Linux: rtnl_ensure_unique_netns(), rtnl_link_get_net_capable().

import type { NetNs } from '../net/netns.ts';
import { NlError } from '../netlink/error.ts';
import { A } from './link-attrs.ts';
import type { Request } from './request.ts';
import type { Tb } from './tb.ts';

/** At most one way to name a namespace; with `idOnly` only IFLA_TARGET_NETNSID. */
export function ensureUniqueNetns(tb: Tb, idOnly: boolean): void {
  const byPid = tb.has(A.NET_NS_PID);
  const byFd = tb.has(A.NET_NS_FD);
  if (idOnly) {
    if (byPid || byFd) throw new NlError('EOPNOTSUPP', 'specified netns attribute not supported');
    return;
  }
  if (Number(byPid) + Number(byFd) + Number(tb.has(A.TARGET_NETNSID)) > 1) {
    throw new NlError('EINVAL', 'multiple netns identifying attributes specified');
  }
}

/** By process or descriptor; null when neither was given. */
export function netByHandle(req: Request, tb: Tb): NetNs | null {
  const { fds } = req.sock;
  if (tb.has(A.NET_NS_PID)) {
    const ns = fds.nsByPid(tb.u32(A.NET_NS_PID));
    if (ns === null) throw new NlError('ESRCH');
    return ns;
  }
  if (!tb.has(A.NET_NS_FD)) return null;
  const ns = fds.nsByFd(tb.u32(A.NET_NS_FD));
  if (ns === null) throw new NlError('EBADF');
  return ns;
}

/** Where the link is to be, or is: the requester's own namespace unless an attribute says otherwise. */
export function targetNet(req: Request, tb: Tb): NetNs {
  const ns = netByHandle(req, tb);
  if (ns !== null) return ns;
  return tb.has(A.TARGET_NETNSID) ? netById(req.ns, tb.s32(A.TARGET_NETNSID)) : req.ns;
}

/** The same for requests that know only ids; `words` explain a wrong one, when the kernel does. */
export function netById(ns: NetNs, id: number, words?: string): NetNs {
  for (const [other, known] of ns.nsids) if (known === id && !other.dead) return other;
  throw new NlError('EINVAL', words === undefined ? {} : words);
}
