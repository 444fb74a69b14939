// RTM_NEWLINK: creates a link, or changes one that exists. The checks come in Linux's order, since the first one that
// fails is the answer. Linux: rtnl_newlink(), rtnl_changelink(), rtnl_newlink_create().

import type { Attrs, LinkOps, NewLinkContext } from '../net/linkops.ts';
import type { NetDevice } from '../net/netdev.ts';
import type { NetNs } from '../net/netns.ts';
import { decodeFrom } from '../netlink/attrs.ts';
import { NlError } from '../netlink/error.ts';
import { attributesEnd } from '../netlink/policy.ts';
import type { AnyTable } from '../uapi/attr.ts';
import { IFINFOMSG, type IfInfoMsg } from '../uapi/ifla.ts';
import { IFLA } from '../uapi/link.ts';
import { IFLA_PEER, INFO_DATA, INFO_SLAVE_DATA } from '../uapi/linkinfo.ts';
import { RTM_NEWLINK } from '../uapi/msgtype.ts';
import { NLM_F_CREATE, NLM_F_EXCL, NLM_F_REPLACE } from '../uapi/netlink.ts';
import { A, devByName, hasName, INFO, ifnameOf } from './link-attrs.ts';
import { createLink } from './link-create.ts';
import { linkKind } from './link-fill.ts';
import { ensureUniqueNetns, netById, targetNet } from './link-netns.ts';
import { type Peer, peerMaker, peerOf } from './link-peer.ts';
import { combineFlags, NOTIFY, setLinkOn, setMaster } from './link-set.ts';
import { rtnlOf } from './listeners.ts';
import type { Request } from './request.ts';
import type { Tb } from './tb.ts';

/** A request with its nests opened. */
interface NewLink {
  readonly req: Request;
  readonly ifm: IfInfoMsg;
  readonly tb: Tb;
  /** The same attributes as a record, for link kinds. */
  readonly attrs: Attrs;
  /** IFLA_LINKINFO; null: none. */
  readonly info: Tb | null;
  readonly ops: LinkOps | null;
  readonly data: Attrs | null;
  readonly peer: Peer | null;
  readonly target: NetNs;
  readonly linkNet: NetNs | null;
}

export function newLink(req: Request): void {
  const tb = req.parse(IFINFOMSG, IFLA);
  ensureUniqueNetns(tb, false);
  const attrs = recordOf(req);
  const info = tb.has(A.LINKINFO) ? tb.nest(A.LINKINFO) : null;
  const ops = info?.has(INFO.KIND) === true ? (req.kernel.linkKinds.get(info.text(INFO.KIND)) ?? null) : null;
  let data: Attrs | null = null;
  let peer: Peer | null = null;
  if (ops !== null) {
    if (info?.has(INFO.DATA) === true) data = nestRecord(req, info, INFO.DATA, INFO_DATA.get(ops.kind)?.table);
    ops.validate?.(attrs, data);
    peer = peerOf(req, ops, info, data);
  }
  const target = targetNet(req, tb);
  const linkNet = tb.has(A.LINK_NETNSID)
    ? netById(target, tb.s32(A.LINK_NETNSID), 'Unknown network namespace id')
    : null;
  changeOrCreate({ req, ifm: req.header(IFINFOMSG), tb, attrs, info, ops, data, peer, target, linkNet });
}

function recordOf(req: Request): Attrs {
  const { msg } = req;
  const at = req.attrsAt(IFINFOMSG);
  return decodeFrom(IFLA_PEER, msg, at, attributesEnd(msg, at, msg.end)) as Attrs;
}

/** A nest checked by its kind's policy and decoded; a kind that has no table takes none. */
function nestRecord(req: Request, info: Tb, type: number, table: AnyTable | null | undefined): Attrs | null {
  if (table === undefined || table === null) return null;
  const { msg } = req;
  const from = info.start(type);
  req.refuseNest(table, from, info.end(type));
  return decodeFrom(table, msg, from, attributesEnd(msg, from, info.end(type))) as Attrs;
}

