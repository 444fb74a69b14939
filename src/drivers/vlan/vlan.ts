// The link kind vlan: one VLAN id of a device as a device of its own, 802.1Q or 802.1ad, over anything that is Ethernet.
// Not modelled, and refused by name: GVRP and MVRP (protocols that tell switches of ids), bridge_binding.
// Linux: net/8021q/vlan_netlink.c, vlan.c (register_vlan_dev, unregister_vlan_dev).

import { validUnicast } from '../../net/dev.ts';
import { F_VLAN_CHALLENGED } from '../../net/features.ts';
import { type Attrs, type LinkOps, type NewLinkContext, Refusal } from '../../net/linkops.ts';
import type { NetDevice } from '../../net/netdev.ts';
import type { NetNs } from '../../net/netns.ts';
import { vidAdd, vidDel, vlanKey } from '../../net/vlan.ts';
import {
  VLAN_FLAG_BRIDGE_BINDING,
  VLAN_FLAG_GVRP,
  VLAN_FLAG_LOOSE_BINDING,
  VLAN_FLAG_MVRP,
  VLAN_FLAG_REORDER_HDR,
} from '../../uapi/linkinfo.ts';
import { ETH_P_8021AD, ETH_P_8021Q } from '../../wire/ethernet.ts';
import { VLAN_VID_MASK } from '../../wire/vlan.ts';
import { E, hasUnknown } from '../common.ts';
import { setupDevice } from './device.ts';
import { transferState, watchLowers } from './events.ts';
import { type QosMapping, Vlan, vlanOf } from './priv.ts';

const IFLA_ADDRESS = 1;
const IFLA_VLAN_INGRESS_QOS = 4;
const IFLA_VLAN_EGRESS_QOS = 3;
const EPROTONOSUPPORT = 93;
const ALL_FLAGS =
  VLAN_FLAG_REORDER_HDR | VLAN_FLAG_GVRP | VLAN_FLAG_LOOSE_BINDING | VLAN_FLAG_MVRP | VLAN_FLAG_BRIDGE_BINDING;
const REGISTRATION_GROUP = 0x0180c2000021;
const NONE = BigInt(0);

interface VlanData {
  readonly id?: number;
  readonly vlanFlags?: { readonly flags: number; readonly mask: number };
  readonly egressQos?: readonly QosMapping[];
  readonly ingressQos?: readonly QosMapping[];
  readonly protocol?: number;
}

export const vlanLink: LinkOps = {
  kind: 'vlan',
  setup: setupDevice,
  validate,
  newlink,
  changelink: (dev, _tb, data) => change(vlanOf(dev), data as VlanData),
  dellink,
  fillInfo,
  linkNet: (dev): NetNs => vlanOf(dev).lower.ns,
};

function validate(tb: Attrs, info: Attrs | null): void {
  if (tb.address !== undefined && !validUnicast(tb.address as number)) {
    throw new Refusal(E.EADDRNOTAVAIL, '8021q: Invalid link address');
  }
  if (hasUnknown(tb, IFLA_ADDRESS)) throw new Refusal(E.EINVAL, '8021q: Invalid link address');
  if (info === null) throw new Refusal(E.EINVAL, '8021q: VLAN properties not specified');
  const data = info as VlanData;
  if (data.protocol !== undefined && data.protocol !== ETH_P_8021Q && data.protocol !== ETH_P_8021AD) {
    throw new Refusal(EPROTONOSUPPORT, '8021q: Invalid VLAN protocol');
  }
  if (data.id !== undefined && data.id >= VLAN_VID_MASK) throw new Refusal(E.ERANGE, '8021q: Invalid VLAN id');
  const { vlanFlags } = data;
  if (vlanFlags !== undefined && (vlanFlags.flags & vlanFlags.mask & ~ALL_FLAGS) !== 0) {
    throw new Refusal(E.EINVAL, '8021q: Invalid VLAN flags');
  }
  if (hasUnknown(info, IFLA_VLAN_INGRESS_QOS)) throw new Refusal(E.EINVAL, '8021q: Invalid ingress QOS map');
  if (hasUnknown(info, IFLA_VLAN_EGRESS_QOS)) throw new Refusal(E.EINVAL, '8021q: Invalid egress QOS map');
}

