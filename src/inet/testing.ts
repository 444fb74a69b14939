// A small lab for this room's own tests: namespaces, an Ethernet-like pair of devices with a delay, a loopback device,
// requests in one line, and pings over raw sockets. Only tests import it; real drivers are in drivers/.

import { F_HW_CSUM } from '../net/features.ts';
import {
  ARPHRD_LOOPBACK,
  IFF_BROADCAST,
  IFF_LOOPBACK,
  IFF_MULTICAST,
  IFF_UP,
  OPER_UP,
  PRIV_LIVE_ADDR_CHANGE,
  PRIV_NO_QUEUE,
} from '../net/flags.ts';
import { Kernel } from '../net/kernel.ts';
import type { LinkOps } from '../net/linkops.ts';
import type { NetDevice } from '../net/netdev.ts';
import type { NetNs } from '../net/netns.ts';
import type { Skb } from '../net/skb.ts';
import { NLM_F_CREATE, NLM_F_EXCL } from '../uapi/netlink.ts';
import { RT_SCOPE_LINK, RT_SCOPE_UNIVERSE, RTN_UNICAST, RTPROT_BOOT } from '../uapi/route.ts';
import { decodeFrame } from '../wire/frame.ts';
import { encodeIcmp } from '../wire/icmp.ts';
import { ip4Of, ip4Text } from '../wire/text.ts';
import { addrAdd, routeAdd, routeDump } from './control.ts';
import { attachInet } from './inet.ts';
import type { RawSocket } from './raw.ts';
import { openSocket } from './socket-api.ts';
import type { AddrRequest, RouteInfo, RouteRequest } from './types.ts';

/** The other end of a cable, and how long it is. */
interface Cable {
  peer: NetDevice | null;
  delayNs: number;
}

const cableLink: LinkOps = {
  kind: 'testcable',
  setup(dev) {
    dev.flags = IFF_BROADCAST | IFF_MULTICAST;
    dev.privFlags = PRIV_NO_QUEUE | PRIV_LIVE_ADDR_CHANGE;
    dev.lltx = true;
    dev.features = F_HW_CSUM;
    dev.startXmit = cableXmit;
  },
};

function cableXmit(skb: Skb, dev: NetDevice): number {
  const cable = dev.priv as Cable;
  dev.stats.txPackets++;
  dev.core.kernel.loop.after(cable.delayNs, arrive, cable.peer as NetDevice, skb);
  return 0;
}

function arrive(dev: NetDevice, skb: Skb): void {
  if (!dev.up) return skb.slabs.free(skb, 3);
  skb.slabs.orphan(skb);
  dev.stats.rxPackets++;
  dev.core.kernel.rx.ethTypeTrans(skb, dev);
  skb.iif = 0;
  dev.core.kernel.rx.netifReceiveSkb(skb);
}

const loLink: LinkOps = {
  kind: 'lo',
  setup(dev) {
    dev.flags = IFF_LOOPBACK;
    dev.type = ARPHRD_LOOPBACK;
    dev.mtu = 65536;
    dev.minMtu = 0;
    dev.maxMtu = 0;
    dev.features = F_HW_CSUM;
    dev.privFlags = PRIV_NO_QUEUE;
    dev.lltx = true;
    dev.startXmit = (skb, lo) => {
      skb.slabs.orphan(skb);
      lo.core.kernel.rx.ethTypeTrans(skb, lo);
      lo.core.kernel.softirq.netifRx(skb);
      return 0;
    };
  },
};

export function makeKernel(seed = 1, more: (kernel: Kernel) => void = () => {}): Kernel {
  const kernel = new Kernel(seed);
  attachInet(kernel);
  more(kernel);
  kernel.hooks.nsInit.push((ns) => kernel.dev.register(kernel.dev.alloc(ns, 'lo', loLink)));
  return kernel;
}

/** 02:00:00:00:00:01 for the first device of a kernel, and so on. */
function nextMac(a: NetNs): number {
  let n = 1;
  for (const ns of a.kernel.namespaces) for (const dev of ns.byIndex.values()) if (dev.linkOps === cableLink) n++;
  return 0x020000000000 + n;
}

/** Two devices joined by a cable; neither is up. */
export function cable(a: NetNs, nameA: string, b: NetNs, nameB: string, delayNs = 10_000): [NetDevice, NetDevice] {
  const core = a.kernel.dev;
  const make = (ns: NetNs, name: string): NetDevice => {
    const dev = core.alloc(ns, name, cableLink);
    dev.operState = OPER_UP;
    return dev;
  };
  const x = make(a, nameA);
  const y = make(b, nameB);
  x.priv = { peer: y, delayNs } satisfies Cable;
  y.priv = { peer: x, delayNs } satisfies Cable;
  x.addr = nextMac(a);
  core.register(x);
  y.addr = nextMac(a);
  core.register(y);
  return [x, y];
}

export function up(dev: NetDevice): void {
  dev.core.changeFlags(dev, dev.flags | IFF_UP);
}

export function down(dev: NetDevice): void {
  dev.core.changeFlags(dev, dev.flags & ~IFF_UP);
}

/** `10.0.0.1/24`, as ip address add would ask for it. */
export function addr(dev: NetDevice, text: string, more: Partial<AddrRequest> = {}): void {
  const [ip, len] = text.split('/');
  addrAdd(dev.ns, { ...addrRequest(dev, ip4Of(ip), Number(len ?? 32)), ...more });
}

