// The words by which `ip link show` and `ip addr show` choose among links. iproute2: ip/ipaddress.c, print_linkinfo().

import { IFF_UP } from '../../../uapi/link.ts';
import type { Args } from '../iproute/args.ts';
import { invarg } from '../iproute/errors.ts';
import type { Ip } from './context.ts';
import { parseGroup } from './link-names.ts';
import type { LinkMsg } from './link-print.ts';

export interface LinkFilter {
  up: boolean;
  /** Index of the master; 0: any. */
  master: number;
  noMaster: boolean;
  kind: string | null;
  slaveKind: string | null;
  group: number | null;
}

/** Takes the word at hand, and what belongs to it; false when it is none of these. */
export function parseLinkFilterWord(ip: Ip, f: LinkFilter, args: Args): boolean {
  const word = args.word;
  if (word === 'up') f.up = true;
  else if (word === 'group') {
    const value = args.need();
    f.group = parseGroup(value) ?? invarg('Invalid "group" value\n', value);
  } else if (word === 'master') {
    const value = args.need();
    f.master = ip.links.index(value);
    if (f.master === 0) invarg('Device does not exist\n', value);
  } else if (word === 'nomaster') f.noMaster = true;
  else if (word === 'vrf') invarg('Not a valid VRF name\n', args.need());
  else if (word === 'type') {
    const value = args.need();
    if (value.endsWith('_slave')) f.slaveKind = value.slice(0, -6);
    else f.kind = value;
  } else return false;
  return true;
}

export function linkPasses(f: LinkFilter, msg: LinkMsg): boolean {
  const { header, attrs: a } = msg;
  if (f.up && (header.flags & IFF_UP) === 0) return false;
  if (f.group !== null && a.group !== undefined && a.group !== f.group) return false;
  if (f.master !== 0 && a.master !== f.master) return false;
  if (f.noMaster && a.master !== undefined) return false;
  if (f.kind !== null && a.linkinfo?.kind !== f.kind) return false;
  return f.slaveKind === null || a.linkinfo?.slaveKind === f.slaveKind;
}
