// One neighbour, as `ip neigh` and `ip monitor` print it. iproute2: ip/ipneigh.c, print_neigh().

import type { Decoded } from '../../../netlink/message.ts';
import { formatIp, formatMac } from '../../../uapi/format.ts';
import { RTM_DELNEIGH, RTM_GETNEIGH } from '../../../uapi/msgtype.ts';
import {
  type NdMsg,
  type NeighAttrs,
  NTF_EXT_LEARNED,
  NTF_EXT_MANAGED,
  NTF_OFFLOADED,
  NTF_PROXY,
  NTF_ROUTER,
  NUD_NAMES,
} from '../../../uapi/neigh.ts';
import { nameOf, PROTOCOLS } from '../iproute/names.ts';
import { tintOfIp } from '../iproute/out.ts';
import type { Ip } from './context.ts';

export type NeighMsg = Decoded<NdMsg, NeighAttrs>;

/** Ages are in hundredths of seconds. */
const USER_HZ = 100;

/** `withDev`: no device was asked for, so each line names its own. */
export function printNeigh(ip: Ip, msg: NeighMsg, withDev: boolean): void {
  const { out, opts } = ip;
  const { header, attrs: a } = msg;
  out.openObject();
  if (msg.type === RTM_DELNEIGH) out.flag('deleted', 'Deleted ');
  else if (msg.type === RTM_GETNEIGH) out.flag('miss', 'miss ');
  if (a.dst !== undefined) out.tint(tintOfIp(a.dst), 'dst', formatIp(a.dst), `${formatIp(a.dst)} `);
  if (withDev && header.ifindex !== 0) {
    const name = ip.links.name(header.ifindex);
    out.tint('ifname', 'dev', name, `${name} `, 'dev ');
  }
  if (a.lladdr !== undefined) out.tint('mac', 'lladdr', formatMac(a.lladdr), `${formatMac(a.lladdr)} `, 'lladdr ');
  const flag = (on: boolean, key: string): void => {
    if (!on) return;
    out.text(`${key} `);
    out.value(key, null);
  };
  flag((header.flags & NTF_ROUTER) !== 0, 'router');
  flag((header.flags & NTF_PROXY) !== 0, 'proxy');
  flag(((a.flagsExt ?? 0) & NTF_EXT_MANAGED) !== 0, 'managed');
  flag((header.flags & NTF_EXT_LEARNED) !== 0, 'extern_learn');
  flag((header.flags & NTF_OFFLOADED) !== 0, 'offload');
  if (opts.stats > 0) printStatistics(ip, a);
  if (header.state !== 0) printState(ip, header.state);
  if (a.protocol !== undefined) {
    const name = nameOf(PROTOCOLS, a.protocol, opts.numeric);
    out.any('protocol', name, `proto ${name} `);
  }
  out.text('\n');
  out.closeObject();
}

function printStatistics(ip: Ip, a: NeighAttrs): void {
  const { out } = ip;
  const ci = a.cacheinfo;
  if (ci !== undefined) {
    const [used, confirmed, updated] = [ci.used, ci.confirmed, ci.updated].map((v) => Math.floor(v / USER_HZ));
    if (ci.refcnt !== 0) out.any('refcnt', ci.refcnt, ` ref ${ci.refcnt}`);
    out.any('used', used, ` used ${used}`);
    out.any('confirmed', confirmed, `/${confirmed}`);
    out.any('updated', updated, `/${updated}`);
  }
  if (a.probes !== undefined) out.any('probes', a.probes, `probes ${a.probes} `);
}

function printState(ip: Ip, state: number): void {
  const { out } = ip;
  out.openArray('state');
  for (const [bit, name] of NUD_NAMES) {
    if ((state & bit) === 0) continue;
    out.value(null, name);
    out.text(`${name} `);
  }
  out.closeArray();
}
