// RTM_NEWNSID and RTM_GETNSID: ids that a namespace gives to others. Linux: net/core/net_namespace.c, rtnl_net_newid(),
// rtnl_net_getid(), rtnl_net_dumpid().

import type { NetNs } from '../net/netns.ts';
import { encodeTo } from '../netlink/attrs.ts';
import { NlError } from '../netlink/error.ts';
import { writeStruct } from '../netlink/struct.ts';
import { RTM_NEWNSID } from '../uapi/msgtype.ts';
import { NETNSA, NETNSA_NSID_NOT_ASSIGNED, type NsidAttrs, RTGENMSG } from '../uapi/netns.ts';
import type { Dump } from './dump.ts';
import { netById } from './link-netns.ts';
import { tellNsid } from './link-notify.ts';
import type { Request } from './request.ts';
import type { Tb } from './tb.ts';

const NSID = 1;
const PID = 2;
const FD = 3;
const TARGET_NSID = 4;

export function newNsid(req: Request): void {
  const tb = req.parse(RTGENMSG, NETNSA);
  if (!tb.has(NSID)) throw new NlError('EINVAL', 'nsid is missing');
  const id = tb.s32(NSID);
  const peer = peerByHandle(req, tb);
  if (peer === undefined) throw new NlError('EINVAL', 'Peer netns reference is missing');
  if (req.ns.nsids.has(peer)) {
    throw req.badAttr('EEXIST', 'Peer netns already has a nsid assigned', tb, tb.has(PID) ? PID : FD);
  }
  if (id < 0) {
    req.ns.idOf(peer, true);
    return;
  }
  for (const taken of req.ns.nsids.values()) {
    if (taken === id) throw req.badAttr('EEXIST', 'The specified nsid is already used', tb, NSID);
  }
  req.ns.nsids.set(peer, id);
  tellNsid(req.ns, id, req);
}

export function getNsid(req: Request): void {
  const tb = req.parse(RTGENMSG, NETNSA, req.strict);
  let peer = peerByHandle(req, tb);
  if (peer === undefined) {
    if (!tb.has(NSID)) throw new NlError('EINVAL', 'Peer netns reference is missing');
    peer = byId(req, tb, NSID, 'ENOENT', 'Peer netns reference is invalid');
  }
  const found = peer;
  const target = tb.has(TARGET_NSID) ? byId(req, tb, TARGET_NSID, 'EINVAL', 'Target netns reference is invalid') : null;
  req.reply(RTM_NEWNSID, (w) => {
    writeStruct(RTGENMSG, { family: 0 }, w);
    w.pad4();
    const attrs: NsidAttrs = { nsid: (target ?? req.ns).nsids.get(found) ?? NETNSA_NSID_NOT_ASSIGNED };
    if (target !== null) attrs.currentNsid = req.ns.nsids.get(found) ?? NETNSA_NSID_NOT_ASSIGNED;
    encodeTo(NETNSA, attrs, w);
  });
}

export function dumpNsids(req: Request, out: Dump): void {
  let target: NetNs = req.ns;
  let other = false;
  if (req.strict) {
    const tb = req.parse(RTGENMSG, NETNSA, true);
    for (const type of tb.types) {
      if (type !== TARGET_NSID) throw req.badAttr('EINVAL', 'Unsupported attribute in dump request', tb, type);
      target = byId(req, tb, type, 'EINVAL', 'Invalid target network namespace id');
      other = true;
    }
  }
  const ids = [...target.nsids].sort((a, b) => a[1] - b[1]);
  for (const [peer, nsid] of ids) {
    out.message(RTM_NEWNSID, (w) => {
      writeStruct(RTGENMSG, { family: 0 }, w);
      w.pad4();
      const here = other ? { currentNsid: req.ns.nsids.get(peer) ?? NETNSA_NSID_NOT_ASSIGNED } : {};
      encodeTo(NETNSA, { nsid, ...here }, w);
    });
  }
}

/** By process or descriptor; undefined when neither was given. */
function peerByHandle(req: Request, tb: Tb): NetNs | undefined {
  const { fds } = req.sock;
  const type = tb.has(PID) ? PID : tb.has(FD) ? FD : 0;
  if (type === 0) return undefined;
  const ns = type === PID ? fds.nsByPid(tb.u32(PID)) : fds.nsByFd(tb.u32(FD));
  if (ns === null) throw req.badAttr(type === PID ? 'ESRCH' : 'EBADF', 'Peer netns reference is invalid', tb, type);
  return ns;
}

function byId(req: Request, tb: Tb, type: number, errno: 'ENOENT' | 'EINVAL', words: string): NetNs {
  try {
    return netById(req.ns, tb.s32(type));
  } catch {
    throw req.badAttr(errno, words, tb, type);
  }
}
