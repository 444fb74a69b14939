// Where a packet that should have reached a device was lost, from what the recorder saw of it: the devices that it passed,
// the rules that turned it away, the reason with which each copy ended.

import { BRIDGE, PRIVATE, ruleOf, SOURCE } from '../../drivers/macvlan/modes.ts';
import type { Macvlan } from '../../drivers/macvlan/port.ts';
import { Drop } from '../../net/drop.ts';
import type { NetDevice } from '../../net/netdev.ts';
import { MACVLAN_FLAG_NODST, MACVLAN_MODES } from '../../uapi/linkinfo.ts';
import { ethDstHi, ethDstLo, macIsMulticast, macKey } from '../../wire/ethernet.ts';
import { macKeyText } from '../../wire/text.ts';
import { beyondOf } from '../snapshot/load-nic.ts';
import { BRIDGE_MODE, type Cure, words } from './cures.ts';
import { downOf, endsOf, type Finding, find, lostAt, noCarrier, UNCONCERNED } from './losses.ts';
import { type Mark, markText, type Packet } from './recorder.ts';
import { bottomOf, chainOf, farEndOf, isSwitchPort, macvlanOf, nicOf, sendsBack, vidOf } from './topology.ts';

const BOTH: Cure = { do: 'bridge-mode', or: null, both: true };

/** Why `packet`, sent by `s`, was not heard by `t`. */
export function whyUnheard(packet: Packet, s: NetDevice, t: NetDevice): Finding {
  const down = [...chainOf(s), ...chainOf(t)].find((dev) => !dev.up);
  if (down !== undefined) return downOf(down, packet);
  const handled = inStack(packet, t);
  if (handled !== null) return handled;
  const [ms, mt] = [macvlanOf(s), macvlanOf(t)];
  if (mt !== null) {
    const turned = turnedAway(packet, ms, mt);
    if (turned !== null) return turned;
  }
  const taken = takenByPassthru(packet, t);
  if (taken !== null) return taken;
  if (ms !== null && mt !== null && ms.port === mt.port) return betweenSiblings(packet, ms, mt);
  if (chainOf(t).includes(s) || chainOf(s).includes(t)) return hostIsolation(packet, chainOf(t).includes(s) ? s : t);
  return onTheWay(packet, s, t);
}

/** It came to the device, and the stack there ended it. */
function inStack({ marks }: Packet, t: NetDevice): Finding | null {
  const drop = marks.find((m) => m.drop !== Drop.None && m.dev === t && received(marks, t, m));
  if (drop === undefined) return null;
  if (drop.drop === Drop.OtherHost && (drop.vid !== 0 || marks.some((m) => m.dev === t && m.vid !== 0))) {
    const vid = marks.find((m) => m.dev === t && m.vid !== 0)?.vid ?? 0;
    return find('vlan', vlanText(vid, vidOf(t)), t, words('the same "vlan" on both sides'), [markText(drop)]);
  }
  return lostAt(drop, t);
}

function received(marks: readonly Mark[], t: NetDevice, before: Mark): boolean {
  return marks.slice(0, marks.indexOf(before)).some((m) => m.dev === t && m.fn === '__netif_receive_skb_core');
}

/** It came to the lower device of `mt`, whose macvlans did not let `mt` have it. */
function turnedAway(packet: Packet, ms: Macvlan | null, mt: Macvlan): Finding | null {
  const { marks, frame } = packet;
  const lower = mt.lower;
  const seen = marks.find((m) => m.fn === 'macvlan_handle_frame' && m.dev === lower);
  if (seen === undefined) return null;
  const evidence = [markText(seen), ...endsOf(packet)];
  if (marks.some((m) => m.drop === Drop.BcQueueFull)) {
    const text = `the broadcast queue of ${lower.label} is full (${mt.port.bcQueueLenUsed})`;
    return find('broadcast-queue', text, lower, words('a longer "broadcastQueue"'), evidence);
  }
  const mac = macKey(frame, 6);
  const nodst = mt.port.vlans.find((v) => (v.flags & MACVLAN_FLAG_NODST) !== 0 && v.sources.has(mac));
  if (nodst !== undefined && nodst !== mt) {
    const text = `nodst: ${nodst.dev.label} takes all that ${macKeyText(mac)} sends`;
    return find('nodst', text, nodst.dev, words('"nodst: false"'), evidence);
  }
  if (mt.port.passthru && mt.port.vlans[0] !== mt) return passthru(mt.port.vlans[0], evidence);
  const own = ms !== null && ms.port === mt.port;
  if (mt.mode === SOURCE) return notListed(mt, mac, evidence);
  if (own && ms.mode === SOURCE) return sourceSender(lower, evidence);
  if (own) return betweenSiblings(packet, ms, mt);
  return notJoined(frame, mt, evidence);
}

