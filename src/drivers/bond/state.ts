// The state of a bond and of its ports, called slaves as in the kernel's interface.
// Linux: include/net/bonding.h, struct bonding, struct slave, struct bond_params.

import { DevStats, type NetDevice } from '../../net/netdev.ts';
import { readStats } from '../../net/stats.ts';
import { Timer } from '../../sim/timer.ts';
import { BOND_LINK_DOWN, BOND_MODE_ACTIVEBACKUP } from '../../uapi/bond.ts';

/** fail_over_mac. */
export const FOM_NONE = 0;
export const FOM_ACTIVE = 1;
export const FOM_FOLLOW = 2;
/** primary_reselect. */
export const RESELECT_BETTER = 1;
export const RESELECT_FAILURE = 2;

const JIFFY_NS = 4_000_000;
const FIELDS = Object.keys(new DevStats()) as Array<keyof DevStats>;

export class BondSlave {
  readonly bond: Bond;
  readonly dev: NetDevice;
  /** BOND_LINK_*, and what the monitor wants to make of it (-1: nothing). */
  link = BOND_LINK_DOWN;
  proposed = -1;
  newLink = -1;
  /** Rounds of the monitor until a change counts. */
  delay = 0;
  /** Not the active one; and its frames are not heard. */
  backup = false;
  inactive = false;
  linkFailureCount = 0;
  /** What it had before, and gets back. */
  permAddr = 0;
  originalMtu = 0;
  queueId = 0;
  prio = 0;
  /** Counters that the bond has taken note of. */
  counted: DevStats;

  constructor(bond: Bond, dev: NetDevice) {
    this.bond = bond;
    this.dev = dev;
    this.counted = readStats(dev);
  }
}

export class Bond {
  readonly dev: NetDevice;
  /** In the order in which they came. */
  readonly slaves: BondSlave[] = [];
  active: BondSlave | null = null;
  primary: BondSlave | null = null;
  /** Name of the device that shall be primary, whether or not it is a slave. */
  primaryName = '';
  forcePrimary = false;
  /** Announcements still to make, in rounds of the monitor. */
  sendPeerNotif = 0;
  mode = 0;
  miimon = 0;
  /** In rounds of the monitor. */
  updelay = 0;
  downdelay = 0;
  peerNotifDelay = 0;
  primaryReselect = 0;
  failOverMac = FOM_NONE;
  resendIgmp = 1;
  numPeerNotif = 1;
  allSlavesActive = 0;
  /** Settings that active-backup does not look at: kept and shown. */
  readonly kept = new Map<string, number>();
  readonly monitor: Timer<Bond>;
  readonly rejoin: Timer<Bond>;
  rejoinsLeft = 0;
  /** A change of features of a slave that the bond itself causes is not news. */
  busy = false;
  /** Counters of slaves so far, also of those that left. */
  private readonly total = new DevStats();

  constructor(dev: NetDevice, monitor: (bond: Bond) => void, rejoin: (bond: Bond) => void) {
    this.dev = dev;
    this.monitor = new Timer(dev.core.kernel.loop, monitor, this as Bond);
    this.rejoin = new Timer(dev.core.kernel.loop, rejoin, this as Bond);
  }

  get usesPrimary(): boolean {
    return this.mode === BOND_MODE_ACTIVEBACKUP;
  }

  /** Linux: bond_get_stats(). */
  addStats(into: DevStats): void {
    this.countSlaves();
    for (const f of FIELDS) into[f] = this.total[f];
  }

  countSlaves(): void {
    for (const slave of this.slaves) {
      const now = readStats(slave.dev);
      for (const f of FIELDS) this.total[f] += now[f] - slave.counted[f];
      slave.counted = now;
    }
  }

  /** `bond0: ...` in the kernel's log. */
  log(words: string): void {
    this.dev.core.kernel.hooks.log(`${this.dev.name}: ${words}`);
  }
}

export function bondOf(dev: NetDevice): Bond {
  return dev.priv as Bond;
}

/** The slave that a device is, or null. */
export function slaveOf(dev: NetDevice): BondSlave | null {
  const { master } = dev;
  if (master === null || !(master.priv instanceof Bond)) return null;
  return master.priv.slaves.find((s) => s.dev === dev) ?? null;
}

export function slaveLog(slave: BondSlave, words: string): void {
  slave.bond.log(`(slave ${slave.dev.name}): ${words}`);
}

/** Milliseconds as a kernel with HZ=250 waits them. */
export function jiffiesNs(ms: number): number {
  return Math.ceil((ms * 1e6) / JIFFY_NS) * JIFFY_NS;
}
