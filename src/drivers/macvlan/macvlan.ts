// The link kind macvlan: made, changed and deleted by request. The order of the checks, and what a refused change leaves
// behind, are what user space can see and hence as in Linux. macvtap shares all of it.
// Linux: drivers/net/macvlan.c, macvlan_validate(), macvlan_common_newlink(), macvlan_changelink(), macvlan_dellink().

import { validUnicast } from '../../net/dev.ts';
import { PRIV_MACVLAN } from '../../net/flags.ts';
import { type Attrs, type LinkOps, type NewLinkContext, Refusal } from '../../net/linkops.ts';
import type { NetDevice } from '../../net/netdev.ts';
import type { NetNs } from '../../net/netns.ts';
import {
  MACVLAN_FLAG_NODST,
  MACVLAN_FLAG_NOPROMISC,
  MACVLAN_MACADDR_SET,
  type MacvlanAttrs,
} from '../../uapi/linkinfo.ts';
import { checkAddress, E, hasUnknown, randomAddress } from '../common.ts';
import { portDestroy, setupDevice } from './device.ts';
import { watchLowers } from './events.ts';
import { updateBcFilter } from './filter.ts';
import { isMode, PASSTHRU, SOURCE } from './modes.ts';
import { DEFAULT_BC_CUTOFF, Macvlan, type MacvlanPort, portCreate, portOf } from './port.ts';
import { macvlanHandleFrame } from './rx.ts';
import { changeSources, sourceMacs } from './source.ts';

const IFLA_MACVLAN_MACADDR = 4;
const IFLA_MACVLAN_MACADDR_DATA = 5;

export const macvlanLink: LinkOps = {
  kind: 'macvlan',
  setup: setupDevice,
  validate: macvlanValidate,
  newlink: macvlanNewlink,
  changelink: macvlanChangelink,
  dellink: macvlanDellink,
  fillInfo: macvlanFillInfo,
  linkNet: macvlanLinkNet,
};

export function macvlanValidate(tb: Attrs, info: Attrs | null): void {
  checkAddress(tb);
  if (info === null) return;
  const data = info as MacvlanAttrs;
  if (data.flags !== undefined && (data.flags & ~(MACVLAN_FLAG_NOPROMISC | MACVLAN_FLAG_NODST)) !== 0) refuse();
  if (data.mode !== undefined && !isMode(data.mode)) refuse();
  if (data.macaddrMode !== undefined && data.macaddrMode > MACVLAN_MACADDR_SET) refuse();
  if (hasUnknown(info, IFLA_MACVLAN_MACADDR)) refuse();
  if (data.macaddr !== undefined && !validUnicast(data.macaddr)) throw new Refusal(E.EADDRNOTAVAIL);
  if (hasUnknown(info, IFLA_MACVLAN_MACADDR_DATA)) refuse();
  for (const mac of data.macaddrData ?? []) if (!validUnicast(mac)) throw new Refusal(E.EADDRNOTAVAIL);
  if (data.macaddrCount !== undefined) refuse();
}

function refuse(): never {
  throw new Refusal(E.EINVAL);
}

/** Linux: macvlan_common_newlink(). */
export function macvlanNewlink(dev: NetDevice, tb: Attrs, info: Attrs, ctx: NewLinkContext): void {
  const core = dev.core;
  const lower = findLower(tb, ctx);
  core.kernel.load('macvlan', watchLowers);
  if (tb.mtu === undefined) dev.mtu = lower.mtu;
  else if (dev.mtu > lower.mtu) refuse();
  dev.minMtu = 68;
  dev.maxMtu = lower.maxMtu;
  if (tb.address === undefined) randomAddress(dev, dev.linkOps?.kind ?? 'macvlan');

  const created = portOf(lower) === null;
  if (created) {
    const err = portCreate(lower, macvlanHandleFrame);
    if (err < 0) throw new Refusal(-err);
  }
  const port = portOf(lower) as MacvlanPort;
  const vlan = new Macvlan(dev, lower, port);
  try {
    configure(vlan, info as MacvlanAttrs);
    dev.priv = vlan;
    dev.l2fw = vlan;
    core.register(dev, dev.ifindex);
  } catch (refusal) {
    port.sources.flush(vlan);
    if (created && portOf(lower) === port) portDestroy(port);
    throw refusal;
  }
  dev.privFlags |= PRIV_MACVLAN;
  const err = core.upperLink(lower, dev, false);
  if (err < 0) {
    core.unregisterMany([dev]); // uninit takes the port along when it was made for this one
    throw new Refusal(-err);
  }
  port.vlans.push(vlan);
  port.updateBcQueueLen();
  core.kernel.linkWatch.stackedTransfer(lower, dev);
  core.kernel.linkWatch.fire(dev);
}

