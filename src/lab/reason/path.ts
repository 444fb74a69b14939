// How a packet that arrived got there: inside the kernel, by the NIC's own switch, out and back by one port, or over a cable.

import type { NetDevice } from '../../net/netdev.ts';
import { MACVLAN_MODES } from '../../uapi/linkinfo.ts';
import { macIsMulticast } from '../../wire/ethernet.ts';
import { type Finding, find, trailOf } from './losses.ts';
import type { Packet } from './recorder.ts';
import { bottomOf, farEndOf, inVeb, macvlanOf, nicOf } from './topology.ts';

/** The device in `to`'s namespace whose stack heard it first; null: none did. `only`: that device and no other. */
export function heardBy({ marks }: Packet, to: NetDevice, only: boolean): NetDevice | null {
  const at = marks.find((m) => m.fn === 'deliver_skb' && m.dev?.ns === to.ns && (!only || m.dev === to));
  return at?.dev ?? null;
}

/** `heard`: whose stack had it. */
export function pathOf(packet: Packet, s: NetDevice, heard: NetDevice): Finding {
  const before = packet.marks.slice(0, handedOver(packet, heard));
  const from = bottomOf(s);
  const where = macvlanOf(heard)?.lower ?? from;
  const evidence = [trailOf([...before.map((m) => m.dev), heard])];
  if (heard.name === 'lo' || before.some((m) => m.dev?.name === 'lo')) {
    return find('ok-local', 'ok inside the namespace, over lo', heard, null, evidence);
  }
  const back = farEndOf(from);
  const returned = back !== null && before.some((m) => m.fn === 'dev_hard_start_xmit' && m.dev === back);
  const same = bottomOf(heard) === from;
  const local = before.some((m) => m.fn === 'dev_forward_skb' || m.fn === 'macvlan_broadcast');
  const carried = inVeb(s) || inVeb(heard);
  if (same && (before.some((m) => m.fn === 'veb_switch') || (carried && !returned && !local))) {
    return find('ok-veb', vebText(packet, s), from, null, evidence);
  }
  if (same && returned) {
    return find('ok-hairpin', 'ok over the wire and back: the switch sends it back', from, null, evidence);
  }
  if (nicOf(from) !== null && !same) return find('ok-wire', 'ok over the wire', from, null, evidence);
  return find('ok-software', softwareText(packet, s, heard, where), where, null, evidence);
}

function vebText(packet: Packet, s: NetDevice): string {
  const mode = MACVLAN_MODES.get(macvlanOf(s)?.mode ?? 0) ?? '';
  if (mode === 'private') return "ok by the VEB: private doesn't hold here";
  if (mode === 'vepa') return "ok by the VEB: vepa doesn't hold here, the switch outside never sees it";
  return macIsMulticast(packet.frame, 0) ? 'ok by the VEB; a copy goes out too' : 'ok by the VEB, never on the wire';
}

function softwareText(packet: Packet, s: NetDevice, heard: NetDevice, lower: NetDevice): string {
  if (macIsMulticast(packet.frame, 0)) {
    const out = nicOf(bottomOf(s)) !== null && farEndOf(bottomOf(s)) !== null;
    return out ? `ok in software; a copy goes out by ${bottomOf(s).label} too` : 'ok in software';
  }
  const shim = [s, heard].find((dev) => dev.ns === lower.ns && macvlanOf(dev) !== null);
  return shim === undefined ? 'ok in software, never on the wire' : `ok in software, by ${shim.label} on the host`;
}

/** Where the copy that `heard` had first was put on its backlog, or given to its stack by a driver. */
function handedOver({ marks }: Packet, heard: NetDevice): number {
  const end = marks.findIndex((m) => m.fn === 'deliver_skb' && m.dev === heard);
  const queued = marks.findIndex((m) => m.fn === 'netif_rx' && m.dev === heard);
  return queued >= 0 && queued < end ? queued : end;
}
