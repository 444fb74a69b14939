// Which slave carries the frames, and what happens when that changes: receive filters move, MACs change as fail_over_mac
// says, carrier follows, and the neighbours are told. Linux: drivers/net/bonding/bond_main.c, bond_select_active_slave(),
// bond_change_active_slave(), bond_do_fail_over_mac(), bond_set_carrier().

import { devMcSync, devMcUnsync, devUcSync, devUcUnsync } from '../../net/addrlist.ts';
import { linkSpeed } from '../../net/ethtool.ts';
import { ADDR_STOLEN, IFF_ALLMULTI, IFF_PROMISC } from '../../net/flags.ts';
import type { NetDevice } from '../../net/netdev.ts';
import { Ev } from '../../net/notifier.ts';
import { BOND_LINK_BACK, BOND_LINK_UP } from '../../uapi/bond.ts';
import {
  type Bond,
  type BondSlave,
  FOM_ACTIVE,
  FOM_FOLLOW,
  jiffiesNs,
  RESELECT_BETTER,
  RESELECT_FAILURE,
  slaveLog,
} from './state.ts';

const REJOIN_MS = 200;

export function setInactive(slave: BondSlave): void {
  setBackup(slave, true);
  if (slave.bond.allSlavesActive === 0) slave.inactive = true;
}

function setActive(slave: BondSlave): void {
  setBackup(slave, false);
  slave.inactive = false;
}

function setBackup(slave: BondSlave, backup: boolean): void {
  if (slave.backup === backup) return;
  slave.backup = backup;
  lowerStateChanged(slave);
}

/** Linux: bond_lower_state_changed(). */
export function lowerStateChanged(slave: BondSlave): void {
  slave.dev.core.kernel.notifiers.call(Ev.ChangeLowerState, slave.dev);
}

/** Sets the link and tells. Linux: bond_set_slave_link_state(). */
export function setLink(slave: BondSlave, link: number): void {
  if (slave.link === link) return;
  slave.link = link;
  lowerStateChanged(slave);
}

/** True when the bond's carrier changed. It has some while a slave's link is up. */
export function setCarrier(bond: Bond): boolean {
  const watch = bond.dev.core.kernel.linkWatch;
  const on = bond.slaves.some((s) => s.link === BOND_LINK_UP);
  if (on === bond.dev.carrier) return false;
  if (on) watch.carrierOn(bond.dev);
  else watch.carrierOff(bond.dev);
  return true;
}

/** Linux: bond_choose_primary_or_current(). */
function primaryOrCurrent(bond: Bond): BondSlave | null {
  const curr = bond.active;
  let prim = bond.primary;
  if (prim === null || prim.link !== BOND_LINK_UP) {
    let best: BondSlave | null = null;
    for (const s of bond.slaves) if (s.link === BOND_LINK_UP && (best === null || s.prio > best.prio)) best = s;
    if (best === null || best === curr) return curr !== null && curr.link === BOND_LINK_UP ? curr : null;
    prim = best;
  } else if (bond.forcePrimary) {
    bond.forcePrimary = false;
    return prim;
  }
  if (curr === null || curr.link !== BOND_LINK_UP) return prim;
  if (bond.primaryReselect === RESELECT_FAILURE) return curr;
  if (bond.primaryReselect === RESELECT_BETTER && linkSpeed(prim.dev) <= linkSpeed(curr.dev)) return curr;
  return prim;
}

/** Linux: bond_find_best_slave(). */
function findBest(bond: Bond): BondSlave | null {
  const chosen = primaryOrCurrent(bond);
  if (chosen !== null) return chosen;
  let best: BondSlave | null = null;
  let least = bond.updelay;
  for (const s of bond.slaves) {
    if (s.link === BOND_LINK_UP) return s;
    if (s.link === BOND_LINK_BACK && s.dev.running && s.dev.carrier && s.delay < least) {
      least = s.delay;
      best = s;
    }
  }
  return best;
}

/** Another active slave, if there is a better one. */
export function selectActive(bond: Bond): void {
  const best = findBest(bond);
  if (best === bond.active) return;
  changeActive(bond, best);
  if (!setCarrier(bond)) return;
  bond.log(bond.dev.carrier ? 'active interface up!' : 'now running without any active interface!');
}

