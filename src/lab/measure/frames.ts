// The frames that measuring sends, and what it reads from those that it hears. Each carries a marker: who measures (`run`) and
// which probe it is, so that it is found again in any capture or trace. ARP has no room for one; there the addresses tell.

import { formatIp } from '../../uapi/format.ts';
import {
  ARP_LEN,
  ARPOP_REPLY,
  ARPOP_REQUEST,
  arpIsEthIp4,
  arpOp,
  arpSha,
  arpSpa,
  arpTpa,
  setArp,
} from '../../wire/arp.ts';
import { setU32, slice, u32 } from '../../wire/bytes.ts';
import {
  ETH_HLEN,
  ETH_P_ARP,
  ETH_P_IP,
  ETH_P_IPV6,
  ethType,
  MAC_BROADCAST,
  macKey,
  setEth,
  setMacKey,
} from '../../wire/ethernet.ts';
import { ICMP_ECHO, ICMP_ECHOREPLY, ICMP_HLEN, setIcmp, setIcmpCheck } from '../../wire/icmp.ts';
import { ICMPV6_ECHO_REPLY, ICMPV6_ECHO_REQUEST, setIcmp6, setIcmp6Check } from '../../wire/icmp6.ts';
import { in6, macOfIn6Group, solicitedNode } from '../../wire/in6.ts';
import { IP4_BROADCAST, IP4_HLEN, IPPROTO_ICMP, IPPROTO_UDP, ip4Hlen, ip4Proto, setIp4 } from '../../wire/ip4.ts';
import { IP6_DST, IP6_HLEN, IP6_NEXT, IP6_SRC, IPPROTO_ICMPV6, setIp6 } from '../../wire/ip6.ts';
import {
  ND_LEN,
  ND_OPT_SOURCE_LL_ADDR,
  ND_OPT_TARGET_LL_ADDR,
  ND_OPTIONS,
  ND_TARGET,
  NDISC_NEIGHBOUR_ADVERTISEMENT,
  NDISC_NEIGHBOUR_SOLICITATION,
  ndOption,
  setNdLlOption,
} from '../../wire/nd.ts';
import { ip4Of } from '../../wire/text.ts';
import { setUdp, setUdpCheck4, UDP_HLEN } from '../../wire/udp.ts';

/** `lowerdev`, then the run and the probe as 32-bit numbers. */
const MAGIC = [0x6c6f7765, 0x72646576] as const;
const MARK_LEN = 16;
/** Discard: nobody answers, whoever listens. */
const PORT = 9;
const ICMP6_AT = ETH_HLEN + IP6_HLEN;
const LL_OPTION = 8;
const ALL_HOSTS = { mac: 0x01005e000001, address: 0xe0000001 };
const EVERYBODY = { mac: MAC_BROADCAST, address: IP4_BROADCAST };

export interface Mark {
  readonly run: number;
  readonly probe: number;
}

function setMark(b: Uint8Array, at: number, { run, probe }: Mark): void {
  for (const [i, word] of [...MAGIC, run, probe].entries()) setU32(b, at + 4 * i, word);
}

/** The marker in a frame's bytes, from its Ethernet header on; null: it has none. */
export function markOf(b: Uint8Array): Mark | null {
  const what = heard(b);
  return what !== null && 'mark' in what ? what.mark : null;
}

interface From {
  readonly mac: number;
  readonly address: string;
}

/** Who has `target`? An ARP request, or a neighbour solicitation when that is an IPv6 address. */
export function whoHas(from: From, target: string): Uint8Array {
  if (!target.includes(':')) {
    const b = new Uint8Array(ETH_HLEN + ARP_LEN);
    setEth(b, 0, MAC_BROADCAST, from.mac, ETH_P_ARP);
    setArp(b, ETH_HLEN, ARPOP_REQUEST, from.mac, ip4Of(from.address), 0, ip4Of(target));
    return b;
  }
  const group = solicitedNode(in6(target));
  const b = ip6Frame(from, macOfIn6Group(group), ND_LEN + LL_OPTION, 255);
  group.write(b, ETH_HLEN + IP6_DST);
  b[ICMP6_AT] = NDISC_NEIGHBOUR_SOLICITATION;
  in6(target).write(b, ICMP6_AT + ND_TARGET);
  setNdLlOption(b, ICMP6_AT + ND_OPTIONS, ND_OPT_SOURCE_LL_ADDR);
  setMacKey(b, ICMP6_AT + ND_OPTIONS + 2, from.mac);
  setIcmp6Check(b, ETH_HLEN, ICMP6_AT, b.length - ICMP6_AT);
  return b;
}

/** ICMP or ICMPv6, as the destination asks. */
export function echoRequest(from: From, toMac: number, to: string, mark: Mark): Uint8Array {
  const rest = (((mark.run & 0xffff) << 16) | (mark.probe & 0xffff)) >>> 0; // identifier and sequence number
  const len = ICMP_HLEN + MARK_LEN;
  if (to.includes(':')) {
    const b = ip6Frame(from, toMac, len, 64);
    in6(to).write(b, ETH_HLEN + IP6_DST);
    setIcmp6(b, ICMP6_AT, ICMPV6_ECHO_REQUEST, 0, rest);
    setMark(b, ICMP6_AT + ICMP_HLEN, mark);
    setIcmp6Check(b, ETH_HLEN, ICMP6_AT, len);
    return b;
  }
  const b = new Uint8Array(ETH_HLEN + IP4_HLEN + len);
  const at = ETH_HLEN + IP4_HLEN;
  setEth(b, 0, toMac, from.mac, ETH_P_IP);
  setIp4(b, ETH_HLEN, 0, IP4_HLEN + len, 0, 0, 64, IPPROTO_ICMP, ip4Of(from.address), ip4Of(to));
  setIcmp(b, at, ICMP_ECHO, 0, rest);
  setMark(b, at + ICMP_HLEN, mark);
  setIcmpCheck(b, at, len);
  return b;
}

