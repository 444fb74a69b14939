// The link monitor: every miimon milliseconds it looks at the carrier of each slave; a change counts after updelay or
// downdelay rounds. Without it (miimon 0) every slave is taken to be up for ever.
// Linux: drivers/net/bonding/bond_main.c, bond_mii_monitor(), bond_miimon_inspect(), bond_miimon_commit().

import { linkSpeed } from '../../net/ethtool.ts';
import { Ev } from '../../net/notifier.ts';
import { BOND_LINK_BACK, BOND_LINK_DOWN, BOND_LINK_FAIL, BOND_LINK_UP } from '../../uapi/bond.ts';
import { selectActive, setCarrier, setInactive, setLink, shouldNotifyPeers } from './failover.ts';
import { type Bond, type BondSlave, jiffiesNs, slaveLog } from './state.ts';

const NO_CHANGE = -1;
const MAX_U32 = 0xffffffff;

/** Linux: bond_check_dev_link(). */
export function hasLink(slave: BondSlave): boolean {
  return slave.dev.running && slave.dev.carrier;
}

export function startMonitor(bond: Bond): void {
  bond.monitor.armIn(bond.dev.core.kernel.timing.workNs);
}

export function monitorLinks(bond: Bond): void {
  if (bond.slaves.length > 0) {
    const tell = inspect(bond) ? settle(bond) : shouldNotifyPeers(bond);
    if (bond.sendPeerNotif > 0) {
      bond.sendPeerNotif--; // also in the round that made the change, which has told by itself
      if (tell) bond.dev.core.kernel.notifiers.call(Ev.NotifyPeers, bond.dev);
    }
  }
  if (bond.miimon > 0) bond.monitor.armIn(jiffiesNs(bond.miimon));
}

/** Makes the changes; was there something to tell before? */
function settle(bond: Bond): boolean {
  const tell = shouldNotifyPeers(bond);
  for (const slave of bond.slaves) if (slave.proposed !== NO_CHANGE) setLink(slave, slave.proposed);
  commit(bond);
  return tell;
}

/** True when something is to be committed. */
function inspect(bond: Bond): boolean {
  let news = false;
  let ignoreUpdelay = bond.active === null;
  for (const slave of bond.slaves) {
    slave.proposed = NO_CHANGE;
    slave.newLink = NO_CHANGE;
    const link = hasLink(slave);
    if (slave.link === BOND_LINK_UP || slave.link === BOND_LINK_FAIL) {
      if (goingDown(bond, slave, link)) news = true;
      continue;
    }
    const rises = goingUp(bond, slave, link, ignoreUpdelay);
    if (rises) news = true;
    if (slave.newLink === BOND_LINK_UP) ignoreUpdelay = false;
  }
  return news;
}

function goingDown(bond: Bond, slave: BondSlave, link: boolean): boolean {
  let news = false;
  if (slave.link === BOND_LINK_UP) {
    if (link) return false;
    slave.proposed = BOND_LINK_FAIL;
    news = true;
    slave.delay = bond.downdelay;
    if (slave.delay > 0) {
      const which = slave.backup ? 'backup ' : 'active ';
      slaveLog(slave, `link status down for ${which}interface, disabling it in ${bond.downdelay * bond.miimon} ms`);
    }
  }
  if (link) {
    slave.proposed = BOND_LINK_UP;
    slaveLog(slave, `link status up again after ${(bond.downdelay - slave.delay) * bond.miimon} ms`);
    return true;
  }
  if (slave.delay <= 0) {
    slave.newLink = BOND_LINK_DOWN;
    return true;
  }
  slave.delay--;
  return news;
}

function goingUp(bond: Bond, slave: BondSlave, link: boolean, ignoreUpdelay: boolean): boolean {
  let news = false;
  if (slave.link === BOND_LINK_DOWN) {
    if (!link) return false;
    slave.proposed = BOND_LINK_BACK;
    news = true;
    slave.delay = bond.updelay;
    if (slave.delay > 0) {
      const wait = ignoreUpdelay ? 0 : bond.updelay * bond.miimon;
      slaveLog(slave, `link status up, enabling it in ${wait} ms`);
    }
  }
  if (!link) {
    slave.proposed = BOND_LINK_DOWN;
    slaveLog(slave, `link status down again after ${(bond.updelay - slave.delay) * bond.miimon} ms`);
    return true;
  }
  if (ignoreUpdelay) slave.delay = 0;
  if (slave.delay <= 0) {
    slave.newLink = BOND_LINK_UP;
    return true;
  }
  slave.delay--;
  return news;
}

function commit(bond: Bond): void {
  let failover = false;
  for (const slave of bond.slaves) {
    if (slave.newLink === BOND_LINK_UP) {
      setLink(slave, BOND_LINK_UP);
      const speed = linkSpeed(slave.dev);
      slaveLog(slave, `link status definitely up, ${speed} Mbps full duplex`);
      if (bond.active === null || slave === bond.primary || slave.prio > bond.active.prio) failover = true;
    } else if (slave.newLink === BOND_LINK_DOWN) {
      if (slave.linkFailureCount < MAX_U32) slave.linkFailureCount++;
      setLink(slave, BOND_LINK_DOWN);
      setInactive(slave);
      slaveLog(slave, 'link status definitely down, disabling slave');
      if (slave === bond.active) failover = true;
    }
  }
  if (failover) selectActive(bond);
  setCarrier(bond);
}