function notListed(mt: Macvlan, mac: number, evidence: readonly string[]): Finding {
  const list = [...mt.sources.keys()].map(macKeyText);
  const whom = list.length === 0 ? 'nobody: its list is empty' : `only ${list.slice(0, 4).join(', ')}`;
  const more = list.length > 4 ? ` and ${list.length - 4} more` : '';
  const text = `source: ${partyName(mt.dev)} hears ${whom}${more}`;
  const heard = [...evidence, `it comes from ${macKeyText(mac)}`];
  return find('source', text, mt.dev, words('the sender\'s MAC address among its "sources"'), heard);
}

function sourceSender(lower: NetDevice, evidence: readonly string[]): Finding {
  const text = `source: what a macvlan in source mode sends goes to the wire, to none of its siblings on ${lower.label}`;
  return find('source', text, lower, BRIDGE_MODE, evidence);
}

function passthru(holder: Macvlan, evidence: readonly string[]): Finding {
  const { dev, lower } = holder;
  const text = `passthru: ${dev.label} takes all that ${lower.label} receives`;
  return find('passthru', text, lower, words(`the addresses of ${lower.label} on ${dev.label} instead`), evidence);
}

/** The target is a lower device, whose only macvlan takes everything. */
function takenByPassthru(packet: Packet, t: NetDevice): Finding | null {
  const holder = t.uppers.map(macvlanOf).find((m) => m?.port.passthru === true && m.lower === t);
  if (holder === null || holder === undefined) return null;
  const seen = packet.marks.find((m) => m.dev === t && m.fn === 'macvlan_handle_frame');
  return seen === undefined ? null : passthru(holder, [markText(seen), ...endsOf(packet)]);
}

/** Both on one lower device: what the sender's mode, the target's and the wire make of it. */
function betweenSiblings(packet: Packet, ms: Macvlan, mt: Macvlan): Finding {
  const lower = ms.lower;
  const evidence = endsOf(packet);
  if (ms.accelPriv !== null && ms.port.kernel.oldL2fw) {
    const text = `offload: before Linux 4.18 macvlan leaves it to ${lower.label}, which copies no broadcasts to its stations`;
    return find('offload', text, lower, words('"offload: false"'), evidence);
  }
  if (ms.mode === PRIVATE || mt.mode === PRIVATE) {
    return find('private', 'private: siblings do not hear each other', lower, BRIDGE_MODE, evidence);
  }
  if (ms.mode === SOURCE) return sourceSender(lower, evidence);
  if (mt.mode === SOURCE && !mt.sources.has(ms.dev.addr)) return notListed(mt, ms.dev.addr, evidence);
  if (ms.mode === BRIDGE && mt.mode !== BRIDGE && ruleOf(mt.mode).localUnicast === 0 && mt.mode !== SOURCE) {
    const text = 'bridge to vepa: inside, only macvlans in bridge mode hear each other';
    return find('mixed-modes', text, lower, BOTH, evidence);
  }
  if (ms.mode === BRIDGE && mt.mode === BRIDGE) return insideBridge(packet, mt, evidence);
  return notSentBack(packet, ms, evidence);
}

/** The mode would have had it; something else was in the way. */
function insideBridge(packet: Packet, mt: Macvlan, evidence: readonly string[]): Finding {
  const unjoined = notJoined(packet.frame, mt, evidence);
  if (unjoined !== null) return unjoined;
  const lost = packet.marks.find((m) => m.drop !== Drop.None && !UNCONCERNED.has(m.drop) && m.dev !== null);
  if (lost?.dev != null) return lostAt(lost, lost.dev);
  return find('lost', `it did not get to ${mt.dev.label}`, mt.lower, null, evidence);
}

function notJoined(frame: Uint8Array, mt: Macvlan, evidence: readonly string[]): Finding | null {
  if (!macIsMulticast(frame, 0) || mt.mcFilter.has(ethDstHi(frame, 0), ethDstLo(frame, 0))) return null;
  return find('not-joined', `it has not joined ${macKeyText(macKey(frame, 0))}`, mt.dev, null, evidence);
}