export function addrRequest(dev: NetDevice, local: number | null, prefixLen: number): AddrRequest {
  return {
    ifindex: dev.ifindex,
    prefixLen,
    scope: 0,
    flags: 0,
    local,
    address: local,
    broadcast: null,
    label: dev.name,
    rtPriority: 0,
    proto: 0,
    validLft: null,
    preferredLft: null,
    nlFlags: NLM_F_CREATE | NLM_F_EXCL,
  };
}

/** `default` or a prefix, as ip route add would ask for it. */
export function routeRequest(dst: string, more: Partial<RouteRequest> = {}): RouteRequest {
  const [ip, len] = dst === 'default' ? ['0.0.0.0', '0'] : dst.split('/');
  return {
    dst: ip4Of(ip),
    dstLen: Number(len ?? 32),
    tos: 0,
    table: 254,
    protocol: RTPROT_BOOT,
    scope: more.gateway === undefined && (more.type ?? RTN_UNICAST) === RTN_UNICAST ? RT_SCOPE_LINK : RT_SCOPE_UNIVERSE,
    type: RTN_UNICAST,
    flags: 0,
    oif: 0,
    gateway: null,
    priority: 0,
    prefsrc: 0,
    metrics: null,
    hasMultipath: false,
    hasEncap: false,
    hasVia6: false,
    nhId: 0,
    nlFlags: NLM_F_CREATE | NLM_F_EXCL,
    ...more,
  };
}

export function via(ns: NetNs, dst: string, gateway: string, dev: NetDevice | null = null): void {
  routeAdd(ns, routeRequest(dst, { gateway: ip4Of(gateway), oif: dev?.ifindex ?? 0 }));
}

const TYPES = [
  'none',
  'unicast',
  'local',
  'broadcast',
  'anycast',
  'multicast',
  'blackhole',
  'unreachable',
  'prohibit',
  'throw',
];

/** One route, much as ip route prints it. */
export function routeText(r: RouteInfo): string {
  let s = r.type === RTN_UNICAST ? '' : `${TYPES[r.type]} `;
  s += r.dstLen === 0 ? 'default' : r.dstLen === 32 ? ip4Text(r.dst) : `${ip4Text(r.dst)}/${r.dstLen}`;
  if (r.gateway !== 0) s += ` via ${ip4Text(r.gateway)}`;
  if (r.dev !== null) s += ` dev ${r.dev.name}`;
  if (r.protocol === 2) s += ' proto kernel';
  if (r.scope === 253) s += ' scope link';
  if (r.scope === 254) s += ' scope host';
  if (r.prefsrc !== 0) s += ` src ${ip4Text(r.prefsrc)}`;
  if (r.priority !== 0) s += ` metric ${r.priority}`;
  if ((r.flags & 1) !== 0) s += ' dead';
  if ((r.flags & 16) !== 0) s += ' linkdown';
  if ((r.flags & 4) !== 0) s += ' onlink';
  return s;
}

export function routes(ns: NetNs, table = 254): string[] {
  return routeDump(ns, table).map(routeText);
}

/** Frames that pass a device, as lines: time in ms, direction, and what they are. */
export function watch(dev: NetDevice): string[] {
  const lines: string[] = [];
  dev.taps.push({
    owner: lines,
    ignoreOutgoing: false,
    frame(skb, _dev, outgoing) {
      if (skb.pktType === 5 && !outgoing) return;
      const from = skb.mac;
      const ms = (dev.core.kernel.loop.now / 1e6).toFixed(1);
      lines.push(`${ms} ${outgoing ? '>' : '<'} ${describe(skb.bytes.slice(from, skb.off + skb.len))}`);
    },
  });
  return lines;
}

function describe(bytes: Uint8Array): string {
  const f = decodeFrame(bytes);
  if (f === null) return 'rubbish';
  if (f.arp !== null) {
    return f.arp.op === 1 ? `who-has ${f.arp.tpa} tell ${f.arp.spa}` : `${f.arp.spa} is-at ${f.arp.sha.slice(-2)}`;
  }
  if (f.ip4 === null) return 'other';
  const head = `${f.ip4.src} > ${f.ip4.dst}`;
  const frag =
    f.ip4.fragOff > 0 || f.ip4.mf ? ` frag ${f.ip4.fragOff}+${f.ip4.payload.length}${f.ip4.mf ? '+' : ''}` : '';
  if (frag !== '') return head + frag;
  if (f.icmp !== null) return `${head} icmp ${f.icmp.type}/${f.icmp.code} len ${f.ip4.payload.length}`;
  if (f.udp !== null) return `${head} udp ${f.udp.sport}>${f.udp.dport} len ${f.udp.payload.length}`;
  return `${head} proto ${f.ip4.proto}`;
}

/** An echo request through a raw socket; the socket stays open for the answer. */
export function sendPing(ns: NetNs, to: string, size = 56, seq = 1): { rc: number; sock: RawSocket } {
  const sock = openSocket(ns.kernel, ns, 'raw4', 1) as RawSocket;
  sock.setOption('SO_BROADCAST', 1);
  const data = encodeIcmp({ type: 8, id: 77, seq, payload: new Uint8Array(size) });
  const rc = sock.sendTo(data, { addr4: ip4Of(to), port: 0, ifindex: 0, protocol: 0, mac: 0 });
  return { rc, sock };
}

/** What a raw ICMP socket has heard, as `type/code from`. */
export function heard(sock: RawSocket): string[] {
  const out: string[] = [];
  for (let m = sock.recv(); m !== null; m = sock.recv()) {
    const at = (m.data[0] & 15) * 4;
    out.push(`${m.data[at]}/${m.data[at + 1]} ${ip4Text(m.from.addr4)}`);
  }
  return out;
}