function newlink(dev: NetDevice, tb: Attrs, info: Attrs, ctx: NewLinkContext): void {
  const data = info as VlanData;
  const core = dev.core;
  if (data.id === undefined) throw new Refusal(E.EINVAL, '8021q: VLAN id not specified');
  if (tb.link === undefined) throw new Refusal(E.EINVAL, '8021q: link not specified');
  const lower = ctx.linkNet.devByIndex(tb.link as number);
  if (lower === null) throw new Refusal(E.ENODEV, '8021q: link does not exist');
  core.kernel.load('8021q', watchLowers);
  const vlan = new Vlan(dev, lower, data.protocol ?? ETH_P_8021Q, data.id);
  dev.priv = vlan;
  const key = vlanKey(vlan.proto, vlan.vid);
  if ((lower.features & F_VLAN_CHALLENGED) !== NONE) {
    core.kernel.hooks.log(`8021q: VLANs not supported on ${lower.name}`);
    throw new Refusal(E.EOPNOTSUPP, '8021q: VLANs not supported on device');
  }
  if (lower.vlans?.has(key) === true) throw new Refusal(E.EEXIST, '8021q: VLAN device already exists');
  if (tb.mtu === undefined) dev.mtu = lower.mtu;
  else if (dev.mtu > lower.mtu) throw new Refusal(E.EINVAL);
  change(vlan, data);
  register(vlan, key);
}

/** Linux: register_vlan_dev(). */
function register(vlan: Vlan, key: number): void {
  const { dev, lower, proto, vid } = vlan;
  const core = dev.core;
  let err = vidAdd(lower, proto, vid);
  if (err < 0) throw new Refusal(-err);
  try {
    core.register(dev, dev.ifindex);
  } catch (refusal) {
    vidDel(lower, proto, vid);
    throw refusal;
  }
  err = core.upperLink(lower, dev, false);
  if (err < 0) {
    core.unregisterMany([dev]);
    vidDel(lower, proto, vid);
    throw new Refusal(-err);
  }
  transferState(dev);
  core.kernel.linkWatch.fire(dev);
  if (lower.vlans === null) {
    lower.vlans = new Map();
    joinRegistrars(lower, true);
  }
  lower.vlans.set(key, dev);
  core.updateFeatures(dev);
}

/** GVRP and MVRP listen on a device with VLANs, though nobody speaks. Linux: vlan_gvrp_init_applicant(), and for MVRP. */
function joinRegistrars(lower: NetDevice, join: boolean): void {
  for (let applicants = 0; applicants < 2; applicants++) {
    if (join) lower.mc.add(REGISTRATION_GROUP);
    else lower.mc.del(REGISTRATION_GROUP);
  }
  lower.core.setRxMode(lower);
}

/** Linux: vlan_changelink(), vlan_dev_change_flags(). */
function change(vlan: Vlan, data: VlanData): void {
  if (data.vlanFlags !== undefined) {
    const { flags, mask } = data.vlanFlags;
    if ((mask & ~ALL_FLAGS) !== 0) throw new Refusal(E.EINVAL);
    refuseUnmodelled(flags & mask);
    vlan.flags = (vlan.flags & ~mask) | (flags & mask);
  }
  for (const { from, to } of data.ingressQos ?? []) vlan.setIngress(from, to);
  for (const { from, to } of data.egressQos ?? []) vlan.setEgress(from, to);
}

function refuseUnmodelled(on: number): void {
  if ((on & VLAN_FLAG_GVRP) !== 0) throw new Refusal(E.EOPNOTSUPP, 'GVRP of a VLAN is not modelled');
  if ((on & VLAN_FLAG_MVRP) !== 0) throw new Refusal(E.EOPNOTSUPP, 'MVRP of a VLAN is not modelled');
  if ((on & VLAN_FLAG_BRIDGE_BINDING) !== 0) {
    throw new Refusal(E.EOPNOTSUPP, 'bridge_binding of a VLAN is not modelled');
  }
}

/** Linux: unregister_vlan_dev(). */
function dellink(dev: NetDevice, list: NetDevice[]): void {
  const { lower, proto, vid } = vlanOf(dev);
  lower.vlans?.delete(vlanKey(proto, vid));
  dev.core.upperUnlink(lower, dev);
  list.push(dev);
  if (lower.vlans?.size === 0) {
    lower.vlans = null;
    joinRegistrars(lower, false);
  }
  vidDel(lower, proto, vid);
}

/** In the kernel's order. */
function fillInfo(dev: NetDevice): Attrs {
  const vlan = vlanOf(dev);
  const out: Record<string, unknown> = { protocol: vlan.proto, id: vlan.vid };
  if (vlan.flags !== 0) out.vlanFlags = { flags: vlan.flags, mask: 0xffffffff };
  if (vlan.ingressCount > 0) out.ingressQos = vlan.ingressMap();
  if (vlan.egressCount > 0) out.egressQos = vlan.egressMap();
  return out;
}
