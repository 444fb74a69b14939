// Links as AF_BRIDGE shows them: the ports of bridges with their settings, and NICs with an embedded switch (hwmode).
// VLANs of ports are in bridge-vlan.ts. Linux: rtnl_bridge_getlink(), rtnl_bridge_setlink(), ndo_dflt_bridge_getlink(),
// br_fill_ifinfo(), br_setlink().

import { PRIV_BRIDGE } from '../net/flags.ts';
import { type Attrs, Refusal } from '../net/linkops.ts';
import type { NetDevice } from '../net/netdev.ts';
import { decodeFrom, encodeTo } from '../netlink/attrs.ts';
import { NlError } from '../netlink/error.ts';
import { attributesEnd } from '../netlink/policy.ts';
import { writeStruct } from '../netlink/struct.ts';
import type { Writer } from '../netlink/writer.ts';
import {
  BRIDGE_FLAGS_MASTER,
  BRIDGE_FLAGS_SELF,
  BRIDGE_MODE_VEB,
  BRIDGE_MODE_VEPA,
  type BridgeLinkAttrs,
  IFLA_AF_BRIDGE,
  IFLA_BRPORT,
} from '../uapi/bridge.ts';
import { IFINFOMSG } from '../uapi/ifla.ts';
import { AF_BRIDGE, RTEXT_FILTER_BRVLAN, RTEXT_FILTER_BRVLAN_COMPRESSED } from '../uapi/link.ts';
import { RTM_DELLINK, RTM_NEWLINK } from '../uapi/msgtype.ts';
import { NLA_F_NESTED } from '../uapi/netlink.ts';
import { RTNLGRP_LINK } from '../uapi/rtnlgrp.ts';
import { changeVlans, vlanAttrs } from './bridge-vlan.ts';
import type { Dump } from './dump.ts';
import { A } from './link-attrs.ts';
import { linkKind } from './link-fill.ts';
import { NOBODY, notify } from './listeners.ts';
import type { Request } from './request.ts';
import { Tb } from './tb.ts';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** IFLA_BRIDGE_FLAGS, IFLA_BRIDGE_MODE. */
const FLAGS = 0;
const MODE = 1;

export function dumpBridgeLinks(req: Request, out: Dump): void {
  const tb = req.parse(IFINFOMSG, IFLA_AF_BRIDGE, req.strict);
  if (req.strict) checkDump(req, tb);
  const mask = tb.u32(A.EXT_MASK);
  const compressed = (mask & RTEXT_FILTER_BRVLAN_COMPRESSED) !== 0;
  const vlans = compressed || (mask & RTEXT_FILTER_BRVLAN) !== 0;
  const how = vlans ? { compressed } : null;
  for (const dev of req.ns.registered()) {
    const { master } = dev;
    if (master !== null && hasPorts(master)) out.message(RTM_NEWLINK, (w) => fillPort(w, master, dev, how));
    if (hasPorts(dev)) {
      if (vlans) out.message(RTM_NEWLINK, (w) => fillBridge(w, dev, dev, how));
    } else if (dev.bridgeGetMode !== null && dev.bridgeGetMode(dev) >= 0) {
      out.message(RTM_NEWLINK, (w) => fillSwitch(w, dev));
    }
  }
}

function checkDump(req: Request, tb: Tb): void {
  const ifm = req.header(IFINFOMSG);
  if (req.msg.bytes[req.msg.at + 1] !== 0 || ifm.type !== 0 || ifm.flags !== 0 || ifm.change !== 0 || ifm.index !== 0) {
    throw new NlError('EINVAL', 'Invalid values in header for bridge link dump request');
  }
  for (const type of tb.types) {
    if (type !== A.EXT_MASK) throw new NlError('EINVAL', 'Unsupported attribute in bridge link dump request');
  }
}

/** A device whose ports AF_BRIDGE speaks of. */
function hasPorts(dev: NetDevice): boolean {
  return (dev.privFlags & PRIV_BRIDGE) !== 0;
}

