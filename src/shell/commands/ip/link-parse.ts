// The words after `ip link add` and `ip link set`, turned into one request. Attributes keep the order of the words.
// iproute2: ip/iplink.c, iplink_parse(); ip/link_veth.c.

import { wordTable } from '../../../base/word-table.ts';
import {
  ADDR_GEN_MODES,
  IFF_ALLMULTI,
  IFF_DYNAMIC,
  IFF_MULTICAST,
  IFF_NOARP,
  IFF_NOTRAILERS,
  IFF_PROMISC,
  IFF_UP,
  OPERSTATES,
} from '../../../uapi/link.ts';
import { type Args, matches, parseNumber, parseSigned, putLladdr } from '../iproute/args.ts';
import { duparg, duparg2, invarg, notOneOf, ToolError } from '../iproute/errors.ts';
import type { Ip } from './context.ts';
import { parseGroup } from './link-names.ts';
import { linkUsage, vethUsage } from './link-usage.ts';
import { nsidOfName, setNsid } from './netns-names.ts';

export interface LinkRequest {
  header: { family: number; index: number; flags: number; change: number };
  attrs: Record<string, unknown>;
  /** The word after `type`, if there was one. */
  type: string | null;
  dev: string | null;
  group: number | null;
  /** Descriptors to close after the request. */
  fds: number[];
}

const IFLA_ADDRESS = 1;

const FLAG_WORDS = wordTable<[number, boolean]>({
  multicast: [IFF_MULTICAST, false],
  allmulticast: [IFF_ALLMULTI, false],
  promisc: [IFF_PROMISC, false],
  trailers: [IFF_NOTRAILERS, true],
  arp: [IFF_NOARP, true],
  dynamic: [IFF_DYNAMIC, false],
});

const NUMBER_WORDS = wordTable<string>({
  mtu: 'mtu',
  numtxqueues: 'numTxQueues',
  numrxqueues: 'numRxQueues',
  gso_max_size: 'gsoMaxSize',
  gso_max_segs: 'gsoMaxSegs',
  gro_max_size: 'groMaxSize',
  'link-netnsid': 'linkNetnsid',
});

/** Words that may be cut short, in the order in which the tool tries them: `ip link set a up` asks for an address. */
const ABBREVIATED = [
  'link',
  'address',
  'broadcast',
  'txqueuelen',
  'dynamic',
  'type',
  'alias',
  'master',
  'nomaster',
  'numtxqueues',
  'numrxqueues',
  'help',
];

function wholeWord(word: string): string {
  return ABBREVIATED.find((whole) => matches(word, whole)) ?? word;
}

/** Words that the real tool knows and the model has nothing for. */
const UNSUPPORTED = new Set(['vf', 'xdp', 'xdpgeneric', 'xdpdrv', 'xdpoffload', 'protodown_reason', 'parentdev']);

function onOff(key: string, value: string): boolean {
  if (value === 'on') return true;
  if (value === 'off') return false;
  if (key === 'carrier' || key === 'protodown') notOneOf(key, ['off', 'on'], value, 22);
  throw new ToolError(`Error: argument of "${key}" must be "on" or "off", not "${value}"\n`, 1);
}

const validIfname = (name: string): boolean => name !== '' && name.length < 16 && !/[/\s]/.test(name);

/**
 * Reads words up to the end or past `type KIND`. `create`: `ip link add`. Descriptors that it opens go into `fds`, for the
 * caller to close, whether or not it throws.
 */
