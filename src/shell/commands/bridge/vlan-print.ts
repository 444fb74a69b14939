// VLANs of ports, as `bridge vlan show` prints them. iproute2: bridge/vlan.c, print_vlan(), print_vlan_info().

import { readStruct } from '../../../netlink/struct.ts';
import {
  BRIDGE_VLAN_INFO,
  BRIDGE_VLAN_INFO_PVID,
  BRIDGE_VLAN_INFO_RANGE_BEGIN,
  BRIDGE_VLAN_INFO_RANGE_END,
  BRIDGE_VLAN_INFO_UNTAGGED,
} from '../../../uapi/bridge.ts';
import type { Ip } from '../ip/context.ts';
import type { BridgeLinkMsg } from './link-print.ts';

type Vlan = NonNullable<typeof BRIDGE_VLAN_INFO.sample>;

/** IFNAMSIZ: what the first column is as wide as. */
const NAME_WIDTH = 16;

/** All VLANs of a message: the attribute repeats, so that all but the last are in `unknown`. */
export function vlansOf(msg: BridgeLinkMsg): Vlan[] {
  const spec = msg.attrs.afSpec;
  if (spec === undefined) return [];
  const earlier = (spec.unknown ?? []).filter((u) => u.type === 2 && u.bytes.length >= BRIDGE_VLAN_INFO.size);
  const list = earlier.map((u) =>
    readStruct(BRIDGE_VLAN_INFO, new DataView(u.bytes.buffer, u.bytes.byteOffset, u.bytes.byteLength), u.bytes, 0),
  );
  return spec.vlanInfo === undefined ? list : [...list, spec.vlanInfo];
}

export function printVlans(ip: Ip, messages: readonly BridgeLinkMsg[], index: number, vid: number): void {
  const { out } = ip;
  const width = Math.max(NAME_WIDTH, ...messages.map((m) => (m.attrs.ifname ?? '').length));
  out.text(`${'port'.padEnd(width)}  vlan-id  \n`);
  for (const msg of messages) {
    if (index !== 0 && msg.header.index !== index) continue;
    const vlans = ranges(vlansOf(msg)).filter((v) => vid === 0 || (v.from <= vid && vid <= v.to));
    if (vlans.length === 0) continue;
    out.openObject();
    const name = msg.attrs.ifname ?? '';
    out.tint('ifname', 'ifname', name, name.padEnd(width));
    out.openArray('vlans');
    vlans.forEach((v, i) => {
      if (i > 0) out.text(' '.repeat(width));
      printVlan(ip, v);
    });
    out.closeArray();
    out.closeObject();
  }
}

interface Range {
  from: number;
  to: number;
  flags: number;
}

function ranges(vlans: readonly Vlan[]): Range[] {
  const out: Range[] = [];
  let begin = 0;
  for (const { flags, vid } of vlans) {
    if ((flags & BRIDGE_VLAN_INFO_RANGE_BEGIN) !== 0) {
      begin = vid;
      continue;
    }
    out.push({ from: (flags & BRIDGE_VLAN_INFO_RANGE_END) !== 0 ? begin : vid, to: vid, flags });
  }
  return out;
}

function printVlan(ip: Ip, v: Range): void {
  const { out } = ip;
  out.openObject();
  const text = v.from === v.to ? String(v.from) : `${v.from}-${v.to}`;
  out.any('vlan', v.from, `  ${text}`);
  if (v.from !== v.to) out.value('vlanEnd', v.to);
  const words: string[] = [];
  if ((v.flags & BRIDGE_VLAN_INFO_PVID) !== 0) words.push('PVID');
  if ((v.flags & BRIDGE_VLAN_INFO_UNTAGGED) !== 0) words.push('Egress Untagged');
  if (words.length > 0) {
    out.openArray('flags');
    for (const word of words) {
      out.value(null, word);
      out.text(` ${word}`);
    }
    out.closeArray();
  }
  out.text('\n');
  out.closeObject();
}
