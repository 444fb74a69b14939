// VLANs of bridge ports in IFLA_AF_SPEC of AF_BRIDGE: added and deleted by RTM_SETLINK and RTM_DELLINK, shown in dumps.
// Linux: net/bridge/br_netlink.c, br_afspec(), br_process_vlan_info(), br_fill_ifvlaninfo_compressed().

import type { NetDevice } from '../net/netdev.ts';
import { NlError } from '../netlink/error.ts';
import type { UnknownAttr } from '../uapi/attr.ts';
import {
  BRIDGE_VLAN_INFO,
  BRIDGE_VLAN_INFO_PVID as PVID,
  BRIDGE_VLAN_INFO_RANGE_BEGIN as RANGE_BEGIN,
  BRIDGE_VLAN_INFO_RANGE_END as RANGE_END,
  BRIDGE_VLAN_INFO_UNTAGGED as UNTAGGED,
} from '../uapi/bridge.ts';
import { A } from './link-attrs.ts';
import type { Request } from './request.ts';
import type { Tb } from './tb.ts';

const VLAN_INFO = 2;
const VLAN_TUNNEL_INFO = 3;
const VLAN_MAX = 4095;

interface Info {
  readonly flags: number;
  readonly vid: number;
}

function refuse(words: string): never {
  throw new NlError('EINVAL', `bridge: ${words}`);
}

/** IFLA_AF_SPEC of a request; `port` null: the bridge itself. Were there VLANs in it? */
export function changeVlans(req: Request, bridge: NetDevice, port: NetDevice | null, tb: Tb, del: boolean): boolean {
  const door = bridge.bridgeVlans;
  const infos: Info[] = [];
  const { view } = req.msg;
  tb.each(A.AF_SPEC, (type, from, to) => {
    if (type === VLAN_TUNNEL_INFO) throw new NlError('EOPNOTSUPP', 'The model has no VLAN tunnels');
    if (type !== VLAN_INFO) return;
    if (to - from !== BRIDGE_VLAN_INFO.size) throw new NlError('EINVAL');
    infos.push({ flags: view.getUint16(from, true), vid: view.getUint16(from + 2, true) });
  });
  if (infos.length === 0) return false;
  if (door === null) throw new NlError('EOPNOTSUPP');
  let begin: Info | null = null;
  for (const info of infos) {
    if (info.vid === 0 || info.vid >= VLAN_MAX) refuse('Vlan id is invalid');
    if (begin !== null || (info.flags & RANGE_BEGIN) !== 0) checkRange(info, begin);
    if ((info.flags & RANGE_BEGIN) !== 0) {
      begin = info;
      continue;
    }
    for (let vid = begin === null ? info.vid : begin.vid; vid <= info.vid; vid++) {
      if (del)
        door.del(bridge, port, vid); // one that is not there is no mistake
      else door.add(bridge, port, vid, (info.flags & PVID) !== 0, (info.flags & UNTAGGED) !== 0);
    }
    begin = null;
  }
  return true;
}

/** Linux: br_vlan_valid_range(). */
function checkRange(info: Info, begin: Info | null): void {
  if ((info.flags & PVID) !== 0) refuse("Pvid isn't allowed in a range");
  if (begin === null) return;
  if ((info.flags & RANGE_BEGIN) !== 0) refuse('Found a new vlan range start while processing one');
  if ((info.flags & RANGE_END) === 0) refuse('Vlan range end flag is missing');
  if (info.vid <= begin.vid) refuse('End vlan id is less than or equal to start vlan id');
}

/** As attributes; null: none, and then there is no nest. Runs of like VLANs are two of them where asked. */
export function vlanAttrs(
  bridge: NetDevice,
  port: NetDevice | null,
  compressed: boolean,
): { unknown: UnknownAttr[] } | null {
  const all = (bridge.bridgeVlans?.list(bridge, port) ?? []).map(({ vid, pvid, untagged }) => ({
    vid,
    flags: (pvid ? PVID : 0) | (untagged ? UNTAGGED : 0),
  }));
  if (all.length === 0) return null;
  const unknown: UnknownAttr[] = [];
  const put = (vid: number, flags: number): void => {
    unknown.push({ type: VLAN_INFO, bytes: Uint8Array.of(flags & 0xff, flags >> 8, vid & 0xff, vid >> 8) });
  };
  for (let i = 0; i < all.length; i++) {
    const { vid, flags } = all[i];
    let last = i;
    while (compressed && last + 1 < all.length && all[last + 1].vid === all[last].vid + 1) {
      if (all[last + 1].flags !== flags) break;
      last++;
    }
    if (last === i) put(vid, flags);
    else {
      put(vid, flags | RANGE_BEGIN);
      put(all[last].vid, flags | RANGE_END);
    }
    i = last;
  }
  return { unknown };
}