export function parseLink(ip: Ip, args: Args, create: boolean, fds: number[]): LinkRequest {
  const r: LinkRequest = {
    header: { family: 0, index: 0, flags: 0, change: 0 },
    attrs: {},
    type: null,
    dev: null,
    group: null,
    fds,
  };
  let name: string | null = null;
  let link: string | null = null;
  let index = 0;
  let qlen = false;
  for (; args.more; args.skip()) {
    const word = wholeWord(args.word);
    if (word === 'up' || word === 'down') {
      r.header.change |= IFF_UP;
      r.header.flags = word === 'up' ? r.header.flags | IFF_UP : r.header.flags & ~IFF_UP;
    } else if (word === 'name') {
      const value = args.need();
      if (name !== null) duparg('name', value);
      if (!validIfname(value)) invarg('"name" not a valid ifname', value);
      name = value;
      r.dev ??= value;
    } else if (word === 'index') {
      const value = args.need();
      if (index !== 0) duparg('index', value);
      index = parseNumber(value, 0x7fffffff) ?? 0;
      if (index <= 0) invarg('Invalid "index" value', value);
    } else if (word === 'link') link = args.need();
    else if (word === 'address') {
      putLladdr(r.attrs, 'address', IFLA_ADDRESS, args.need());
    } else if (word === 'broadcast' || word === 'brd') putLladdr(r.attrs, 'broadcast', 2, args.need());
    else if (word === 'qlen' || word === 'txqueuelen' || word === 'txqlen') {
      const value = args.need();
      if (qlen) duparg('txqueuelen', value);
      qlen = true;
      r.attrs.txqlen = numberOrFail('txqueuelen', value);
    } else if (word === 'netns') parseNetns(ip, r, args.need());
    else if (word === 'master') {
      const value = args.need();
      const master = ip.links.index(value);
      if (master === 0) invarg('Device does not exist\n', value);
      r.attrs.master = master;
    } else if (word === 'nomaster') r.attrs.master = 0;
    else if (word === 'carrier') r.attrs.carrier = onOff('carrier', args.need()) ? 1 : 0;
    else if (word === 'protodown') r.attrs.protoDown = onOff('protodown', args.need()) ? 1 : 0;
    else if (word in FLAG_WORDS) {
      const [flag, inverted] = FLAG_WORDS[word];
      const on = onOff(word, args.need()) !== inverted;
      r.header.change |= flag;
      r.header.flags = on ? r.header.flags | flag : r.header.flags & ~flag;
    } else if (word in NUMBER_WORDS) r.attrs[NUMBER_WORDS[word]] = numberOrFail(word, args.need());
    else if (word === 'type') {
      r.type = args.need();
      args.skip();
      break;
    } else if (word === 'alias') {
      const value = args.need();
      if (value.length >= 256) invarg('alias too long\n', value);
      r.attrs.ifalias = value;
    } else if (word === 'group') {
      const value = args.need();
      if (r.group !== null) duparg('group', value);
      const group = parseGroup(value);
      if (group === null) invarg('Invalid "group" value\n', value);
      r.group = group;
    } else if (word === 'mode') {
      const value = args.need();
      const mode = ['default', 'dormant'].indexOf(value.toLowerCase());
      if (mode < 0) invarg('Invalid link mode\n', value);
      r.attrs.linkmode = mode;
    } else if (word === 'state') {
      const value = args.need();
      const state = (OPERSTATES as readonly string[]).indexOf(value.toUpperCase());
      if (state < 0) invarg('Invalid operstate\n', value);
      r.attrs.operstate = state;
    } else if (word === 'addrgenmode') {
      const value = args.need();
      const mode = (ADDR_GEN_MODES as readonly string[]).indexOf(value);
      if (mode < 0) invarg('Invalid address generation mode\n', value);
      r.attrs.afSpec = { inet6: { addrGenMode: mode } };
    } else if (word === 'link-netns') {
      const value = args.need();
      let id = nsidOfName(ip, value);
      if (id < 0) {
        setNsid(ip, value, -1);
        id = nsidOfName(ip, value);
      }
      if (id < 0) invarg('Invalid "link-netns" value\n', value);
      r.attrs.linkNetnsid = id;
    } else if (word === 'vrf') invarg('Not a valid VRF name\n', args.need());
    else if (UNSUPPORTED.has(word)) throw new ToolError(`ip: lowerdev has no "${word}" of links yet\n`, 1);
    else {
      let dev = word;
      if (word === 'help') throw new ToolError(linkUsage, 255);
      if (word === 'dev') dev = args.need();
      if (r.dev !== null && r.dev !== name) duparg2('dev', dev);
      if (r.dev !== null && r.dev === name && name !== null && !create) duparg2('dev', dev);
      if (dev.length >= 128 || /[/\s]/.test(dev) || dev === '') invarg('"dev" not a valid ifname', dev);
      r.dev = dev;
    }
  }
  finishNames(ip, r, name, link, index, create);
  return r;
}

