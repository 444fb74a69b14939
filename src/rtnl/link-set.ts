// RTM_SETLINK, and the part of RTM_NEWLINK that changes what every link has. One attribute after the other, in Linux's
// order; what was done before a refusal stays done. Linux: do_setlink(), rtnl_setlink().

import { Refusal } from '../net/linkops.ts';
import type { NetDevice } from '../net/netdev.ts';
import type { NetNs } from '../net/netns.ts';
import { Ev } from '../net/notifier.ts';
import { NlError } from '../netlink/error.ts';
import { IFINFOMSG, type IfInfoMsg } from '../uapi/ifla.ts';
import { AF_INET6, IFF_ALLMULTI, IFF_PROMISC, IFLA } from '../uapi/link.ts';
import { A, devByName, hasName, ifnameOf } from './link-attrs.ts';
import { setSegmentLimits, validateLink } from './link-create.ts';
import { ensureUniqueNetns, targetNet } from './link-netns.ts';
import { setOperState, setProtoDown } from './link-state.ts';
import { setInet6 } from './link6.ts';
import type { Request } from './request.ts';
import { Tb } from './tb.ts';

/** Something changed; and something that no notification of its own has told. */
const MODIFIED = 1;
export const NOTIFY = 3;
const IFALIASZ = 256;

export function setLink(req: Request): void {
  const tb = req.parse(IFINFOMSG, IFLA);
  ensureUniqueNetns(tb, false);
  const target = targetNet(req, tb);
  const ifm = req.header(IFINFOMSG);
  let dev: NetDevice | null = null;
  if (ifm.index > 0) dev = req.ns.devByIndex(ifm.index);
  else if (hasName(tb)) dev = devByName(req.ns, tb);
  else throw new NlError('EINVAL');
  if (dev === null) throw new NlError('ENODEV');
  setLinkOn(req, dev, target, ifm, tb, 0);
}

/** `status`: what has been changed already. Throws the refusal; listeners hear of what was done before it. */
export function setLinkOn(_req: Request, dev: NetDevice, target: NetNs, ifm: IfInfoMsg, tb: Tb, status: number): void {
  validateLink(dev, tb);
  const name = ifnameOf(tb);
  if (target !== dev.ns) {
    dev.core.moveToNs(dev, target, name === '' ? null : name, tb.s32(A.NEW_IFINDEX));
    status |= MODIFIED;
  }
  const work: Work = { dev, ifm, tb, name, status };
  try {
    for (const step of STEPS) step(work);
  } finally {
    if ((work.status & NOTIFY) === NOTIFY) dev.core.stateChange(dev);
  }
}

interface Work {
  readonly dev: NetDevice;
  readonly ifm: IfInfoMsg;
  readonly tb: Tb;
  readonly name: string;
  status: number;
}

/** In Linux's order. */
const STEPS: ReadonlyArray<(work: Work) => void> = [
  map,
  address,
  mtu,
  group,
  rename,
  alias,
  broadcast,
  flags,
  master,
  carrier,
  txqlen,
  segments,
  operState,
  linkMode,
  vf,
  protoDown,
  xdp,
  afSpec,
];

function map({ tb }: Work): void {
  if (tb.has(A.MAP)) throw new NlError('EOPNOTSUPP');
}

function address(work: Work): void {
  const { dev, tb } = work;
  if (!tb.has(A.ADDRESS)) return;
  if (dev.addrLen === 0) throw new NlError('EOPNOTSUPP');
  check(dev.core.setMacAddress(dev, tb.mac(A.ADDRESS)));
  work.status |= MODIFIED;
}

function mtu(work: Work): void {
  const { dev, tb } = work;
  if (!tb.has(A.MTU)) return;
  const value = tb.u32(A.MTU);
  if (value > 0x7fffffff) throw new NlError('EINVAL', 'mtu less than device minimum');
  check(dev.core.setMtu(dev, value));
  work.status |= MODIFIED;
}

function group(work: Work): void {
  if (!work.tb.has(A.GROUP)) return;
  work.dev.group = work.tb.u32(A.GROUP);
  work.status |= NOTIFY;
}

/** A device found by index that comes with a name is to be called so. */
function rename(work: Work): void {
  const { dev, ifm, name } = work;
  if (ifm.index <= 0 || name === '') return;
  dev.core.rename(dev, name);
  work.status |= MODIFIED;
}

