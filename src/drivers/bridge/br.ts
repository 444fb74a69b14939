// The state of a bridge and of its ports. Linux: net/bridge/br_private.h, struct net_bridge, struct net_bridge_port.

import { PRIV_BRIDGE, PRIV_BRIDGE_PORT } from '../../net/flags.ts';
import type { NetDevice } from '../../net/netdev.ts';
import { DISABLED, P_BCAST_FLOOD, P_FLOOD, P_LEARNING, P_MCAST_FLOOD } from './const.ts';
import { Fdb } from './fdb.ts';
import type { BridgeVlans } from './vlan.ts';

export class BridgePort {
  readonly br: Bridge;
  readonly dev: NetDevice;
  readonly portNo: number;
  state = DISABLED;
  flags = P_LEARNING | P_FLOOD | P_MCAST_FLOOD | P_BCAST_FLOOD;
  priority = 32;
  pathCost: number;
  /** The cost was set by a request and no longer follows the speed. */
  adminCost = false;
  groupFwdMask = 0;
  promisc = false;
  /** When the forward delay that began with the port's last start is over. */
  forwardDelayEndNs = 0;
  /** Settings that nothing here depends on: kept and shown (guard, protect, fastLeave, multicastRouter, ...). */
  readonly kept = new Map<string, number>();

  constructor(br: Bridge, dev: NetDevice, portNo: number, pathCost: number) {
    this.br = br;
    this.dev = dev;
    this.portNo = portNo;
    this.pathCost = pathCost;
  }

  get id(): number {
    return (this.priority << 10) | this.portNo;
  }
}

export class Bridge {
  readonly dev: NetDevice;
  /** The newest first: the order in which a flood goes out. */
  readonly ports: BridgePort[] = [];
  readonly fdb: Fdb;
  /** MAC part of the bridge id: zero until there is a port or a request. */
  idAddr = 0;
  priority = 0x8000;
  mtuSetByUser = false;
  groupFwdMask = 0;
  groupAddr = 0x0180c2000000;
  noLinkLocalLearn = false;
  /** Member of 224.0.0.106. */
  snooping = false;
  /** In hundredths of seconds, as user space counts them. */
  ageingTime = 30000;
  forwardDelay = 1500;
  helloTime = 200;
  maxAge = 2000;
  /** null: nobody has asked for VLANs yet. */
  vlans: BridgeVlans | null = null;
  /** When the collector of old entries started; -1: not running. */
  gcFromNs = -1;
  /** Multicast and netfilter settings: kept and shown. */
  readonly kept = new Map<string, number>();

  constructor(dev: NetDevice) {
    this.dev = dev;
    this.fdb = new Fdb(this);
  }
}

export function bridgeOf(dev: NetDevice): Bridge {
  return dev.priv as Bridge;
}

export function isBridge(dev: NetDevice): boolean {
  return (dev.privFlags & PRIV_BRIDGE) !== 0;
}

/** A device's port, or null when no bridge has it. */
export function portOf(dev: NetDevice): BridgePort | null {
  return (dev.privFlags & PRIV_BRIDGE_PORT) !== 0 ? (dev.brPort as BridgePort) : null;
}
