// Device events for whoever cares: macvlan follows its lowerdev, inet follows addresses, rtnl tells its listeners.
// Linux: netdevice notifier chain.

import type { NetDevice } from './netdev.ts';

export const Ev = {
  Up: 1,
  Down: 2,
  Change: 4,
  Register: 5,
  Unregister: 6,
  ChangeMtu: 7,
  ChangeAddr: 8,
  GoingDown: 9,
  ChangeName: 10,
  FeatChange: 11,
  PreUp: 13,
  PreTypeChange: 14,
  BondingFailover: 12,
  PostInit: 16,
  Join: 20,
  ChangeUpper: 21,
  ResendIgmp: 22,
  PreChangeMtu: 23,
  ChangeInfoData: 24,
  PreChangeUpper: 25,
  NotifyPeers: 19,
  /** A bond lost its last port. */
  Release: 17,
  ChangeLowerState: 27,
  PreChangeAddr: 32,
  /** Leaving its namespace (unregister without unregistering), and having arrived in another. */
  MoveOut: 101,
  MoveIn: 102,
} as const;

export type DevEvent = (typeof Ev)[keyof typeof Ev];

/** Hears every event; a negative errno from a Pre* event vetoes it. */
export type Notifier = (event: DevEvent, dev: NetDevice, info: unknown) => number;

export class NotifierChain {
  private readonly chain: Notifier[] = [];

  /** Where IPv6 stands, which comes after the drivers under drivers/net. */
  private ipv6At = -1;

  add(n: Notifier): void {
    this.chain.push(n);
  }

  /** IPv6's. */
  addIpv6(n: Notifier): void {
    this.ipv6At = this.chain.length;
    this.chain.push(n);
  }

  /** For the drivers of devices on devices, which register with their first use: before IPv6, where drivers that are built in stand. */
  addBeforeIpv6(n: Notifier): void {
    const at = this.ipv6At < 0 ? this.chain.length : this.ipv6At;
    this.chain.splice(at, 0, n);
    if (this.ipv6At >= 0) this.ipv6At++;
  }

  /** For rtnetlink, which hears of everything before the drivers do. */
  addFirst(n: Notifier): void {
    this.chain.unshift(n);
    if (this.ipv6At >= 0) this.ipv6At++;
  }

  /** Calls everyone in the order of registration; stops at the first refusal. */
  call(event: DevEvent, dev: NetDevice, info: unknown = null): number {
    for (let i = 0; i < this.chain.length; i++) {
      const err = this.chain[i](event, dev, info);
      if (err < 0) return err;
    }
    return 0;
  }
}
