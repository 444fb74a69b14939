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

/** Who hears before whom, as the parts of Linux register: rtnetlink, the rest of the core, drivers/net, IPv6, what comes later. */
export const Rank = { Rtnetlink: 0, Core: 1, Drivers: 2, Ipv6: 3, Late: 4 } as const;

export class NotifierChain {
  private readonly chain: Notifier[] = [];
  private readonly ranks: number[] = [];

  /** Behind those of the same rank, also where it registers late, with the first use of a driver that Linux has built in. */
  add(n: Notifier, rank: number = Rank.Late): void {
    const behind = this.ranks.findIndex((r) => r > rank);
    const at = behind < 0 ? this.chain.length : behind;
    this.chain.splice(at, 0, n);
    this.ranks.splice(at, 0, rank);
  }

  /** Calls everyone in order; stops at the first refusal. */
  call(event: DevEvent, dev: NetDevice, info: unknown = null): number {
    for (let i = 0; i < this.chain.length; i++) {
      const err = this.chain[i](event, dev, info);
      if (err < 0) return err;
    }
    return 0;
  }
}