export function changeActive(bond: Bond, next: BondSlave | null): void {
  const old = bond.active;
  if (old === next) return;
  if (next !== null) {
    if (next.link === BOND_LINK_BACK) {
      const early = (bond.updelay - next.delay) * bond.miimon;
      slaveLog(next, `making interface the new active one ${early} ms earlier`);
      next.delay = 0;
      setLink(next, BOND_LINK_UP);
    } else slaveLog(next, 'making interface the new active one');
  }
  swapFilters(bond, next, old);
  bond.active = next;
  if (old !== null) setInactive(old);
  if (next !== null) tellOfNew(bond, next, old);
  if (bond.dev.running && bond.resendIgmp > 0 && next !== null) {
    bond.rejoinsLeft = bond.resendIgmp;
    bond.rejoin.armIn(jiffiesNs(1));
  }
}

function tellOfNew(bond: Bond, next: BondSlave, old: BondSlave | null): void {
  const { notifiers } = bond.dev.core.kernel;
  setActive(next);
  if (bond.failOverMac !== 0) failOverMac(bond, next, old);
  let tell = false;
  if (bond.dev.running) {
    bond.sendPeerNotif = bond.numPeerNotif * Math.max(1, bond.peerNotifDelay);
    tell = shouldNotifyPeers(bond);
  }
  notifiers.call(Ev.BondingFailover, bond.dev);
  if (!tell) return;
  bond.sendPeerNotif--;
  notifiers.call(Ev.NotifyPeers, bond.dev);
}

/** Now, or after the link watch has told of the slave's carrier: before that its qdisc would drop the news. */
export function shouldNotifyPeers(bond: Bond): boolean {
  if (bond.sendPeerNotif === 0 || bond.sendPeerNotif % Math.max(1, bond.peerNotifDelay) !== 0) return false;
  if (!bond.dev.carrier || bond.active === null) return false;
  return !bond.dev.core.kernel.linkWatch.isPending(bond.active.dev);
}

/** The work that lets switches and routers learn of the groups anew. */
export function rejoinGroups(bond: Bond): void {
  bond.dev.core.kernel.notifiers.call(Ev.ResendIgmp, bond.dev);
  if (--bond.rejoinsLeft > 0) bond.rejoin.armIn(jiffiesNs(REJOIN_MS));
}

/** Lists and flags of the bond go from the old slave to the new. Linux: bond_hw_addr_swap(). */
function swapFilters(bond: Bond, next: BondSlave | null, old: BondSlave | null): void {
  const { dev } = bond;
  const core = dev.core;
  if (old !== null) {
    if ((dev.flags & IFF_PROMISC) !== 0) core.setPromiscuity(old.dev, -1);
    if ((dev.flags & IFF_ALLMULTI) !== 0) core.setAllmulti(old.dev, -1);
    if (dev.up) flushFilters(dev, old.dev);
  }
  if (next !== null) {
    if ((dev.flags & IFF_PROMISC) !== 0) core.setPromiscuity(next.dev, 1);
    if ((dev.flags & IFF_ALLMULTI) !== 0) core.setAllmulti(next.dev, 1);
    if (!dev.up) return;
    devUcSync(next.dev, dev);
    devMcSync(next.dev, dev);
  }
}

/** Linux: bond_hw_addr_flush(). */
export function flushFilters(dev: NetDevice, slave: NetDevice): void {
  devUcUnsync(slave, dev);
  devMcUnsync(slave, dev);
}

/** The bond takes over a slave's address. Linux: bond_set_dev_addr(). */
export function takeAddress(bond: Bond, slave: NetDevice): void {
  bond.dev.addr = slave.addr;
  bond.dev.addrAssignType = ADDR_STOLEN;
  bond.dev.core.kernel.notifiers.call(Ev.ChangeAddr, bond.dev);
}

function failOverMac(bond: Bond, next: BondSlave, old: BondSlave | null): void {
  const core = bond.dev.core;
  if (bond.failOverMac === FOM_ACTIVE) {
    takeAddress(bond, next.dev);
    return;
  }
  if (bond.failOverMac !== FOM_FOLLOW) return;
  const former = old ?? previousOwner(bond, next);
  const spare = next.dev.addr;
  const wanted = former === null ? bond.dev.addr : former.dev.addr;
  if (core.setMacAddress(next.dev, wanted) < 0) return;
  if (former !== null) core.setMacAddress(former.dev, spare);
}

/** Of those that are not active, the one that still has the bond's address. Linux: bond_get_old_active(). */
function previousOwner(bond: Bond, next: BondSlave): BondSlave | null {
  return bond.slaves.find((s) => s !== next && s.dev.addr === bond.dev.addr) ?? null;
}
