// Words of a capture filter. libpcap: scanner.l; the language is in pcap-filter(7).

import { wordTable } from '../../../../base/word-table.ts';
import { ip4Of, ip6Of } from '../../../../wire/text.ts';

/** `num` carries a value; the others their text: an IPv4 address or prefix, IPv6, MAC, a name, a keyword or sign. */
export interface Token {
  kind: 'num' | 'ip4' | 'ip6' | 'mac' | 'name' | 'word' | 'end';
  text: string;
  value: number;
}

/** A complaint about a filter: what tcpdump prints behind `tcpdump: `. */
export class FilterError extends Error {}

export const SYNTAX = "can't parse filter expression: syntax error";

const keywords: ReadonlySet<string> = new Set(
  (
    'dst src link ether ppp slip fddi tr wlan arp rarp ip sctp tcp udp icmp igmp igrp pim vrrp carp radio ip6 ipv6 icmp6 ah esp ' +
    'host net mask port portrange proto protochain gateway less greater byte broadcast multicast and or not len length inbound ' +
    'outbound ifindex vlan mpls pppoed pppoes llc stp iso atalk aarp decnet lat sca moprc mopdl ipx netbeui'
  ).split(' '),
);
const aliases = wordTable<string>({
  link: 'ether',
  ipv6: 'ip6',
  length: 'len',
  ppp: 'ether',
  slip: 'ether',
  fddi: 'ether',
  tr: 'ether',
  wlan: 'ether',
});

/** Named offsets and values for `proto[...]`. */
const constants = wordTable<number>({
  icmptype: 0,
  icmpcode: 1,
  icmp6type: 0,
  icmp6code: 1,
  tcpflags: 13,
  'icmp-echoreply': 0,
  'icmp-unreach': 3,
  'icmp-sourcequench': 4,
  'icmp-redirect': 5,
  'icmp-echo': 8,
  'icmp-routeradvert': 9,
  'icmp-routersolicit': 10,
  'icmp-timxceed': 11,
  'icmp-paramprob': 12,
  'icmp-tstamp': 13,
  'icmp-tstampreply': 14,
  'icmp-ireq': 15,
  'icmp-ireqreply': 16,
  'icmp-maskreq': 17,
  'icmp-maskreply': 18,
  'icmp6-destinationrunreach': 1,
  'icmp6-packettoobig': 2,
  'icmp6-timeexceeded': 3,
  'icmp6-parameterproblem': 4,
  'icmp6-echo': 128,
  'icmp6-echoreply': 129,
  'icmp6-multicastlistenerquery': 130,
  'icmp6-multicastlistenerreportv1': 131,
  'icmp6-multicastlistenerdone': 132,
  'icmp6-routersolicit': 133,
  'icmp6-routeradvert': 134,
  'icmp6-neighborsolicit': 135,
  'icmp6-neighboradvert': 136,
  'icmp6-redirect': 137,
  'icmp6-multicastlistenerreportv2': 143,
  'tcp-fin': 1,
  'tcp-syn': 2,
  'tcp-rst': 4,
  'tcp-push': 8,
  'tcp-ack': 16,
  'tcp-urg': 32,
  'tcp-ece': 64,
  'tcp-cwr': 128,
});

const signs = /^(?:<<|>>|<=|>=|!=|==|&&|\|\||[-+*/%&|^()[\]!=<>:])/;
const macForm = /^[0-9a-fA-F]{1,2}([:.-][0-9a-fA-F]{1,2}){5}(?![\w:.-])/;
const macDots = /^[0-9a-fA-F]{4}\.[0-9a-fA-F]{4}\.[0-9a-fA-F]{4}(?![\w:.-])/;
const ip6Form = /^[0-9a-fA-F:]*:[0-9a-fA-F:]*:[0-9a-fA-F:.]*/;
const dotted = /^\d+(\.\d+){1,3}(?![\w.-])/;
const number = /^(0x[0-9a-fA-F]+|\d+)(?![\w.-]*[A-Za-z_])/i;
const nameForm = /^[A-Za-z0-9]([-_.A-Za-z0-9]*[.A-Za-z0-9])?/;

/** What is parsed and tested word within word has to fit on the stack. */
const mostWords = 2000;

export function lex(text: string): Token[] {
  const out: Token[] = [];
  let rest = text.trimStart();
  while (rest !== '') {
    const used = next(rest, out);
    rest = rest.slice(used).trimStart();
    if (out.length > mostWords) throw new FilterError(`can't parse filter expression: more than ${mostWords} words`);
  }
  out.push({ kind: 'end', text: '', value: 0 });
  return out;
}

/** Adds the token at the beginning of `s` and returns its length. */
function next(s: string, out: Token[]): number {
  const add = (kind: Token['kind'], text: string, used: number, value = 0): number => {
    out.push({ kind, text, value });
    return used;
  };
  const mac = macForm.exec(s) ?? macDots.exec(s);
  if (mac !== null) return add('mac', mac[0], mac[0].length);
  const v6 = ip6Form.exec(s);
  if (v6 !== null && ip6Of(v6[0]) !== null) return add('ip6', v6[0], v6[0].length);
  const v4 = dotted.exec(s);
  if (v4 !== null) return add('ip4', v4[0], v4[0].length);
  const num = number.exec(s);
  if (num !== null) return add('num', num[0], num[0].length, numberOf(num[0]));
  const sign = signs.exec(s);
  if (sign !== null) {
    const word =
      sign[0] === '&&' ? 'and' : sign[0] === '||' ? 'or' : sign[0] === '!' ? 'not' : sign[0] === '==' ? '=' : sign[0];
    return add('word', word, sign[0].length);
  }
  if (s[0] === '\\') {
    const escaped = /^\\([^ !()\n\t]+)/.exec(s);
    if (escaped === null) throw new FilterError(SYNTAX);
    return add('name', escaped[1], escaped[0].length);
  }
  const name = nameForm.exec(s);
  if (name === null) throw new FilterError(SYNTAX);
  const lower = name[0];
  if (Object.hasOwn(constants, lower)) return add('num', lower, lower.length, constants[lower]);
  if (keywords.has(lower)) return add('word', aliases[lower] ?? lower, lower.length);
  return add('name', lower, lower.length);
}

/** Decimal, 0x and octal, as the kernel's own tools read them; more than 32 bits are refused. */
function numberOf(text: string): number {
  const octal = /^0[0-7]+$/.test(text);
  if (!octal && /^0\d/.test(text)) throw new FilterError(`number ${text} contains non-octal digit`);
  const v = octal ? Number.parseInt(text, 8) : Number(text);
  if (v > 0xffffffff) throw new FilterError(`number ${text} overflows 32 bits`);
  return v;
}

/** `10.0` as libpcap reads it: the value, moved to the top, and its mask; null when a part is over 255. */
export function prefixOf(text: string): { addr: number; mask: number } | null {
  const parts = text.split('.');
  const padded = parts.concat(new Array<string>(4 - parts.length).fill('0')).map((p) => String(Number(p)));
  const addr = ip4Of(padded.join('.'));
  if (Number.isNaN(addr)) return null;
  return { addr, mask: parts.length === 4 ? 0xffffffff : ~(0xffffffff >>> (8 * parts.length)) >>> 0 };
}
