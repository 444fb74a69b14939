// `bridge vlan show`: the VLANs that ports carry. Changing them is refused by name. iproute2: bridge/vlan.c.

import { BRIDGE_LINK } from '../../../netlink/payload.ts';
import { AF_BRIDGE, RTEXT_FILTER_BRVLAN, RTEXT_FILTER_BRVLAN_COMPRESSED } from '../../../uapi/link.ts';
import { RTM_GETLINK } from '../../../uapi/msgtype.ts';
import type { Ip } from '../ip/context.ts';
import { Args, matches } from '../iproute/args.ts';
import { duparg, ToolError } from '../iproute/errors.ts';
import { vlanUsage } from './usage.ts';
import { printVlans } from './vlan-print.ts';

/** Real verbs that need VLAN filtering to mean anything. */
const ABSENT = ['add', 'delete', 'set', 'tunnelshow', 'global'];

export function doVlan(ip: Ip, words: readonly string[]): number {
  const [verb, ...rest] = words;
  const args = new Args(rest);
  if (verb === undefined) return show(ip, args);
  for (const name of ABSENT.slice(0, 2)) if (matches(verb, name)) return absent(name);
  if (matches(verb, 'show') || matches(verb, 'lst') || matches(verb, 'list')) return show(ip, args);
  for (const name of ABSENT.slice(2)) if (matches(verb, name)) return absent(name);
  if (matches(verb, 'help')) throw new ToolError(vlanUsage, 255);
  throw new ToolError(`Command "${verb}" is unknown, try "bridge vlan help".\n`, 255);
}

function absent(verb: string): never {
  throw new ToolError(`bridge: lowerdev has no "vlan ${verb}" yet\n`, 1);
}

function show(ip: Ip, args: Args): number {
  let dev: string | null = null;
  let vid = 0;
  for (; args.more; args.skip()) {
    const word = args.word;
    if (word === 'dev') {
      const text = args.need();
      if (dev !== null) duparg('dev', text);
      dev = text;
    } else if (word === 'vid') {
      const text = args.need();
      if (vid !== 0) duparg('vid', text);
      vid = Number.parseInt(text, 10) || 0;
    }
  }
  const index = dev === null ? 0 : ip.links.index(dev);
  if (dev !== null && index === 0) throw new ToolError(`Cannot find device "${dev}"\n`, 255, false);
  const extMask = ip.opts.resolve ? RTEXT_FILTER_BRVLAN_COMPRESSED : RTEXT_FILTER_BRVLAN;
  const { messages } = ip.dumpOrDie(() => ip.client.dump(BRIDGE_LINK, RTM_GETLINK, { family: AF_BRIDGE }, { extMask }));
  ip.out.begin();
  printVlans(ip, messages, index, vid);
  ip.out.finish();
  return 0;
}