function head(w: Writer, dev: NetDevice): void {
  writeStruct(IFINFOMSG, { family: AF_BRIDGE, type: dev.type, index: dev.ifindex, flags: dev.core.userFlags(dev) }, w);
}

function common(dev: NetDevice, master: NetDevice): Mutable<BridgeLinkAttrs> {
  const a: Mutable<BridgeLinkAttrs> = {
    ifname: dev.name,
    master: master.ifindex,
    mtu: dev.mtu,
    operstate: dev.core.userOperState(dev),
    address: dev.addr,
  };
  if (dev.iflink !== dev.ifindex) a.link = dev.iflink;
  return a;
}

/** A port of a bridge. Linux: br_fill_ifinfo(). */
function fillPort(w: Writer, bridge: NetDevice, port: NetDevice, how: VlanView | null): void {
  head(w, port);
  const protinfo = linkKind(bridge)?.fillSlaveInfo?.(bridge, port) ?? {};
  encodeTo(IFLA_AF_BRIDGE, { ...common(port, bridge), protinfo, ...vlanSpec(bridge, port, how) } as BridgeLinkAttrs, w);
}

/** How VLANs are shown. */
interface VlanView {
  readonly compressed: boolean;
}

function vlanSpec(bridge: NetDevice, port: NetDevice | null, how: VlanView | null): object {
  const spec = how === null ? null : vlanAttrs(bridge, port, how.compressed);
  return spec === null ? {} : { afSpec: spec };
}

/** The bridge itself, or a port that leaves: without settings. */
function fillBridge(w: Writer, dev: NetDevice, bridge: NetDevice, how: VlanView | null): void {
  head(w, dev);
  encodeTo(IFLA_AF_BRIDGE, { ...common(dev, bridge), ...vlanSpec(bridge, null, how) } as BridgeLinkAttrs, w);
}

/** A NIC that switches between its own stations. Linux: ndo_dflt_bridge_getlink(). */
function fillSwitch(w: Writer, dev: NetDevice): void {
  head(w, dev);
  const a: Mutable<BridgeLinkAttrs> = { ifname: dev.name, mtu: dev.mtu, operstate: dev.core.userOperState(dev) };
  if (dev.master !== null) a.master = dev.master.ifindex;
  a.address = dev.addr;
  if (dev.iflink !== dev.ifindex) a.link = dev.iflink;
  a.afSpec = { flags: BRIDGE_FLAGS_SELF, mode: dev.bridgeGetMode?.(dev) ?? BRIDGE_MODE_VEB };
  a.protinfo = {};
  encodeTo(IFLA_AF_BRIDGE, a, w);
}

export function setBridgeLink(req: Request): void {
  if (req.len < IFINFOMSG.size) throw new NlError('EINVAL');
  const { msg } = req;
  const tb = new Tb(msg, req.attrsAt(IFINFOMSG), msg.end);
  const dev = req.ns.devByIndex(req.header(IFINFOMSG).index);
  if (dev === null) throw new NlError('ENODEV', 'unknown ifindex');
  const spec = tb.has(A.AF_SPEC) ? tb.nest(A.AF_SPEC) : null;
  if (spec?.has(FLAGS) === true && spec.len(FLAGS) < 2) throw new NlError('EINVAL');
  if (spec?.has(MODE) === true && spec.len(MODE) < 2) throw new NlError('EINVAL');
  const flags = spec?.u16(FLAGS) ?? 0;
  if (flags === 0 || (flags & BRIDGE_FLAGS_MASTER) !== 0) {
    const { master } = dev;
    if (master === null || !hasPorts(master)) throw new NlError('EOPNOTSUPP');
    setPort(req, master, dev, tb);
    if (spec !== null && changeVlans(req, master, dev, tb, false)) req.kernel.hooks.bridgePortChanged(dev, false);
  }
  if ((flags & BRIDGE_FLAGS_SELF) === 0) return;
  if (hasPorts(dev)) {
    setOwnVlans(req, dev, tb, false);
    return;
  }
  if (dev.bridgeSetMode === null || spec === null) throw new NlError('EOPNOTSUPP');
  setMode(dev, spec);
  if (dev.bridgeGetMode !== null) notify(dev.ns, RTNLGRP_LINK, RTM_NEWLINK, NOBODY, (w) => fillSwitch(w, dev));
}