/** Headers but for the destination, before `len` bytes of ICMPv6. */
function ip6Frame(from: From, toMac: number, len: number, hops: number): Uint8Array {
  const b = new Uint8Array(ICMP6_AT + len);
  setEth(b, 0, toMac, from.mac, ETH_P_IPV6);
  setIp6(b, ETH_HLEN, 0, 0, len, IPPROTO_ICMPV6, hops);
  in6(from.address).write(b, ETH_HLEN + IP6_SRC);
  return b;
}

/** One to everybody on the link: by broadcast, or to the group that every host is in. */
export function shout(from: From, kind: 'broadcast' | 'multicast', mark: Mark): Uint8Array {
  const to = kind === 'broadcast' ? EVERYBODY : ALL_HOSTS;
  const len = UDP_HLEN + MARK_LEN;
  const at = ETH_HLEN + IP4_HLEN;
  const b = new Uint8Array(at + len);
  setEth(b, 0, to.mac, from.mac, ETH_P_IP);
  setIp4(b, ETH_HLEN, 0, IP4_HLEN + len, 0, 0, 1, IPPROTO_UDP, ip4Of(from.address), to.address);
  setUdp(b, at, PORT, PORT, len);
  setMark(b, at + UDP_HLEN, mark);
  setUdpCheck4(b, ETH_HLEN, at);
  return b;
}

/** What a frame says to us; addresses in one spelling. */
export type Heard =
  | { readonly what: 'who-has'; readonly target: string; readonly asker: string }
  | { readonly what: 'is-at'; readonly target: string; readonly mac: number }
  | { readonly what: 'echo' | 'reply' | 'shout'; readonly mark: Mark };

/** null: nothing that concerns a measurement. `own`: the listener's IPv4 addresses; null: ARP requests for anybody are told. */
export function heard(b: Uint8Array, own: ReadonlySet<number> | null = null): Heard | null {
  if (b.length < ETH_HLEN) return null;
  const type = ethType(b, 0);
  if (type === ETH_P_ARP) return heardArp(b, own);
  if (type === ETH_P_IP) return heardIp4(b);
  return type === ETH_P_IPV6 ? heardIp6(b) : null;
}

function heardArp(b: Uint8Array, own: ReadonlySet<number> | null): Heard | null {
  if (!arpIsEthIp4(b, ETH_HLEN, b.length - ETH_HLEN) || b.length < ETH_HLEN + ARP_LEN) return null;
  const op = arpOp(b, ETH_HLEN);
  const target = arpTpa(b, ETH_HLEN);
  if (op === ARPOP_REQUEST && own !== null && !own.has(target)) return null; // most of all that is heard
  const asker = (): string => formatIp(arpSpa(b, ETH_HLEN));
  if (op === ARPOP_REQUEST) return { what: 'who-has', target: formatIp(target), asker: asker() };
  return op === ARPOP_REPLY ? { what: 'is-at', target: asker(), mac: arpSha(b, ETH_HLEN) } : null;
}

function heardIp4(b: Uint8Array): Heard | null {
  if (b.length < ETH_HLEN + 20) return null;
  const at = ETH_HLEN + ip4Hlen(b, ETH_HLEN);
  const proto = ip4Proto(b, ETH_HLEN);
  if (proto === IPPROTO_UDP) return marked('shout', b, at + UDP_HLEN);
  if (proto !== IPPROTO_ICMP || b.length < at + ICMP_HLEN) return null;
  if (b[at] !== ICMP_ECHO && b[at] !== ICMP_ECHOREPLY) return null;
  return marked(b[at] === ICMP_ECHO ? 'echo' : 'reply', b, at + ICMP_HLEN);
}

function heardIp6(b: Uint8Array): Heard | null {
  const at = ETH_HLEN + IP6_HLEN;
  if (b.length < at + ICMP_HLEN || b[ETH_HLEN + IP6_NEXT] !== IPPROTO_ICMPV6) return null;
  if (b[at] === ICMPV6_ECHO_REQUEST) return marked('echo', b, at + ICMP_HLEN);
  if (b[at] === ICMPV6_ECHO_REPLY) return marked('reply', b, at + ICMP_HLEN);
  if (b.length < at + ND_LEN) return null;
  const target = (): string => formatIp(slice(b, at + ND_TARGET, 16));
  if (b[at] === NDISC_NEIGHBOUR_SOLICITATION) {
    return { what: 'who-has', target: target(), asker: formatIp(slice(b, ETH_HLEN + 8, 16)) };
  }
  if (b[at] !== NDISC_NEIGHBOUR_ADVERTISEMENT) return null;
  const option = ndOption(b, at + ND_OPTIONS, b.length, ND_OPT_TARGET_LL_ADDR);
  const mac = option > 0 ? macKey(b, option + 2) : macKey(b, 6);
  return { what: 'is-at', target: target(), mac };
}

function marked(what: 'echo' | 'reply' | 'shout', b: Uint8Array, at: number): Heard | null {
  if (b.length < at + MARK_LEN || u32(b, at) !== MAGIC[0] || u32(b, at + 4) !== MAGIC[1]) return null;
  return { what, mark: { run: u32(b, at + 8), probe: u32(b, at + 12) } };
}
