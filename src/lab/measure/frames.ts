// The frames that measuring sends, and what it reads from those that it hears. Each carries a marker: who measures (`run`) and
// which probe it is, so that it is found again in any capture or trace. ARP has no room for one; there the addresses tell.

import { formatIp, formatMac } from '../../uapi/format.ts';
import { ARP_LEN, ARPOP_REPLY, ARPOP_REQUEST, arpIsEthIp4, arpOp, arpSha, arpSpa, arpTpa } from '../../wire/arp.ts';
import { slice, u32 } from '../../wire/bytes.ts';
import { ETH_HLEN, ETH_P_ARP, ETH_P_IP, ETH_P_IPV6, ethType, MAC_BROADCAST, macKey } from '../../wire/ethernet.ts';
import { frame } from '../../wire/frame.ts';
import { ICMP_ECHO, ICMP_ECHOREPLY, ICMP_HLEN } from '../../wire/icmp.ts';
import { ICMPV6_ECHO_REPLY, ICMPV6_ECHO_REQUEST } from '../../wire/icmp6.ts';
import { in6, macOfIn6Group, solicitedNode } from '../../wire/in6.ts';
import { IPPROTO_ICMP, IPPROTO_UDP, ip4Hlen, ip4Proto } from '../../wire/ip4.ts';
import { IP6_HLEN, IP6_NEXT, IPPROTO_ICMPV6 } from '../../wire/ip6.ts';
import {
  ND_LEN,
  ND_OPT_TARGET_LL_ADDR,
  ND_OPTIONS,
  ND_TARGET,
  NDISC_NEIGHBOUR_ADVERTISEMENT,
  NDISC_NEIGHBOUR_SOLICITATION,
  ndOption,
} from '../../wire/nd.ts';
import { UDP_HLEN } from '../../wire/udp.ts';

/** `lowerdev`, then the run and the probe as 32-bit numbers. */
const MAGIC = [0x6c6f7765, 0x72646576] as const;
const MARK_LEN = 16;
/** Discard: nobody answers, whoever listens. */
const PORT = 9;
const ALL_HOSTS = { mac: 0x01005e000001, address: '224.0.0.1' };
const EVERYBODY = { mac: MAC_BROADCAST, address: '255.255.255.255' };

export interface Mark {
  readonly run: number;
  readonly probe: number;
}

function markBytes({ run, probe }: Mark): Uint8Array {
  const b = new Uint8Array(MARK_LEN);
  const v = new DataView(b.buffer);
  for (const [i, word] of [...MAGIC, run, probe].entries()) v.setUint32(4 * i, word);
  return b;
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
  const src = formatMac(from.mac);
  if (!target.includes(':')) {
    return frame({
      eth: { dst: 'ff:ff:ff:ff:ff:ff', src },
      arp: { op: ARPOP_REQUEST, sha: src, spa: from.address, tpa: target },
    });
  }
  const group = solicitedNode(in6(target));
  const bytes = new Uint8Array(16);
  group.write(bytes, 0);
  return frame({
    eth: { dst: formatMac(macOfIn6Group(group)), src },
    ip6: { src: from.address, dst: formatIp(bytes), hopLimit: 255 },
    nd: { type: NDISC_NEIGHBOUR_SOLICITATION, target, lladdr: src },
  });
}

/** ICMP or ICMPv6, as the destination asks. */
export function echoRequest(from: From, toMac: number, to: string, mark: Mark): Uint8Array {
  const eth = { dst: formatMac(toMac), src: formatMac(from.mac) };
  const echo = { id: mark.run & 0xffff, seq: mark.probe & 0xffff };
  const payload = markBytes(mark);
  return to.includes(':')
    ? frame({ eth, ip6: { src: from.address, dst: to }, icmp6: { type: ICMPV6_ECHO_REQUEST, ...echo }, payload })
    : frame({ eth, ip4: { src: from.address, dst: to }, icmp: { type: ICMP_ECHO, ...echo }, payload });
}

/** One to everybody on the link: by broadcast, or to the group that every host is in. */
export function shout(from: From, kind: 'broadcast' | 'multicast', mark: Mark): Uint8Array {
  const to = kind === 'broadcast' ? EVERYBODY : ALL_HOSTS;
  return frame({
    eth: { dst: formatMac(to.mac), src: formatMac(from.mac) },
    ip4: { src: from.address, dst: to.address, ttl: 1 },
    udp: { sport: PORT, dport: PORT },
    payload: markBytes(mark),
  });
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
