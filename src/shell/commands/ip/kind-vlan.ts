// VLANs: what `ip -d link` prints of one, and the words that make and change it. iproute2: ip/iplink_vlan.c.

import { wordTable } from '../../../base/word-table.ts';
import {
  type LinkInfo,
  VLAN_FLAG_BRIDGE_BINDING,
  VLAN_FLAG_GVRP,
  VLAN_FLAG_LOOSE_BINDING,
  VLAN_FLAG_MVRP,
  VLAN_FLAG_REORDER_HDR,
} from '../../../uapi/linkinfo.ts';
import { type Args, needNumber, parseNumber } from '../iproute/args.ts';
import { invarg, ToolError } from '../iproute/errors.ts';
import type { Ip } from './context.ts';

type Data = NonNullable<LinkInfo['data']>;
type Map = NonNullable<Data['ingressQos']>;

/** In the order in which they are printed. */
const FLAGS: ReadonlyArray<readonly [word: string, flag: number, text: string]> = [
  ['reorder_hdr', VLAN_FLAG_REORDER_HDR, 'REORDER_HDR'],
  ['gvrp', VLAN_FLAG_GVRP, 'GVRP'],
  ['mvrp', VLAN_FLAG_MVRP, 'MVRP'],
  ['loose_binding', VLAN_FLAG_LOOSE_BINDING, 'LOOSE_BINDING'],
  ['bridge_binding', VLAN_FLAG_BRIDGE_BINDING, 'BRIDGE_BINDING'],
];

const PROTOCOLS: ReadonlyMap<number, string> = new Map([
  [0x8100, '802.1Q'],
  [0x88a8, '802.1ad'],
]);

/** Other protocols that the tool has a name for, and the kernel refuses. */
const OTHERS = wordTable<number>({ ip: 0x800, ipv4: 0x800, arp: 0x806, ipv6: 0x86dd, all: 3, loop: 0x60 });

export const vlanKindUsage = `Usage: ... vlan id VLANID
\t\t[ protocol VLANPROTO ]
\t\t[ reorder_hdr { on | off } ]
\t\t[ gvrp { on | off } ]
\t\t[ mvrp { on | off } ]
\t\t[ loose_binding { on | off } ]
\t\t[ bridge_binding { on | off } ]
\t\t[ ingress-qos-map QOS-MAP ]
\t\t[ egress-qos-map QOS-MAP ]

VLANID := 0-4095
VLANPROTO: [ 802.1Q | 802.1ad ]
QOS-MAP := [ QOS-MAP ] QOS-MAPPING
QOS-MAPPING := FROM:TO
`;

export function printVlanKind(ip: Ip, data: Data): void {
  const { out } = ip;
  if (data.protocol !== undefined) {
    const name = PROTOCOLS.get(data.protocol) ?? `[${data.protocol}]`;
    out.any('protocol', name, `protocol ${name} `);
  }
  if (data.id !== undefined) out.any('id', data.id, `id ${data.id} `);
  if (data.vlanFlags !== undefined) printFlags(ip, data.vlanFlags.flags);
  if (data.ingressQos !== undefined) printMap(ip, 'ingress_qos', 'ingress-qos-map', data.ingressQos);
  if (data.egressQos !== undefined) printMap(ip, 'egress_qos', 'egress-qos-map', data.egressQos);
}

function printFlags(ip: Ip, flags: number): void {
  const { out } = ip;
  const names = FLAGS.filter(([, flag]) => (flags & flag) !== 0).map(([, , text]) => text);
  out.openArray('flags', '<');
  for (const name of names) out.value(null, name);
  out.text(names.join(','));
  out.closeArray('> ');
}

function printMap(ip: Ip, key: string, words: string, map: Map): void {
  const { out } = ip;
  out.openArray(key);
  out.newline();
  out.text(`      ${words} { `);
  for (const { from, to } of map) {
    out.openObject();
    out.any('from', from, `${from}:`);
    out.any('to', to, `${to} `);
    out.closeObject();
  }
  out.closeArray();
  out.text('} ');
}

/** vlan_parse_opt(). */
export function parseVlan(args: Args): Data {
  const data: Record<string, unknown> = {};
  let flags = 0;
  let mask = 0;
  for (; args.more; args.skip()) {
    const word = args.word;
    const flag = FLAGS.find(([name]) => name === word);
    if (word === 'protocol') data.protocol = protocolOf(args.need());
    else if (word === 'id') data.id = needNumber('id is invalid', args.need(), 0xffff);
    else if (flag !== undefined) {
      const value = args.need();
      if (value !== 'on' && value !== 'off') {
        throw new ToolError(`Error: argument of "${word}" must be "on" or "off", not "${value}"\n`, 1);
      }
      mask |= flag[1];
      flags = value === 'on' ? flags | flag[1] : flags & ~flag[1];
    } else if (word === 'ingress-qos-map') data.ingressQos = parseMap(args, word);
    else if (word === 'egress-qos-map') data.egressQos = parseMap(args, word);
    else if (word === 'help') throw new ToolError(vlanKindUsage, 1);
    else throw new ToolError(`vlan: unknown command "${word}"?\n${vlanKindUsage}`, 1);
  }
  if (mask !== 0) data.vlanFlags = { flags, mask };
  return data as Data;
}

function protocolOf(text: string): number {
  for (const [number, name] of PROTOCOLS) if (name.toLowerCase() === text.toLowerCase()) return number;
  const number = OTHERS[text.toLowerCase()] ?? parseNumber(text, 0xffff);
  return number ?? invarg('protocol is invalid', text);
}

/** FROM:TO, as many as follow. */
function parseMap(args: Args, what: string): Map {
  const map: Map = [];
  args.need();
  for (;;) {
    const [from, to, more] = args.word.split(':');
    const f = parseNumber(from ?? '');
    const t = parseNumber(to ?? '');
    if (f === null || t === null || more !== undefined) invarg(`invalid ${what}`, args.word);
    map.push({ from: f, to: t });
    if (args.following?.includes(':') !== true) return map;
    args.skip();
  }
}
