// L2 forwarding offload as whoever explains it sees it: what a NIC says about its stations, and why an upperdev is none.
// Plain data; Linux shows next to nothing of it. The doors are NetDevice.describeOffload and L2fwUpper.outcome.

import type { NetDevice } from './netdev.ts';

/** How opening an upperdev went. Times are virtual ns. */
export interface OffloadOutcome {
  readonly atNs: number;
  /**
   * `station`: the NIC carries it. `feature-off`: l2-fwd-offload was off at open. `unsupported`: the device below has no
   * such offload (a VLAN device, veth, a bridge). `passthru`: that mode never asks. `refused`: the driver said no, with
   * `errno` (positive). `released`: the driver gave the station up later, and software took over.
   */
  readonly how: 'station' | 'feature-off' | 'unsupported' | 'passthru' | 'refused' | 'released';
  readonly errno: number;
}

/** A range of queues. */
export interface QueueRange {
  readonly offset: number;
  readonly count: number;
}

/** One station. Linux: struct ixgbe_fwd_adapter, struct i40e_fwd_adapter. */
export interface OffloadStation {
  readonly id: number;
  readonly upper: NetDevice;
  /** Its number as a subordinate channel; 0: the driver uses none. */
  readonly channel: number;
  /** The address that the hardware sorts by: that of the upperdev when it was bound. 0: not bound yet. */
  readonly filter: number;
  /** false: the lowerdev is down, and the queues come when it is up. */
  readonly bound: boolean;
  /** Empty (count 0): it shares the port's own. */
  readonly tx: QueueRange;
  readonly rx: QueueRange;
  /** Virtual ns at which it was given. */
  readonly sinceNs: number;
  readonly rxPackets: number;
  /** Those of them that the embedded switch brought from inside. */
  readonly loopPackets: number;
}

/** A request that the driver turned down; the upperdev works in software. */
export interface OffloadRefusal {
  readonly upper: NetDevice;
  readonly atNs: number;
  /** Positive. */
  readonly errno: number;
  /** What the driver could not do, in words. */
  readonly why: string;
}

/** The whole of a NIC. */
export interface OffloadState {
  /** Profile of the NIC. */
  readonly profile: string;
  /** l2-fwd-offload is on now. Stations that exist may outlive it (`whenOff`). */
  readonly enabled: boolean;
  /** The embedded switch: does it forward between its own (VEB), or send all to the wire (VEPA)? */
  readonly hwmode: 'veb' | 'vepa';
  readonly stationsMax: number;
  readonly stationsUsed: number;
  /** The port's own queues, now. */
  readonly own: QueueRange;
  readonly queuesPerStation: number;
  /** Virtual switch interfaces: the port's own and one per station that is bound. */
  readonly vsis: number;
  /** Stations' rings stop the upperdev's txq, not the port's: the condition of ENETDOWN on a noqueue upperdev. */
  readonly ringOnUpper: boolean;
  /** What switching the feature off does to stations: release, drop (silently; the upperdev goes deaf) or ignore. */
  readonly whenOff: 'release' | 'drop' | 'ignore';
  /** Do frames of a station arrive on the upperdev itself, past the lowerdev's taps and rx handler? */
  readonly rxOnUpper: boolean;
  readonly replicates: boolean;
  readonly stations: readonly OffloadStation[];
  /** The latest of each upperdev that is still there and no station. */
  readonly refusals: readonly OffloadRefusal[];
}

/** What a driver was asked, and what it did: kernel.trace.offload. `rc`: 0 or -errno. */
export type OffloadCall =
  | {
      readonly op: 'add-station';
      readonly upper: NetDevice;
      readonly rc: number;
      readonly station: number;
      readonly channel: number;
      readonly channelRc: number;
    }
  | {
      readonly op: 'bind';
      readonly upper: NetDevice;
      readonly rc: number;
      readonly queues: QueueRange;
      readonly filter: number;
    }
  /** `stale`: the driver had forgotten it before. */
  | {
      readonly op: 'del-station';
      readonly upper: NetDevice;
      readonly station: number;
      readonly filter: number;
      readonly stale: boolean;
    }
  | { readonly op: 'release'; readonly upper: NetDevice }
  | { readonly op: 'set-features'; readonly on: boolean }
  | { readonly op: 'hwmode'; readonly mode: number };
