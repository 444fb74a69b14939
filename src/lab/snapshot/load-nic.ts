// Devices whose far side a snapshot does not have: hardware, and kinds of links that the model does not know. Each becomes a
// NIC of the same name, number, address and features; its cable leads to a device in a hidden namespace, which is where what
// the snapshot sees ends.

import { Stream } from '../../base/random.ts';
import { createNic, portOf } from '../../drivers/nic/nic.ts';
import { NicPort } from '../../drivers/nic/port.ts';
import { type NicProfile, profiles } from '../../drivers/nic/profiles.ts';
import type { Veth } from '../../drivers/veth/veth.ts';
import { IFF_UP } from '../../net/flags.ts';
import type { NetDevice } from '../../net/netdev.ts';
import type { NetNs } from '../../net/netns.ts';
import type { Skb } from '../../net/skb.ts';
import { Cable } from '../../sim/cable.ts';
import { FEATURE_NAMES } from '../../uapi/ethtool-names.ts';
import { parseMac } from '../../uapi/format.ts';
import { ARPHRD_ETHER } from '../../uapi/link.ts';
import type { SnapLink, SnapNamespace } from './snapshot.ts';
import { UNSEEN, type World } from './world.ts';

/** Delay of the cable, ns; nobody knows the real one. */
const DELAY_NS = 500;
const BEYOND = 'beyond ';
const GENERIC = profiles.find((p) => p.name === 'generic') as NicProfile;

/** The far end of a device that leads out of what the snapshot sees: of a NIC's cable, or of a pair; null: it does not. */
export function beyondOf(dev: NetDevice): NetDevice | null {
  const far =
    dev.priv instanceof NicPort ? ownerOf(dev.priv) : dev.linkOps?.kind === 'veth' ? (dev.priv as Veth).peer : null;
  return far != null && isBeyond(far.ns) ? far : null;
}

function ownerOf({ end }: NicPort): NetDevice | null {
  const owner = end?.far.owner;
  return owner instanceof NicPort ? owner.dev : null;
}

export function makeNic(world: World, ns: SnapNamespace, link: SnapLink): NetDevice {
  const net = world.at(ns.id);
  const known = profiles.find((p) => p.driver === link.driver) ?? null;
  const profile = known ?? GENERIC;
  const wantsOffload = link.features?.changeable.includes('l2-fwd-offload') ?? false;
  const dev = createNic(net, {
    name: link.name,
    ifindex: link.index,
    profile: { ...profile, driver: link.driver === '' ? profile.driver : link.driver, maxMtu: largest(link) },
    mac: link.mac === null ? null : parseMac(link.mac),
    queues: realTxQueues(link) ?? (known === null ? Math.min(link.queues.tx, profile.queues) : null),
    ring: null,
    speedBps: null,
    mtu: link.mtu,
    busInfo: link.busDevice === '' ? null : link.busDevice,
    unicastFilters: null,
    ...(wantsOffload ? {} : { offload: null }),
    quirks: wantsOffload ? {} : { txqs: Math.max(link.queues.tx, 1) },
    timing: null,
  });
  dev.permAddr = link.permanentMac === null ? 0 : (parseMac(link.permanentMac) ?? 0);
  dev.minMtu = link.minMtu;
  dev.maxMtu = link.maxMtu;
  if (link.features !== null) setFeatures(dev, bitsOf(link.features.on), bitsOf(link.features.changeable));
  sayWhatIsDifferent(world, ns, link, known);
  if (link.carrier || !link.up) plug(world, dev, link);
  return dev;
}

/** Of those that there are, how many are in use: they have a class. null: not told. */
export function realTxQueues({ queues }: SnapLink): number | null {
  const used = queues.trafficClass.filter((text) => text !== '').length;
  return used === 0 ? null : used;
}

function largest({ maxMtu, mtu }: SnapLink): number {
  return maxMtu === 0 ? Math.max(mtu, 65535) : maxMtu;
}

export function bitsOf(names: readonly string[]): bigint {
  return FEATURE_NAMES.reduce(
    (set, name, bit) => (name !== '' && names.includes(name) ? set | (1n << BigInt(bit)) : set),
    0n,
  );
}

function setFeatures(dev: NetDevice, on: bigint, changeable: bigint): void {
  dev.setFeatures?.(dev, on);
  dev.features = on;
  dev.hwFeatures = changeable;
  dev.wantedFeatures = on & changeable;
}

function sayWhatIsDifferent(world: World, ns: SnapNamespace, link: SnapLink, known: NicProfile | null): void {
  const what = link.driver === '' ? 'hardware' : `a NIC of the driver ${link.driver}`;
  if (link.kind !== '') {
    world.note(
      ns,
      `${link.name}: the model has no links of kind ${link.kind}; here it is a NIC that leads out of what the snapshot sees`,
    );
  } else if (known === null) {
    world.note(
      ns,
      `${link.name}: the model does not know ${what}; here it is a plain NIC with the same address and features`,
    );
  }
  if (link.type !== ARPHRD_ETHER) world.note(ns, `${link.name}: not Ethernet (type ${link.type}), taken for Ethernet`);
}

/** Gives the device a link. What the other end hears ends there. */
function plug(world: World, dev: NetDevice, link: SnapLink): void {
  const far = farEnd(world, dev.ns, link);
  const { kernel } = world.model;
  const options = { rateBps: 0, delayNs: DELAY_NS, lossNum: 0, lossDen: 1 };
  const cable = new Cable<Skb>(kernel.loop, new Stream(kernel.seed, `cable:${dev.label}`), options);
  portOf(dev).plug(cable.a);
  portOf(far).plug(cable.b);
  far.core.changeFlags(far, far.flags | IFF_UP);
}

function farEnd(world: World, ns: NetNs, link: SnapLink): NetDevice {
  const hidden = world.hidden(`${BEYOND}${ns.label === '' ? '' : `${ns.label}/`}${link.name}`);
  return nicOf(hidden, link.name, largest(link), 0);
}

function nicOf(ns: NetNs, name: string, mtu: number, ifindex: number): NetDevice {
  return createNic(ns, {
    ...{ name, ifindex, mtu, queues: 1, profile: { ...GENERIC, maxMtu: mtu }, offload: null, timing: null },
    ...{ mac: null, ring: null, speedBps: null, busInfo: null, unicastFilters: null },
  });
}

/** A lower device of which only its number is known, with a link that leads on. */
export function makeUnseenNic(world: World, where: NetNs, index: number, link: SnapLink): void {
  if (where.devByIndex(index) !== null) return;
  const dev = nicOf(where, `if${index}`, largest(link), index);
  plug(world, dev, link);
  dev.core.changeFlags(dev, dev.flags | IFF_UP);
}

/** Is it where what the snapshot sees has ended? */
function isBeyond(ns: NetNs): boolean {
  return ns.hidden && (ns.label.startsWith(BEYOND) || ns.label.startsWith(UNSEEN));
}
