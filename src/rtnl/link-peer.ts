// The other end of a pair (veth), which comes inside the request of the first: a link header and attributes of its own.
// Linux: rtnl_get_peer_net(), rtnl_newlink_peer_net(), the peer's part of veth_newlink().

import type { Attrs, LinkOps, NewLinkContext } from '../net/linkops.ts';
import type { NetDevice } from '../net/netdev.ts';
import type { NetNs } from '../net/netns.ts';
import { decodeFrom } from '../netlink/attrs.ts';
import { NlError } from '../netlink/error.ts';
import { attributesEnd } from '../netlink/policy.ts';
import { readStruct } from '../netlink/struct.ts';
import { IFINFOMSG, type IfInfoMsg } from '../uapi/ifla.ts';
import { IFLA } from '../uapi/link.ts';
import { IFLA_PEER } from '../uapi/linkinfo.ts';
import { A, INFO, ifnameOf } from './link-attrs.ts';
import { createLink } from './link-create.ts';
import { netByHandle } from './link-netns.ts';
import { combineFlags } from './link-set.ts';
import type { Request } from './request.ts';
import { Tb } from './tb.ts';

/** VETH_INFO_PEER. */
const PEER = 1;
const PAIRED = new Set(['veth']);

export interface Peer {
  /** Its own part of the request; null: the request does not describe it. */
  readonly ifm: IfInfoMsg | null;
  readonly tb: Tb;
  /** The namespace that its own attributes, or failing them the device's, name. */
  readonly ns: NetNs | null;
}

/** What the request says of the peer; null for kinds that have none. */
export function peerOf(req: Request, ops: LinkOps, info: Tb | null, data: Attrs | null): Peer | null {
  if (!PAIRED.has(ops.kind)) return null;
  const inner = info?.has(INFO.DATA) === true && data !== null ? info.nest(INFO.DATA) : null;
  if (inner === null || !inner.has(PEER)) {
    const tb = new Tb(req.msg, req.attrsAt(IFINFOMSG), req.msg.end);
    return { ifm: null, tb, ns: netByHandle(req, tb) };
  }
  const { msg } = req;
  const at = inner.start(PEER);
  const end = inner.end(PEER);
  const ifm = readStruct(IFINFOMSG, msg.view, msg.bytes, at);
  if (ifm.index < 0) throw req.badAttr('EINVAL', "ifindex can't be negative", inner, PEER);
  const from = at + IFINFOMSG.size;
  req.refuseNest(IFLA, from, end);
  ops.validate?.(decodeFrom(IFLA_PEER, msg, from, attributesEnd(msg, from, end)) as Attrs, null);
  const tb = new Tb(msg, from, end);
  return { ifm, tb, ns: netByHandle(req, tb) };
}

/** The doors through which a kind makes its peer. `dev` is the device that was asked for. */
export function peerMaker(
  dev: NetDevice,
  ops: LinkOps,
  peer: Peer | null,
  ns: NetNs,
  tb: Tb,
): Pick<NewLinkContext, 'peer' | 'configurePeer'> {
  if (peer === null) return { peer: null };
  const { ifm } = peer;
  return {
    peer: () => {
      const own = ifm !== null && peer.tb.has(A.IFNAME);
      const made = createLink(ns, own ? ifnameOf(peer.tb) : `${ops.kind}%d`, ops, ifm === null ? tb : peer.tb);
      if (ifm === null) {
        made.addr = 0;
        made.addrAssignType = 0;
      } else if (dev.ifindex !== 0) {
        made.ifindex = ifm.index;
      }
      return made;
    },
    configurePeer: (made) => {
      const wanted = ifm !== null && (ifm.flags !== 0 || ifm.change !== 0) ? combineFlags(made, ifm) : null;
      const err = made.core.configureLink(made, wanted);
      if (err < 0) throw new NlError(-err);
    },
  };
}