function alias(work: Work): void {
  const { dev, tb } = work;
  if (!tb.has(A.IFALIAS)) return;
  if (tb.len(A.IFALIAS) >= IFALIASZ) throw new NlError('EINVAL');
  dev.alias = tb.text(A.IFALIAS);
  work.status |= NOTIFY;
}

function broadcast({ dev, tb }: Work): void {
  if (!tb.has(A.BROADCAST)) return;
  dev.broadcast = tb.mac(A.BROADCAST);
  dev.core.kernel.notifiers.call(Ev.ChangeAddr, dev);
}

function flags({ dev, ifm }: Work): void {
  if (ifm.flags === 0 && ifm.change === 0) return;
  check(dev.core.changeFlags(dev, combineFlags(dev, ifm)));
}

function master(work: Work): void {
  if (!work.tb.has(A.MASTER)) return;
  setMaster(work.dev, work.tb.u32(A.MASTER));
  work.status |= MODIFIED;
}

function carrier(work: Work): void {
  const { dev, tb } = work;
  if (!tb.has(A.CARRIER)) return;
  if (dev.changeCarrier === null) throw new NlError('EOPNOTSUPP');
  check(dev.changeCarrier(dev, tb.u8(A.CARRIER) !== 0));
  work.status |= MODIFIED;
}

function txqlen(work: Work): void {
  const { dev, tb } = work;
  if (!tb.has(A.TXQLEN)) return;
  const value = tb.u32(A.TXQLEN);
  if (dev.txQueueLen !== value) {
    dev.txQueueLen = value;
    dev.core.kernel.hooks.linkChanged(dev, 0);
  }
  work.status |= MODIFIED;
}

function segments(work: Work): void {
  if (setSegmentLimits(work.dev, work.tb)) work.status |= MODIFIED;
}

function operState({ dev, tb }: Work): void {
  if (tb.has(A.OPERSTATE)) setOperState(dev, tb.u8(A.OPERSTATE));
}

function linkMode(work: Work): void {
  const { dev, tb } = work;
  if (!tb.has(A.LINKMODE)) return;
  const value = tb.u8(A.LINKMODE);
  if (dev.linkMode !== value) work.status |= NOTIFY;
  dev.linkMode = value;
}

/** SR-IOV: no device of the model has virtual functions. */
function vf({ tb }: Work): void {
  const some = (type: number): boolean => tb.has(type) && tb.len(type) > 0;
  if (some(A.VFINFO_LIST) || tb.has(A.VF_PORTS) || tb.has(A.PORT_SELF)) throw new NlError('EOPNOTSUPP');
}

function protoDown(work: Work): void {
  const { dev, tb } = work;
  if (!tb.has(A.PROTO_DOWN) && !tb.has(A.PROTO_DOWN_REASON)) return;
  setProtoDown(dev, tb);
  work.status |= NOTIFY;
}

function xdp({ tb }: Work): void {
  if (tb.has(A.XDP)) throw new NlError('EOPNOTSUPP', 'The model runs no XDP programs');
}

/** IFLA_AF_SPEC, as far as families let themselves be set (link6.ts). Linux: the end of do_setlink(). */
function afSpec(work: Work): void {
  const { dev, tb } = work;
  if (!tb.has(A.AF_SPEC)) return;
  tb.each(A.AF_SPEC, (family, from, to) => {
    if (family === AF_INET6) setInet6(dev, new Tb(tb.src, from, to));
    work.status |= NOTIFY;
  });
}

/** Which flags a request wants: ifi_change says which count, 0 means all. Linux: rtnl_dev_combine_flags(). */
export function combineFlags(dev: NetDevice, ifm: IfInfoMsg): number {
  if (ifm.change === 0) return ifm.flags;
  const both = IFF_PROMISC | IFF_ALLMULTI;
  const now = (dev.flags & ~both) | (dev.gflags & both);
  return (ifm.flags & ifm.change) | (now & ~ifm.change);
}

/** Linux: do_set_master(). */
export function setMaster(dev: NetDevice, ifindex: number): void {
  const old = dev.master;
  if (old !== null) {
    if (old.ifindex === ifindex) return;
    if (old.delSlave === null) throw new NlError('EOPNOTSUPP');
    check(old.delSlave(old, dev));
  }
  if (ifindex === 0) return;
  const upper = dev.ns.devByIndex(ifindex);
  if (upper === null) throw new NlError('EINVAL');
  if (upper.addSlave === null) throw new NlError('EOPNOTSUPP');
  check(upper.addSlave(upper, dev));
}

function check(err: number): void {
  if (err < 0) throw new Refusal(-err);
}
