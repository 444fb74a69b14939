// A bond's settings: IFLA_BOND_* in and out. Three sorts: those that active-backup works by, those that it does not look at
// and that are kept and shown, and those whose only accepted value is the one that means "off" (the ARP monitor).
// Linux: drivers/net/bonding/bond_netlink.c, bond_changelink(), bond_fill_info(); bond_options.c, bond_opts[].

import { type Attrs, Refusal } from '../../net/linkops.ts';
import { BOND_LINK_UP, BOND_MODE_ACTIVEBACKUP, BOND_MODES, type BondAttrs } from '../../uapi/bond.ts';
import { E } from '../common.ts';
import { changeActive, selectActive } from './failover.ts';
import { hasLink, startMonitor } from './miimon.ts';
import { type Bond, type BondSlave, slaveLog, slaveOf } from './state.ts';

const EPERM = 1;
const EACCES = 13;
const ENOTEMPTY = 39;
const INT_MAX = 0x7fffffff;
const INVALID = 'invalid option value';

/** Kept and shown: first value, least and greatest. `mode`: it means something in that mode alone, and is refused elsewhere. */
const KEPT: ReadonlyArray<readonly [key: keyof BondAttrs, first: number, min: number, max: number, mode?: boolean]> = [
  ['arpAllTargets', 0, 0, 1],
  ['xmitHashPolicy', 0, 0, 5],
  ['minLinks', 0, 0, INT_MAX],
  ['lpInterval', 1, 1, INT_MAX],
  ['packetsPerSlave', 1, 0, 65535, true],
  ['adLacpActive', 1, 0, 1, true],
  ['adLacpRate', 0, 0, 1, true],
  ['adSelect', 0, 0, 2],
  ['adActorSysPrio', 65535, 1, 65535, true],
  ['adUserPortKey', 0, 0, 1023, true],
  ['tlbDynamicLb', 1, 0, 1, true],
  ['missedMax', 2, 1, 255],
  ['coupledControl', 1, 0, 1, true],
  ['broadcastNeigh', 0, 0, 1],
];

/** Only "off" is accepted, and what the words are for the rest. */
const OFF: ReadonlyArray<readonly [key: keyof BondAttrs, what: string]> = [
  ['arpInterval', 'The ARP monitor of a bond is not modelled'],
  ['arpValidate', 'The ARP monitor of a bond is not modelled'],
];

function invalid(): never {
  throw new Refusal(E.EINVAL, INVALID);
}

function inRange(value: number, min: number, max: number): number {
  if (value < min || value > max) invalid();
  return value;
}

/** In the kernel's order; what comes before a refusal stays. */
export function changeOptions(bond: Bond, info: Attrs): void {
  const data = info as BondAttrs;
  if (data.bondMode !== undefined) setMode(bond, data.bondMode);
  if (data.activeSlave !== undefined) setActiveSlave(bond, data.activeSlave);
  if (data.miimon !== undefined) setMiimon(bond, inRange(data.miimon, 0, INT_MAX));
  if (data.updelay !== undefined) bond.updelay = delayOf(bond, data.updelay, 'up');
  if (data.downdelay !== undefined) bond.downdelay = delayOf(bond, data.downdelay, 'down');
  if (data.peerNotifDelay !== undefined) bond.peerNotifDelay = delayOf(bond, data.peerNotifDelay, 'peer notification');
  if (data.useCarrier !== undefined && data.useCarrier !== 1) {
    throw new Refusal(E.EINVAL, 'option obsolete, use_carrier cannot be disabled');
  }
  for (const [key, what] of OFF) {
    if (data[key] !== undefined && data[key] !== 0) throw new Refusal(E.EOPNOTSUPP, what);
  }
  if ((data.arpIpTarget?.length ?? 0) > 0 || (data.nsIp6Target?.length ?? 0) > 0) {
    throw new Refusal(E.EOPNOTSUPP, OFF[0][1]);
  }
  if (data.primary !== undefined) setPrimary(bond, data.primary);
  if (data.primaryReselect !== undefined) {
    bond.primaryReselect = inRange(data.primaryReselect, 0, 2);
    selectActive(bond);
  }
  if (data.failOverMac !== undefined) {
    if (bond.slaves.length > 0) notEmpty();
    bond.failOverMac = inRange(data.failOverMac, 0, 2);
  }
  if (data.resendIgmp !== undefined) bond.resendIgmp = inRange(data.resendIgmp, 0, 255);
  if (data.numPeerNotif !== undefined) bond.numPeerNotif = data.numPeerNotif;
  if (data.allSlavesActive !== undefined) setAllActive(bond, inRange(data.allSlavesActive, 0, 1));
  for (const [key, , min, max, otherMode] of KEPT) {
    const value = data[key] as number | undefined;
    if (value === undefined) continue;
    if (otherMode === true) throw new Refusal(EACCES, 'option not supported in mode');
    bond.kept.set(key, inRange(value, min, max));
  }
}

function notEmpty(): never {
  throw new Refusal(ENOTEMPTY, 'unable to set option because the bond device has slaves');
}