/** It went out by the lower device, and would have had to come back. */
function notSentBack(packet: Packet, ms: Macvlan, evidence: readonly string[]): Finding {
  const nic = bottomOf(ms.dev);
  const lost = packet.marks.find((m) => m.drop !== Drop.None && m.dev === nic);
  if (lost !== undefined && lost.drop !== Drop.OtherHost) return lostAt(lost, nic);
  const mode = MACVLAN_MODES.get(ms.mode) ?? 'vepa';
  const far = farEndOf(nic);
  const cure: Cure = { do: 'bridge-mode', or: 'hairpin', both: false };
  if (beyondOf(nic) !== null) {
    const text = `${mode}: nothing that can be seen from here sends it back to ${nic.label}`;
    return find('no-hairpin', text, nic, cure, evidence);
  }
  if (far === null) return find('no-hairpin', `${mode}: nothing sends it back to ${nic.label}`, nic, cure, evidence);
  if (isSwitchPort(far) && !sendsBack(far)) {
    const text = `${mode}: the switch at ${nic.label} does not send it back (hairpin is off)`;
    return find('no-hairpin', text, far, cure, evidence);
  }
  const text = `${mode}: ${nic.label} leads to ${far.label}, which is no switch and sends nothing back`;
  return find('no-hairpin', text, far, BRIDGE_MODE, evidence);
}

function hostIsolation(packet: Packet, lower: NetDevice): Finding {
  const text = `host isolation: ${lower.label} is not a sibling of its macvlans`;
  const shim = lower.uppers.find((d) => d.ns === lower.ns && macvlanOf(d)?.mode === BRIDGE);
  const cure: Cure = { do: 'shim', lower: lower.label, over: shim?.label ?? null };
  return find('host-isolation', text, lower, cure, endsOf(packet));
}

/** Different ways out: what stopped it between them? */
function onTheWay(packet: Packet, s: NetDevice, t: NetDevice): Finding {
  const { marks } = packet;
  const [from, to] = [bottomOf(s), bottomOf(t)];
  const evidence = endsOf(packet);
  const [vs, vt] = [vidOf(s), vidOf(t)];
  const filtered = marks.find((m) => m.fn === 'nic_rx_filter' && m.dev === to);
  const arrived = filtered !== undefined || marks.some((m) => m.dev === to && m.fn === '__netif_receive_skb_core');
  if (vs !== vt && (arrived || from === to)) {
    return find('vlan', vlanText(vs, vt), to, words('the same "vlan" on both sides'), evidence);
  }
  if (filtered !== undefined) {
    const text = `the filter of ${to.label} does not let ${macKeyText(macKey(packet.frame, 0))} in`;
    return find(
      'nic-filter',
      text,
      to,
      words(`promiscuous mode on ${to.label}, or a macvlan with that address`),
      evidence,
    );
  }
  const dropped = marks.filter((m) => m.drop !== Drop.None && !UNCONCERNED.has(m.drop));
  const lost = dropped.find((m) => m.dev === from || m.dev === s) ?? dropped.find((m) => m.dev !== null) ?? dropped[0];
  if (lost !== undefined) return lostAt(lost, lost.dev ?? from);
  if (nicOf(from) !== null && farEndOf(from) === null) return noCarrier(from, evidence);
  const places = [...new Set(marks.filter(isArrival).map((m) => m.dev?.label ?? ''))].filter((l) => l !== from.label);
  const ends = places.length === 0 ? 'nobody' : places.slice(0, 4).join(', ');
  return find('no-path', `${from.label} leads to ${ends}, and not to ${to.label}`, from, null, evidence);
}

function isArrival(m: Mark): boolean {
  return m.fn === '__netif_receive_skb_core' && m.fromDriver;
}

function vlanText(from: number, to: number): string {
  const name = (vid: number): string => (vid === 0 ? 'untagged' : `in VLAN ${vid}`);
  return `VLAN differs: it is sent ${name(from)}, the target listens ${name(to)}`;
}

/** The namespace speaks for its only macvlan; else the device. */
function partyName(dev: NetDevice): string {
  const others = dev.ns.devices().filter((d) => macvlanOf(d) !== null);
  return others.length === 1 && dev.ns.label !== '' ? dev.ns.label : dev.label;
}
