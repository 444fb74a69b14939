// /sys/class/net/BOND/bonding and what its slaves have: the settings that scripts read and write, each by the same way as a
// request. Linux: drivers/net/bonding/bond_sysfs.c, bond_sysfs_slave.c.

import { bondLink } from '../drivers/bond/bond.ts';
import { type Bond, bondOf, slaveOf } from '../drivers/bond/state.ts';
import { type Attrs, Refusal } from '../net/linkops.ts';
import type { NetDevice } from '../net/netdev.ts';
import { BOND_FAIL_OVER_MAC, BOND_LINKS, BOND_MODES, BOND_PRIMARY_RESELECT, BOND_SLAVE_STATES } from '../uapi/bond.ts';
import { formatMac } from '../uapi/format.ts';
import { folder, knob, text, type VNode } from './vfs.ts';

const EINVAL = 22;
const ENODEV = 19;

function refused(act: () => number): number {
  try {
    return act();
  } catch (refusal) {
    if (refusal instanceof Refusal) return -refusal.errno;
    throw refusal;
  }
}

function change(dev: NetDevice, data: Attrs): number {
  return refused(() => {
    bondLink.changelink?.(dev, {}, data);
    return 0;
  });
}

/** A number. */
function number(dev: NetDevice, attr: string, read: (bond: Bond) => number): VNode {
  return knob(
    () => `${read(bondOf(dev))}\n`,
    (value) => (/^\d+\s*$/.test(value) ? change(dev, { [attr]: Number(value) }) : -EINVAL),
  );
}

/** A word and its number; either may be written. */
function choice(dev: NetDevice, attr: string, names: readonly string[], read: (bond: Bond) => number): VNode {
  return knob(
    () => `${names[read(bondOf(dev))]} ${read(bondOf(dev))}\n`,
    (value) => {
      const word = value.trim();
      const at = /^\d+$/.test(word) ? Number(word) : names.indexOf(word);
      return at < 0 || at >= names.length ? -EINVAL : change(dev, { [attr]: at });
    },
  );
}

/** A device by name; an empty line clears it. */
function device(dev: NetDevice, attr: string, read: (bond: Bond) => string | undefined): VNode {
  return knob(
    () => {
      const name = read(bondOf(dev));
      return name === undefined ? '' : `${name}\n`;
    },
    (value) => {
      const name = value.trim();
      const index = name === '' ? 0 : (dev.ns.dev(name)?.ifindex ?? -1);
      return index < 0 ? -ENODEV : change(dev, { [attr]: index });
    },
  );
}

/** `+DEV` and `-DEV`. */
function slaves(dev: NetDevice): VNode {
  return knob(
    () =>
      `${bondOf(dev)
        .slaves.map((s) => s.dev.name)
        .join(' ')}\n`,
    (value) => {
      const slave = dev.ns.dev(value.trim().slice(1));
      if (!/^[+-]/.test(value)) return -EINVAL;
      if (slave === null) return -ENODEV;
      return refused(() => (value[0] === '+' ? dev.addSlave?.(dev, slave) : dev.delSlave?.(dev, slave)) ?? -EINVAL);
    },
  );
}

export function bondingSysFolder(dev: NetDevice): VNode {
  return folder({
    active_slave: device(dev, 'activeSlave', (b) => b.active?.dev.name),
    all_slaves_active: number(dev, 'allSlavesActive', (b) => b.allSlavesActive),
    downdelay: number(dev, 'downdelay', (b) => b.downdelay * b.miimon),
    fail_over_mac: choice(dev, 'failOverMac', BOND_FAIL_OVER_MAC, (b) => b.failOverMac),
    mii_status: text(() => (dev.carrier ? 'up\n' : 'down\n')),
    miimon: number(dev, 'miimon', (b) => b.miimon),
    mode: choice(dev, 'bondMode', BOND_MODES, (b) => b.mode),
    num_grat_arp: number(dev, 'numPeerNotif', (b) => b.numPeerNotif),
    num_unsol_na: number(dev, 'numPeerNotif', (b) => b.numPeerNotif),
    primary: device(dev, 'primary', (b) => b.primary?.dev.name),
    primary_reselect: choice(dev, 'primaryReselect', BOND_PRIMARY_RESELECT, (b) => b.primaryReselect),
    resend_igmp: number(dev, 'resendIgmp', (b) => b.resendIgmp),
    slaves: slaves(dev),
    updelay: number(dev, 'updelay', (b) => b.updelay * b.miimon),
  });
}

/** Of a device that is a slave; null: it is none. */
export function bondingSlaveFolder(dev: NetDevice): VNode | null {
  const slave = slaveOf(dev);
  if (slave === null) return null;
  const line = (value: () => string | number): VNode => text(() => `${value()}\n`);
  return folder({
    link_failure_count: line(() => slave.linkFailureCount),
    mii_status: line(() => BOND_LINKS[slave.link].toLowerCase().replace('_', ' ')),
    perm_hwaddr: line(() => formatMac(slave.permAddr)),
    queue_id: line(() => slave.queueId),
    state: line(() => BOND_SLAVE_STATES[slave.backup ? 1 : 0].toLowerCase()),
  });
}
