// `bridge link`: ports of bridges, and the embedded switches of NICs. iproute2: bridge/link.c.

import { BRIDGE_LINK } from '../../../netlink/payload.ts';
import {
  BR_STATES,
  BRIDGE_FLAGS_MASTER,
  BRIDGE_FLAGS_SELF,
  BRIDGE_MODE_VEB,
  BRIDGE_MODE_VEPA,
  type BridgeLinkAttrs,
} from '../../../uapi/bridge.ts';
import { AF_BRIDGE } from '../../../uapi/link.ts';
import { RTM_GETLINK, RTM_SETLINK } from '../../../uapi/msgtype.ts';
import type { Ip } from '../ip/context.ts';
import { Args, matches } from '../iproute/args.ts';
import { duparg, notOneOf, ToolError } from '../iproute/errors.ts';
import { printBridgeLink } from './link-print.ts';
import { linkUsage } from './usage.ts';

export function doLink(ip: Ip, words: readonly string[]): number {
  const [verb, ...rest] = words;
  const args = new Args(rest);
  if (verb === undefined) return show(ip, args);
  if (matches(verb, 'set') || matches(verb, 'change')) return modify(ip, args);
  if (matches(verb, 'show') || matches(verb, 'lst') || matches(verb, 'list')) return show(ip, args);
  if (matches(verb, 'help')) throw new ToolError(linkUsage, 255);
  throw new ToolError(`Command "${verb}" is unknown, try "bridge link help".\n`, 255);
}

function show(ip: Ip, args: Args): number {
  let dev: string | null = null;
  for (; args.more; args.skip()) {
    if (args.word !== 'dev') continue; // other words are passed over
    const text = args.need();
    if (dev !== null) duparg('dev', text);
    dev = text;
  }
  const index = dev === null ? 0 : ip.links.index(dev);
  if (dev !== null && index === 0) throw new ToolError(`Cannot find device "${dev}"\n`, 255, false);
  const { messages } = ip.dumpOrDie(() => ip.client.dump(BRIDGE_LINK, RTM_GETLINK, { family: AF_BRIDGE }, {}));
  ip.out.begin();
  for (const msg of messages) printBridgeLink(ip, msg, index);
  ip.out.finish();
  return 0;
}

type Port = NonNullable<BridgeLinkAttrs['protinfo']>;

/** on-or-off words and the attribute that they set, in the order in which they are sent. */
const SWITCHES: ReadonlyArray<readonly [word: string, key: keyof Port]> = [
  ['guard', 'guard'],
  ['hairpin', 'mode'],
  ['fastleave', 'fastLeave'],
  ['root_block', 'protect'],
  ['flood', 'unicastFlood'],
  ['mcast_router', 'multicastRouter'],
  ['mcast_flood', 'mcastFlood'],
  ['bcast_flood', 'bcastFlood'],
  ['mcast_to_unicast', 'mcastToUcast'],
  ['learning', 'learning'],
  ['learning_sync', 'learningSync'],
  ['cost', 'cost'],
  ['priority', 'priority'],
  ['state', 'state'],
  ['neigh_suppress', 'neighSuppress'],
  ['vlan_tunnel', 'vlanTunnel'],
  ['isolated', 'isolated'],
  ['locked', 'locked'],
  ['backup_port', 'backupPort'],
  ['nobackup_port', 'backupPort'],
];

const NUMBERS = new Set(['cost', 'priority', 'state', 'mcast_router', 'backup_port', 'nobackup_port']);

function modify(ip: Ip, args: Args): number {
  const port: Partial<Record<keyof Port, number>> = {};
  let dev: string | null = null;
  let mode = -1;
  let flags = 0;
  for (; args.more; args.skip()) {
    const word = args.word;
    const known = SWITCHES.find(([name]) => name === word);
    if (word === 'dev') dev = args.need();
    else if (word === 'self') flags |= BRIDGE_FLAGS_SELF;
    else if (word === 'master') flags |= BRIDGE_FLAGS_MASTER;
    else if (word === 'hwmode') {
      const text = args.need();
      flags = BRIDGE_FLAGS_SELF;
      if (text !== 'vepa' && text !== 'veb')
        throw new ToolError('Mode argument must be "vepa" or "veb".\n', 255, false);
      mode = text === 'vepa' ? BRIDGE_MODE_VEPA : BRIDGE_MODE_VEB;
    } else if (known === undefined) throw new ToolError(linkUsage, 255);
    else port[known[1]] = NUMBERS.has(word) ? numberWord(ip, word, args) : onOff(word, args.need());
  }
  if (dev === null) throw new ToolError('Device is a required argument.\n', 255, false);
  const index = ip.links.index(dev);
  if (index === 0) throw new ToolError(`Cannot find bridge device "${dev}"\n`, 255, false);
  const protinfo: Record<string, number> = {};
  for (const [, key] of SWITCHES) {
    const value = port[key];
    if (value === undefined || value < 0 || (key === 'cost' && value === 0)) continue; // as if it had not been said
    protinfo[key] = value;
  }
  const attrs: BridgeLinkAttrs = { protinfo: protinfo as Port };
  if (flags !== 0 || mode >= 0) attrs.afSpec = mode >= 0 ? { flags, mode } : { flags };
  ip.talk(() => ip.client.request(BRIDGE_LINK, RTM_SETLINK, 0, { family: AF_BRIDGE, index }, attrs), 255);
  return 0;
}

function onOff(word: string, text: string): number {
  if (text !== 'on' && text !== 'off') notOneOf(word, ['off', 'on'], text, 234);
  return text === 'on' ? 1 : 0;
}

function numberWord(ip: Ip, word: string, args: Args): number {
  if (word === 'nobackup_port') return 0;
  const text = args.need();
  if (word === 'backup_port') {
    const index = ip.links.index(text);
    if (index === 0) throw new ToolError(`Error: device ${text} does not exist\n`, 255, false);
    return index;
  }
  // atoi() into an int, of which the tool keeps 8 or 16 bits with their sign.
  const number = Number(BigInt.asIntN(32, BigInt(/^\s*[+-]?\d+/.exec(text)?.[0] ?? 0)));
  if (word === 'cost') return number >>> 0;
  if (word === 'priority') return (number << 16) >> 16;
  if (word === 'state' && !/^[+-]?[0-9]+$/.test(text)) {
    const named = (BR_STATES as readonly string[]).indexOf(text.toLowerCase());
    if (named < 0) throw new ToolError('Error: invalid STP port state\n', 255, false);
    return named;
  }
  return (number << 24) >> 24;
}