function setMode(bond: Bond, mode: number): void {
  if (bond.slaves.length > 0) notEmpty();
  if (bond.dev.up) throw new Refusal(E.EBUSY, 'unable to set option because the bond is up');
  if (mode >= BOND_MODES.length) invalid();
  if (mode !== BOND_MODE_ACTIVEBACKUP && mode !== bond.mode) {
    throw new Refusal(E.EOPNOTSUPP, `mode ${BOND_MODES[mode]} of a bond is not modelled: only active-backup is`);
  }
  bond.mode = mode;
}

/** By ifindex; 0: whoever is best. */
function setActiveSlave(bond: Bond, ifindex: number): void {
  if (!bond.usesPrimary) throw new Refusal(EACCES, 'option not supported in mode');
  if (ifindex === 0) {
    bond.log('Clearing current active slave');
    changeActive(bond, null);
    selectActive(bond);
    return;
  }
  const dev = bond.dev.ns.devByIndex(ifindex);
  if (dev === null) throw new Refusal(E.ENODEV);
  const slave = slaveOf(dev);
  if (slave === null || slave.bond !== bond) invalid();
  if (slave === bond.active) {
    slaveLog(slave, 'is already the current active slave');
    return;
  }
  if (bond.active === null || slave.link !== BOND_LINK_UP || !hasLink(slave)) invalid();
  slaveLog(slave, 'Setting slave as active slave');
  changeActive(bond, slave);
}

function setMiimon(bond: Bond, ms: number): void {
  bond.miimon = ms;
  if (!bond.dev.up) return;
  if (ms === 0) bond.monitor.disarm();
  else startMonitor(bond);
}

/** In rounds of the monitor, without which a delay makes no sense. */
function delayOf(bond: Bond, ms: number, what: string): number {
  if (ms > INT_MAX) invalid();
  if (bond.miimon === 0) {
    bond.log(`Unable to set ${what} delay as MII monitoring is disabled`);
    throw new Refusal(EPERM);
  }
  return Math.floor(ms / bond.miimon);
}

/** By ifindex; a device that is not there clears it, one that is no slave yet is remembered by its name. */
function setPrimary(bond: Bond, ifindex: number): void {
  if (!bond.usesPrimary) throw new Refusal(EACCES, 'option not supported in mode');
  const name = bond.dev.ns.devByIndex(ifindex)?.name ?? '';
  const slave = bond.slaves.find((s) => s.dev.name === name) ?? null;
  if (slave !== null) slaveLog(slave, 'Setting as primary slave');
  const had = bond.primary !== null;
  bond.primary = slave;
  bond.primaryName = name;
  bond.forcePrimary = slave !== null;
  if (slave !== null || had || name === '') selectActive(bond);
}

function setAllActive(bond: Bond, on: number): void {
  bond.allSlavesActive = on;
  for (const slave of bond.slaves) if (slave.backup) slave.inactive = on === 0;
}

export function initOptions(bond: Bond): void {
  for (const [key, first] of KEPT) bond.kept.set(key, first);
}

/** In the kernel's order. */
export function fillOptions(bond: Bond): Attrs {
  const kept = (key: keyof BondAttrs): number => bond.kept.get(key) as number;
  const out: Record<string, unknown> = { bondMode: bond.mode };
  if (bond.usesPrimary && bond.active !== null) out.activeSlave = bond.active.dev.ifindex;
  out.miimon = bond.miimon;
  out.updelay = bond.updelay * bond.miimon;
  out.downdelay = bond.downdelay * bond.miimon;
  out.peerNotifDelay = bond.peerNotifDelay * bond.miimon;
  out.useCarrier = 1;
  out.arpInterval = 0;
  out.arpValidate = 0;
  out.arpAllTargets = kept('arpAllTargets');
  if (bond.primary !== null) out.primary = bond.primary.dev.ifindex;
  out.primaryReselect = bond.primaryReselect;
  out.failOverMac = bond.failOverMac;
  out.xmitHashPolicy = kept('xmitHashPolicy');
  out.resendIgmp = bond.resendIgmp;
  out.numPeerNotif = bond.numPeerNotif;
  out.allSlavesActive = bond.allSlavesActive;
  out.minLinks = kept('minLinks');
  out.lpInterval = kept('lpInterval');
  out.packetsPerSlave = kept('packetsPerSlave');
  out.adLacpActive = kept('adLacpActive');
  out.adLacpRate = kept('adLacpRate');
  out.adSelect = kept('adSelect');
  out.tlbDynamicLb = kept('tlbDynamicLb');
  out.missedMax = kept('missedMax');
  out.coupledControl = kept('coupledControl');
  out.broadcastNeigh = kept('broadcastNeigh');
  return out;
}

export function changeSlave(slave: BondSlave, data: Attrs): void {
  const { bond, dev } = slave;
  if (data.queueId !== undefined) {
    const id = data.queueId as number;
    if (id > bond.dev.realNumTxQueues || (id !== 0 && bond.slaves.some((s) => s !== slave && s.queueId === id))) {
      throw new Refusal(EPERM);
    }
    slave.queueId = id;
  }
  if (data.prio !== undefined) {
    if (!bond.usesPrimary) throw new Refusal(EACCES, 'option not supported in mode');
    slave.prio = data.prio as number;
    if (bond.primary === null || bond.primary.dev !== dev) selectActive(bond);
  }
}
