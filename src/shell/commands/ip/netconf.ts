// `ip netconf`: the settings of IP that netlink tells, per device, for all and by default. iproute2: ip/ipnetconf.c.

import type { Decoded } from '../../../netlink/message.ts';
import { NETCONF } from '../../../netlink/payload.ts';
import { RTM_GETNETCONF } from '../../../uapi/msgtype.ts';
import {
  NETCONFA_IFINDEX_ALL,
  NETCONFA_IFINDEX_DEFAULT,
  type NETCONFMSG,
  type NetconfAttrs,
} from '../../../uapi/netconf.ts';
import { Args, matches } from '../iproute/args.ts';
import { ToolError } from '../iproute/errors.ts';
import { familyName } from '../iproute/names.ts';
import { Out } from '../iproute/out.ts';
import type { Ip } from './context.ts';

export type NetconfMsg = Decoded<NonNullable<typeof NETCONFMSG.sample>, NetconfAttrs>;

const USAGE = 'Usage: ip netconf show [ dev STRING ]\n';
const RP_FILTER = ['off', 'strict', 'loose'];

export function doNetconf(ip: Ip, words: readonly string[]): number {
  const [verb = 'show', ...rest] = words;
  if (matches(verb, 'show') || matches(verb, 'lst') || matches(verb, 'list')) return show(ip, new Args(rest));
  if (matches(verb, 'help')) throw new ToolError(USAGE, 255);
  throw new ToolError(`Command "${verb}" is unknown, try "ip netconf help".\n`, 255);
}

/** `dev` is the only word that it knows; what it does not know it passes over, as the tool does. */
function show(ip: Ip, args: Args): number {
  let index = 0;
  for (; args.more; args.skip()) {
    if (args.word !== 'dev') continue;
    const name = args.need();
    index = ip.links.index(name);
    if (index === 0) throw new ToolError(`Device "${name}" does not exist.\n`, 1);
  }
  const { family } = ip.opts;
  if (index !== 0 && family !== 0) {
    const msg = ip.talk(() => ip.client.get(NETCONF, RTM_GETNETCONF, { family }, { ifindex: index }));
    printNetconf(ip, msg, false, new Out((text) => ip.proc.out(text), false, false, ip.out.oneline)); // even with -j
    return 0;
  }
  const { messages } = ip.dumpOrDie(() => ip.client.dump(NETCONF, RTM_GETNETCONF, { family }, {}));
  ip.out.begin();
  for (const msg of messages) {
    if (family !== 0 && msg.header.family !== family) continue;
    if (index === 0 || msg.attrs.ifindex === index) printNetconf(ip, msg, false);
  }
  ip.out.finish();
  return 0;
}

/** print_netconf(). */
export function printNetconf(ip: Ip, msg: NetconfMsg, gone: boolean, out = ip.out): void {
  const { header, attrs } = msg;
  out.openObject();
  if (gone) out.flag('deleted', 'Deleted ');
  const family = familyName(header.family);
  out.any('family', family, `${family} `);
  if (attrs.ifindex !== undefined) {
    const name = nameOf(ip, attrs.ifindex);
    out.tint('ifname', 'interface', name, `${name} `);
  }
  onOff(out, 'forwarding', attrs.forwarding);
  if (attrs.rpFilter !== undefined) {
    const how = RP_FILTER[attrs.rpFilter] ?? 'unknown mode';
    out.any('rp_filter', how, `rp_filter ${how} `);
  }
  onOff(out, 'mc_forwarding', attrs.mcForwarding);
  onOff(out, 'proxy_neigh', attrs.proxyNeigh);
  onOff(out, 'ignore_routes_with_linkdown', attrs.ignoreRoutesWithLinkdown);
  onOff(out, 'input', attrs.input);
  out.closeObject();
  out.text('\n');
}

function nameOf(ip: Ip, index: number): string {
  if (index === NETCONFA_IFINDEX_ALL) return 'all';
  return index === NETCONFA_IFINDEX_DEFAULT ? 'default' : ip.links.name(index);
}

function onOff(out: Out, key: string, value: number | undefined): void {
  if (value === undefined) return;
  out.text(`${key} ${value !== 0 ? 'on' : 'off'} `);
  out.value(key, value !== 0);
}