/** Words whose number get_integer() reads: it may be negative, and goes out as it is. */
const SIGNED = new Set(['mtu', 'txqueuelen', 'link-netnsid']);

function numberOrFail(word: string, text: string): number {
  const signed = SIGNED.has(word) ? parseSigned(text) : parseNumber(text);
  const n = signed === null || word === 'link-netnsid' ? signed : signed >>> 0;
  if (word === 'gso_max_segs' && (n ?? 0) > 0xffff) invarg('Invalid "gso_max_segs" value\n', text);
  if (n === null) invarg(`Invalid "${word}" value\n`, text);
  return n;
}

function parseNetns(ip: Ip, r: LinkRequest, value: string): void {
  const fd = ip.openNs(value);
  if (fd !== null) {
    r.fds.push(fd);
    r.attrs.netNsFd = fd;
    return;
  }
  const pid = parseNumber(value);
  if (pid === null) invarg('Invalid "netns" value\n', value);
  r.attrs.netNsPid = pid;
}

/** Which name is the device's and which the new one; what is below; the index. */
function finishNames(
  ip: Ip,
  r: LinkRequest,
  given: string | null,
  link: string | null,
  index: number,
  create: boolean,
): void {
  let name = given;
  if (name === null) name = r.dev;
  else if (r.dev === null) r.dev = name;
  if (r.group !== null) {
    if (r.dev === null && !create) {
      r.header.index = 0;
      r.attrs.group = r.group;
      return;
    }
    r.attrs.group = r.group;
  }
  if (!create) {
    const unusual = (r.attrs as { unknown?: ReadonlyArray<{ type: number; bytes: Uint8Array }> }).unknown;
    const address = unusual?.find(({ type }) => type === IFLA_ADDRESS);
    if (address !== undefined && r.dev !== null && ip.links.index(r.dev) !== 0) {
      throw new ToolError(`Invalid address length ${address.bytes.length} - must be 6 bytes\n`, 1);
    }
    if (index !== 0 && r.attrs.netNsFd === undefined && r.attrs.netNsPid === undefined) {
      throw new ToolError(
        'index can be used only when creating devices or when moving device to another netns.\n',
        255,
      );
    }
    if (r.dev === null) throw new ToolError('Not enough information: "dev" argument is required.\n', 255);
    if (index !== 0) r.attrs.newIfindex = index;
    r.header.index = ip.links.need(r.dev);
    if (name !== r.dev && name !== null) r.attrs.ifname = name;
    return;
  }
  if (name !== r.dev) throw new ToolError('both "name" and "dev" cannot be used when creating devices.\n', 255);
  if (link !== null) r.attrs.link = ip.links.need(link);
  r.header.index = index;
  if (name !== null) r.attrs.ifname = name;
}

/** `type veth [peer ...]`: the peer is a link request of its own. */
export function parseVeth(ip: Ip, args: Args, fds: number[]): Record<string, unknown> {
  if (!args.more) return {};
  if (args.word !== 'peer') {
    ip.proc.out(vethUsage);
    throw new ToolError('', 1);
  }
  args.skip();
  const peer = parseLink(ip, args, true, fds);
  if (peer.type !== null) duparg('type', args.more ? args.word : peer.type);
  return { peer: { header: { ...peer.header, pad: undefined, type: 0 }, attrs: peer.attrs } };
}