function changeOrCreate(n: NewLink): void {
  const { req, ifm, tb } = n;
  const { flags } = req;
  const exclusive = (flags & NLM_F_CREATE) !== 0 && (flags & NLM_F_EXCL) !== 0;
  const lookIn = exclusive ? n.target : req.ns;
  if (ifm.index < 0) throw new NlError('EINVAL', "ifindex can't be negative");
  const named = ifm.index > 0 || hasName(tb);
  const dev = ifm.index > 0 ? lookIn.devByIndex(ifm.index) : devByName(lookIn, tb);
  if (dev !== null) {
    changeLink(n, dev);
    return;
  }
  if ((flags & NLM_F_CREATE) === 0) {
    if (named || !tb.has(A.GROUP)) throw new NlError('ENODEV');
    changeGroup(n, tb.u32(A.GROUP));
    return;
  }
  if (tb.has(A.MAP) || tb.has(A.PROTINFO)) throw new NlError('EOPNOTSUPP');
  if (n.ops === null) throw new NlError('EOPNOTSUPP', 'Unknown device type');
  create(n, n.ops);
}

/** The kind's own settings first, then what every link has. Linux: rtnl_changelink(). */
function changeLink(n: NewLink, dev: NetDevice): void {
  const { req, info } = n;
  if ((req.flags & NLM_F_EXCL) !== 0) throw new NlError('EEXIST');
  if ((req.flags & NLM_F_REPLACE) !== 0) throw new NlError('EOPNOTSUPP');
  let status = 0;
  if (info?.has(INFO.DATA) === true) {
    if (n.ops === null || n.ops !== dev.linkOps || n.ops.changelink === undefined) throw new NlError('EOPNOTSUPP');
    n.ops.changelink(dev, n.attrs, n.data ?? {});
    status |= NOTIFY;
  }
  if (info?.has(INFO.SLAVE_DATA) === true) {
    const { master } = dev;
    const ops = master === null ? null : linkKind(master);
    if (master === null || ops?.slaveChangelink === undefined) throw new NlError('EOPNOTSUPP');
    ops.slaveChangelink(
      master,
      dev,
      nestRecord(req, info, INFO.SLAVE_DATA, INFO_SLAVE_DATA.get(ops.kind)?.table) ?? {},
    );
    status |= NOTIFY;
  }
  setLinkOn(req, dev, n.target, n.ifm, n.tb, status);
}

function changeGroup(n: NewLink, group: number): void {
  for (const dev of [...n.req.ns.byIndex.values()]) {
    if (dev.group === group) setLinkOn(n.req, dev, n.target, n.ifm, n.tb, 0);
  }
}

function create(n: NewLink, ops: LinkOps): void {
  const { req, ifm, tb } = n;
  if (ops.newlink === undefined) throw new NlError('EOPNOTSUPP');
  const name = tb.has(A.IFNAME) ? ifnameOf(tb) : `${ops.kind}%d`;
  const dev = createLink(n.target, name, ops, tb);
  dev.ifindex = ifm.index;
  const peerNet = n.peer?.ns ?? n.linkNet ?? req.ns;
  const ctx: NewLinkContext = {
    linkNet: n.linkNet ?? req.ns,
    srcNet: req.ns,
    ...peerMaker(dev, ops, n.peer, peerNet, tb),
  };
  const state = rtnlOf(n.target);
  if (req.echo) {
    state.echoed = dev;
    state.echoedType = RTM_NEWLINK;
  }
  state.unborn.add(dev);
  try {
    ops.newlink(dev, n.attrs, n.data ?? {}, ctx);
    finish(req, dev, ifm, tb);
  } finally {
    state.echoed = null;
    state.unborn.delete(dev);
  }
}

/** Flags and master of a fresh link; when one of them is refused, nothing is left. */
function finish(req: Request, dev: NetDevice, ifm: IfInfoMsg, tb: Tb): void {
  try {
    const err = dev.core.configureLink(dev, ifm.flags !== 0 || ifm.change !== 0 ? combineFlags(dev, ifm) : null);
    if (err < 0) throw new NlError(-err);
    rtnlOf(dev.ns).unborn.delete(dev);
    if (tb.has(A.MASTER)) setMaster(dev, tb.u32(A.MASTER));
  } catch (refusal) {
    if (req.echo) rtnlOf(dev.ns).echoed = null;
    dev.core.delete(dev);
    throw refusal;
  }
}