/** A macvlan on a macvlan becomes its sibling, even across namespaces. */
function findLower(tb: Attrs, ctx: NewLinkContext): NetDevice {
  if (tb.link === undefined) refuse();
  const below = ctx.linkNet.devByIndex(tb.link as number);
  if (below === null) throw new Refusal(E.ENODEV);
  return (below.privFlags & PRIV_MACVLAN) !== 0 ? (below.priv as Macvlan).lower : below;
}

/** Mode, flags and lists of a new macvlan. Throws a Refusal; a cutoff that was set stays set. */
function configure(vlan: Macvlan, data: MacvlanAttrs): void {
  const { dev, lower, port } = vlan;
  if (port.passthru) refuse();
  if (data.mode !== undefined) vlan.mode = data.mode;
  if (data.flags !== undefined) vlan.flags = data.flags;
  if (vlan.mode === PASSTHRU) {
    if (port.count > 0) refuse();
    port.setPassthru(vlan);
    dev.addr = lower.addr;
    dev.addrAssignType = lower.addrAssignType;
  }
  if (data.macaddrMode !== undefined) {
    if (vlan.mode !== SOURCE) refuse();
    changeSources(vlan, data.macaddrMode, data.macaddr, data.macaddrData ?? []);
  }
  if (data.bcQueueLen !== undefined) vlan.bcQueueLenReq = data.bcQueueLen;
  if (data.bcCutoff !== undefined) setBcCutoff(port, data.bcCutoff);
}

function setBcCutoff(port: MacvlanPort, cutoff: number): void {
  if (port.bcCutoff === cutoff) return;
  port.bcCutoff = cutoff;
  updateBcFilter(port);
}

/** Not atomic: what was done before a refusal stays done. */
export function macvlanChangelink(dev: NetDevice, _tb: Attrs, info: Attrs): void {
  const vlan = dev.priv as Macvlan;
  const port = vlan.port;
  const data = info as MacvlanAttrs;
  if (data.mode !== undefined) {
    if ((data.mode === PASSTHRU) !== (vlan.mode === PASSTHRU)) refuse();
    if (vlan.mode === SOURCE && data.mode !== SOURCE) port.sources.flush(vlan);
  }
  if (data.flags !== undefined) {
    if (port.passthru && ((data.flags ^ vlan.flags) & MACVLAN_FLAG_NOPROMISC) !== 0) {
      // Up or not: a reference that nobody took may be given back, or one be taken that nobody gives back.
      const err = dev.core.setPromiscuity(vlan.lower, (data.flags & MACVLAN_FLAG_NOPROMISC) !== 0 ? -1 : 1);
      if (err < 0) throw new Refusal(-err);
    }
    vlan.flags = data.flags;
  }
  if (data.bcQueueLen !== undefined) {
    vlan.bcQueueLenReq = data.bcQueueLen;
    port.updateBcQueueLen();
  }
  if (data.bcCutoff !== undefined) setBcCutoff(port, data.bcCutoff);
  if (data.mode !== undefined) vlan.mode = data.mode;
  if (data.macaddrMode !== undefined) {
    if (vlan.mode !== SOURCE) refuse();
    changeSources(vlan, data.macaddrMode, data.macaddr, data.macaddrData ?? []);
  }
}

export function macvlanDellink(dev: NetDevice, list: NetDevice[]): void {
  const vlan = dev.priv as Macvlan;
  const port = vlan.port;
  if (vlan.mode === SOURCE) port.sources.flush(vlan);
  const at = port.vlans.indexOf(vlan);
  if (at >= 0) port.vlans.splice(at, 1);
  port.updateBcQueueLen();
  list.push(dev);
  dev.core.upperUnlink(vlan.lower, dev);
}

export function macvlanFillInfo(dev: NetDevice): Attrs {
  const vlan = dev.priv as Macvlan;
  const out: MacvlanAttrs = { mode: vlan.mode, flags: vlan.flags, macaddrCount: vlan.sources.size };
  if (vlan.sources.size > 0) out.macaddrData = sourceMacs(vlan);
  out.bcQueueLen = vlan.bcQueueLenReq;
  out.bcQueueLenUsed = vlan.port.bcQueueLenUsed;
  if (vlan.port.bcCutoff !== DEFAULT_BC_CUTOFF) out.bcCutoff = vlan.port.bcCutoff;
  return out as Attrs;
}

/** Namespace in which the lowerdev lives now. */
export function macvlanLinkNet(dev: NetDevice): NetNs {
  return (dev.priv as Macvlan).lower.ns;
}
