// What stops a probe at home: no address, no route, a device that sends nothing; or a target that hears the question and keeps
// quiet. Read off the state that the kernel decided by.

import { Drop } from '../../net/drop.ts';
import type { NetDevice } from '../../net/netdev.ts';
import type { NetNs } from '../../net/netns.ts';
import type { Outcome, Party } from '../measure/cells.ts';
import type { Model } from '../model.ts';
import { words } from './cures.ts';
import { downOf, type Finding, find, ipv6Off, lostAt, rpFilter } from './losses.ts';
import { dadTrouble, devicesOf, ipv6Disabled, isStrict, localName, ownerIn } from './place.ts';
import type { Packet } from './recorder.ts';
import { chainOf } from './topology.ts';

export interface Asked {
  readonly model: Model;
  readonly outcome: Outcome;
  readonly from: Party;
  readonly to: Party;
  readonly fromNs: NetNs;
  readonly toNs: NetNs;
  readonly packets: readonly Packet[];
}

export function familyOf({ outcome }: Asked): 4 | 6 {
  return outcome.cell.traffic === 'ipv6' ? 6 : 4;
}

/** The device that the probe left by. */
export function senderOf({ outcome, from, fromNs }: Asked): NetDevice | null {
  const named = outcome.there === null ? null : fromNs.dev(localName(outcome.there.device));
  return named ?? devicesOf(fromNs, from)[0] ?? null;
}

export function targetOf({ outcome, to, toNs }: Asked): NetDevice | null {
  const owner = outcome.there === null ? null : ownerIn(toNs, outcome.there.destination);
  return owner ?? devicesOf(toNs, to)[0] ?? null;
}

export function noAddress(asked: Asked): Finding {
  const { from, to, fromNs, toNs } = asked;
  const family = familyOf(asked);
  for (const [ns, party] of [
    [toNs, to],
    [fromNs, from],
  ] as const) {
    for (const dev of devicesOf(ns, party)) {
      if (party.device !== null && !dev.up) return downOf(dev);
      if (family === 6 && party.device !== null && ipv6Disabled(dev)) return ipv6Off(dev);
      const dad = family === 6 ? dadTrouble(dev) : null;
      if (dad !== null) return dadFinding(dev, dad);
    }
  }
  const target = to.addresses.some((a) => a.family === family) || hasGlobal(toNs, to, family);
  return target
    ? find('no-source-address', noSource(from, family), null, words('an address for it'))
    : find('no-address', `${nameOf(to)} has no IPv${family} address`, null, words('an address for it'));
}

function noSource(from: Party, family: 4 | 6): string {
  return `${nameOf(from)} has no IPv${family} address to send from`;
}

function nameOf({ name }: Party): string {
  return name === 'host' ? 'the host' : name;
}

function hasGlobal(ns: NetNs, party: Party, family: 4 | 6): boolean {
  return devicesOf(ns, party).some((dev) => {
    const inet = family === 4 ? dev.inet : dev.inet6;
    const addrs = (inet as { addrs?: ReadonlyArray<{ scope: number }> } | null)?.addrs ?? [];
    return addrs.some((a) => a.scope === 0);
  });
}

export function dadFinding(dev: NetDevice, dad: { failed: boolean; address: string }): Finding {
  const text = dad.failed
    ? `DAD failed: another device has (or had) ${dad.address}`
    : `${dad.address} is tentative: duplicate address detection has not ended`;
  const cure = `one device for the address, then: ip -6 addr del ${dad.address} dev ${dev.name}, and add it again`;
  return find('dad', text, dev, dad.failed ? words(cure) : null);
}

export function noRoute(asked: Asked): Finding {
  const { from, fromNs, toNs, to, outcome } = asked;
  const down = devicesOf(fromNs, from).find((dev) => !dev.up && from.device !== null);
  if (down !== undefined) return downOf(down);
  const family = familyOf(asked);
  const off = devicesOf(fromNs, from).find((dev) => family === 6 && from.device !== null && ipv6Disabled(dev));
  if (off !== undefined) return ipv6Off(off);
  if (!hasGlobal(fromNs, from, family)) {
    return find('no-source-address', noSource(from, family), null, words('an address for it'), [outcome.evidence]);
  }
  const dest = outcome.there?.destination ?? to.addresses.find((a) => a.family === family)?.address ?? toNs.label;
  const cure = `a "gateway" or "routes", or an address in the subnet of ${dest}`;
  return find('no-route', 'other subnet, and no route to it', null, words(cure), [outcome.evidence]);
}

export function unsent(asked: Asked): Finding {
  const s = senderOf(asked);
  if (s !== null) {
    const down = chainOf(s).find((dev) => !dev.up);
    if (down !== undefined) return downOf(down);
    for (const { marks } of asked.packets) {
      const drop = marks.find((m) => m.drop !== Drop.None && m.dev !== null && chainOf(s).includes(m.dev));
      if (drop !== undefined) return lostAt(drop, drop.dev ?? s);
    }
  }
  return find('lost', asked.outcome.evidence, s, null);
}

/** It heard the question and kept quiet. */
export function silent({ outcome }: Asked, dev: NetDevice, hop: string): Finding {
  if (hop.includes(':') && ipv6Disabled(dev)) return ipv6Off(dev);
  const back = outcome.back === null ? dev.name : localName(outcome.back.device);
  if (back !== dev.name && isStrict(dev)) return rpFilter(dev, [`the way back is by ${back}`]);
  const text = `${dev.label} hears the question for ${hop} and does not answer`;
  const cure = words(`sysctl net.ipv4.conf.{all,${dev.name}}.{arp_ignore,arp_filter,rp_filter}`);
  return find('arp-ignored', text, dev, cure);
}
