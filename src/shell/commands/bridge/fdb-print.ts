// One entry of a forwarding database. iproute2: bridge/fdb.c, print_fdb().

import type { Decoded } from '../../../netlink/message.ts';
import { formatIp, formatMac } from '../../../uapi/format.ts';
import { AF_BRIDGE } from '../../../uapi/link.ts';
import { RTM_DELNEIGH } from '../../../uapi/msgtype.ts';
import {
  type NdMsg,
  type NeighAttrs,
  NTF_EXT_LEARNED,
  NTF_EXT_LOCKED,
  NTF_MASTER,
  NTF_OFFLOADED,
  NTF_ROUTER,
  NTF_SELF,
  NTF_STICKY,
  NUD_NOARP,
  NUD_PERMANENT,
  NUD_REACHABLE,
  NUD_STALE,
} from '../../../uapi/neigh.ts';
import type { Ip } from '../ip/context.ts';
import { tintOfIp } from '../iproute/out.ts';

export type FdbMsg = Decoded<NdMsg, NeighAttrs>;

export interface FdbFilter {
  index: number;
  vlan: number;
  state: number;
  dynamic: boolean;
}

export const NO_FDB_FILTER: FdbFilter = { index: 0, vlan: 0, state: 0, dynamic: false };

const FLAGS: ReadonlyArray<readonly [number, string]> = [
  [NTF_SELF, 'self'],
  [NTF_ROUTER, 'router'],
  [NTF_EXT_LEARNED, 'extern_learn'],
  [NTF_OFFLOADED, 'offload'],
  [NTF_STICKY, 'sticky'],
];

export function printFdb(ip: Ip, msg: FdbMsg, f: FdbFilter): void {
  const { out, opts } = ip;
  const { header: h, attrs: a } = msg;
  const vlan = a.vlan ?? 0;
  if (h.family !== AF_BRIDGE) return;
  if (f.index !== 0 && f.index !== h.ifindex) return;
  if (f.state !== 0 && (h.state & f.state) === 0) return;
  if (f.vlan !== 0 && f.vlan !== vlan) return;
  if (f.dynamic && (h.state & NUD_PERMANENT) !== 0) return;
  out.openObject();
  if (msg.type === RTM_DELNEIGH) out.flag('deleted', 'Deleted ');
  if (a.lladdr !== undefined) out.tint('mac', 'mac', formatMac(a.lladdr), `${formatMac(a.lladdr)} `);
  if (f.index === 0 && h.ifindex !== 0) {
    const name = ip.links.name(h.ifindex);
    out.tint('ifname', 'ifname', name, `${name} `, 'dev ');
  }
  if (a.dst !== undefined) out.tint(tintOfIp(a.dst), 'dst', formatIp(a.dst), `${formatIp(a.dst)} `, 'dst ');
  const number = (key: string, value: number | undefined): void => {
    if (value !== undefined) out.any(key, value, `${key} ${value} `);
  };
  if (vlan !== 0) number('vlan', vlan);
  number('port', a.port);
  number('vni', a.vni);
  number('src_vni', a.srcVni);
  if (a.ifindex !== undefined && a.ifindex !== 0) {
    if (a.linkNetnsid !== undefined) out.any('viaIfIndex', a.ifindex, `via ifindex ${a.ifindex} `);
    else out.any('viaIf', ip.links.name(a.ifindex), `via ${ip.links.name(a.ifindex)} `);
  }
  number('nhid', a.nhId);
  if (a.linkNetnsid !== undefined) out.any('linkNetNsId', a.linkNetnsid, `link-netnsid ${a.linkNetnsid} `);
  if (opts.stats > 0 && a.cacheinfo !== undefined) {
    const [used, updated] = [a.cacheinfo.used, a.cacheinfo.updated].map((v) => Math.floor(v / 100));
    out.any('used', used, `used ${used}`);
    out.any('updated', updated, `/${updated} `);
  }
  words(
    ip,
    'flags',
    FLAGS.filter(([bit]) => (h.flags & bit) !== 0).map(([, word]) => word),
  );
  if (((a.flagsExt ?? 0) & NTF_EXT_LOCKED) !== 0) words(ip, 'flags_ext', ['locked']);
  if (a.master !== undefined) out.any('master', ip.links.name(a.master), `master ${ip.links.name(a.master)} `);
  else if ((h.flags & NTF_MASTER) !== 0) out.any('master', '', 'master ');
  const state = stateText(h.state);
  out.any('state', state, state);
  out.text('\n');
  out.closeObject();
}

function words(ip: Ip, key: string, list: readonly string[]): void {
  ip.out.openArray(key);
  for (const word of list) {
    ip.out.value(null, word);
    ip.out.text(`${word} `);
  }
  ip.out.closeArray();
}

/** A learned entry is in no state worth a word. */
function stateText(s: number): string {
  if ((s & NUD_PERMANENT) !== 0) return 'permanent';
  if ((s & NUD_NOARP) !== 0) return 'static';
  if ((s & NUD_STALE) !== 0) return 'stale';
  return (s & NUD_REACHABLE) !== 0 ? '' : `state=${s === 0 ? '0' : `0x${s.toString(16)}`}`;
}
