// A kind of link: how one is set up, created from a request, changed and deleted. One folder in drivers/ each, one line
// in the catalogue. Linux: struct rtnl_link_ops.

import type { NetDevice } from './netdev.ts';
import type { NetNs } from './netns.ts';

/** A refused request: an errno (positive) with the words that Linux gives in extack, and the attribute it is about. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly errno: number;
  readonly extack: string;
  /** Attribute type that the refusal points at, 0: none. */
  readonly attr: number;

  constructor(errno: number, extack = '', attr = 0) {
    super(extack === '' ? `errno ${errno}` : extack);
    this.errno = errno;
    this.extack = extack;
    this.attr = attr;
  }
}

/** Decoded attributes: only those that were present. The shape is the decoder's record (netlink/attrs). */
export type Attrs = Readonly<Record<string, unknown>>;

/** What a newlink is told beside its attributes. */
export interface NewLinkContext {
  /** Namespace in which IFLA_LINK is looked up (IFLA_LINK_NETNSID, or the caller's). */
  readonly linkNet: NetNs;
  /** Namespace of the caller. */
  readonly srcNet: NetNs;
  /** Makes the peer of a pair (veth): a device of the same kind, not yet registered. Rest of the peer's request. */
  readonly peer: PeerMaker | null;
  /** Applies the flags of the peer's request (`up`) and announces it, once registered. Linux: rtnl_configure_link(). */
  readonly configurePeer?: (peer: NetDevice, data: Attrs) => void;
}

export type PeerMaker = (data: Attrs) => NetDevice;

export interface LinkOps {
  readonly kind: string;
  /** Default queue counts; absent: 1. */
  readonly txQueues?: number;
  readonly rxQueues?: number;
  /** Fills in ops and defaults of a fresh device. */
  setup(dev: NetDevice): void;
  /** Checks attributes before anything happens; throws a Refusal. `tb` is the link message, `data` its INFO_DATA. */
  validate?(tb: Attrs, data: Attrs | null): void;
  /** Creates: configures `dev` and registers it (dev.core.register), or throws a Refusal and leaves nothing. */
  newlink?(dev: NetDevice, tb: Attrs, data: Attrs, ctx: NewLinkContext): void;
  changelink?(dev: NetDevice, tb: Attrs, data: Attrs): void;
  /** Removes; the devices to unregister go into `list`. Default: the device itself. */
  dellink?(dev: NetDevice, list: NetDevice[]): void;
  /** INFO_DATA in the kernel's order; null: none. */
  fillInfo?(dev: NetDevice): Attrs | null;
  /** INFO_SLAVE_DATA of a port of this kind, and its changes. */
  fillSlaveInfo?(dev: NetDevice, slave: NetDevice): Attrs | null;
  slaveChangelink?(dev: NetDevice, slave: NetDevice, data: Attrs): void;
  /** Namespace of the device below. Linux: get_link_net. */
  linkNet?(dev: NetDevice): NetNs;
  /** INFO_XSTATS and the like are not modelled. When a namespace dies a physical device goes back to the first one. */
  readonly netnsRefund?: boolean;
}