/** VLANs of the bridge's own device; nothing else of it is set under AF_BRIDGE. */
function setOwnVlans(req: Request, dev: NetDevice, tb: Tb, del: boolean): void {
  if (!tb.has(A.AF_SPEC)) throw new NlError('EINVAL');
  changeVlans(req, dev, null, tb, del);
  const how = { compressed: true };
  notify(dev.ns, RTNLGRP_LINK, RTM_NEWLINK, NOBODY, (w) => fillBridge(w, dev, dev, how));
}

/** RTM_DELLINK under AF_BRIDGE: VLANs that go. Linux: rtnl_bridge_dellink(). */
export function delBridgeLink(req: Request): void {
  if (req.len < IFINFOMSG.size) throw new NlError('EINVAL');
  const { msg } = req;
  const tb = new Tb(msg, req.attrsAt(IFINFOMSG), msg.end);
  const dev = req.ns.devByIndex(req.header(IFINFOMSG).index);
  if (dev === null) throw new NlError('ENODEV', 'unknown ifindex');
  const spec = tb.has(A.AF_SPEC) ? tb.nest(A.AF_SPEC) : null;
  const flags = spec?.has(FLAGS) === true ? spec.u16(FLAGS) : 0;
  if (flags === 0 || (flags & BRIDGE_FLAGS_MASTER) !== 0) {
    const { master } = dev;
    if (master === null || !hasPorts(master)) throw new NlError('EOPNOTSUPP');
    if (spec !== null && changeVlans(req, master, dev, tb, true)) req.kernel.hooks.bridgePortChanged(dev, false);
  }
  if ((flags & BRIDGE_FLAGS_SELF) === 0) return;
  if (!hasPorts(dev)) throw new NlError('EOPNOTSUPP');
  setOwnVlans(req, dev, tb, true);
}

/** Settings of a port: a nest, or (as old tools have it) its state alone. Linux: br_setlink(). */
function setPort(req: Request, bridge: NetDevice, port: NetDevice, tb: Tb): void {
  if (!tb.has(A.PROTINFO)) return;
  const change = linkKind(bridge)?.slaveChangelink;
  if (change === undefined) throw new NlError('EOPNOTSUPP');
  const { msg } = req;
  const from = tb.start(A.PROTINFO);
  const to = tb.end(A.PROTINFO);
  const nested = (msg.view.getUint16(from - 2, true) & NLA_F_NESTED) !== 0;
  if (!nested) {
    if (to - from < 1) throw new NlError('EINVAL');
    change(bridge, port, { state: msg.bytes[from] });
    req.kernel.hooks.bridgePortChanged(port, false);
    return;
  }
  req.refuseNest(IFLA_BRPORT, from, to, {});
  const data = decodeFrom(IFLA_BRPORT, msg, from, attributesEnd(msg, from, to)) as Attrs;
  change(bridge, port, data);
  req.kernel.hooks.bridgePortChanged(port, false);
}

/** VEB: between its own stations itself; VEPA: everything to the wire. Linux: ixgbe_ndo_bridge_setlink(). */
function setMode(dev: NetDevice, spec: Tb): void {
  if (!spec.has(MODE)) return;
  const mode = spec.u16(MODE);
  if (mode !== BRIDGE_MODE_VEB && mode !== BRIDGE_MODE_VEPA) throw new NlError('EINVAL');
  const err = dev.bridgeSetMode?.(dev, mode) ?? 0;
  if (err < 0) throw new Refusal(-err);
}

export function bridgePortChanged(port: NetDevice, gone: boolean): void {
  const bridge = port.master;
  if (bridge === null) return;
  const type = gone ? RTM_DELLINK : RTM_NEWLINK;
  notify(port.ns, RTNLGRP_LINK, type, NOBODY, (w) =>
    gone ? fillBridge(w, port, bridge, null) : fillPort(w, bridge, port, { compressed: true }),
  );
}
