// Who listens to what: multicast groups of one namespace, and how a notification reaches them.
// Linux: netlink_broadcast(), nlmsg_notify(), rtnl_notify().

import type { NetDevice } from '../net/netdev.ts';
import type { NetNs } from '../net/netns.ts';
import { beginMessage, endMessage } from '../netlink/message.ts';
import { Writer } from '../netlink/writer.ts';
import { NETLINK_ROUTE } from '../uapi/netlink.ts';
import type { Request } from './request.ts';
import type { NlSocket } from './socket.ts';

/** What rtnl keeps of a namespace. */
class RtnlNs {
  nextPort = 1;
  /** The request that is being worked on here; some notifications carry its sender and sequence number. */
  current: Request | null = null;
  /** The link that the current request makes or removes, and which of its notifications NLM_F_ECHO asks for. */
  echoed: NetDevice | null = null;
  echoedType = 0;
  /** Notifications of ethtool so far, of all namespaces; counted in the first one. */
  ethtoolSeq = 0;
  /** Links that are being made: nobody has heard of them, so nobody hears that they are gone. */
  readonly unborn = new Set<NetDevice>();
  readonly groups = new Map<number, NlSocket[]>();
}

export function rtnlOf(ns: NetNs): RtnlNs {
  if (ns.rtnl === null) ns.rtnl = new RtnlNs();
  return ns.rtnl as RtnlNs;
}

/** The sockets that joined a group of a protocol. */
export function listeners(ns: NetNs, protocol: number, group: number): NlSocket[] {
  const { groups } = rtnlOf(ns);
  const key = protocol * 0x10000 + group;
  let list = groups.get(key);
  if (list === undefined) {
    list = [];
    groups.set(key, list);
  }
  return list;
}

/** Who a notification says it is about: `pid` and `seq` of its header, and who gets it as an answer (NLM_F_ECHO). */
export interface Origin {
  readonly request: Request | null;
  /** Carry the request's port and sequence number even without NLM_F_ECHO, as addresses and routes do. */
  readonly always: boolean;
  /** A number of its own, as ethtool counts its notifications. */
  readonly seq?: number;
  /** Only the port, as neighbours do. */
  readonly portOnly?: boolean;
}

export const NOBODY: Origin = { request: null, always: false };

/** Tells a group of rtnetlink; `write` fills in the payload and runs only when somebody hears it. */
export function notify(
  ns: NetNs,
  group: number,
  type: number,
  origin: Origin,
  write: (w: Writer) => void,
  flags = 0,
): void {
  notifyGroup(ns, NETLINK_ROUTE, group, type, origin, write, flags);
}

/** The same for any protocol. */
export function notifyGroup(
  ns: NetNs,
  protocol: number,
  group: number,
  type: number,
  origin: Origin,
  write: (w: Writer) => void,
  flags = 0,
): void {
  const list = listeners(ns, protocol, group);
  const { request } = origin;
  const echo = request?.echo === true;
  if (list.length === 0 && !echo) return;
  const named = request !== null && (echo || origin.always);
  const w = new Writer(2048);
  const seq = named && origin.portOnly !== true ? request.msg.seq : (origin.seq ?? 0);
  const head = { type, flags, seq, pid: named ? request.sock.portId : 0 };
  const at = beginMessage(w, head);
  write(w);
  endMessage(w, at);
  const datagram = w.take();
  for (const sock of [...list]) if (!echo || sock !== request.sock) sock.deliver(datagram);
  if (echo) request.sock.deliver(datagram);
}

/** A datagram of several messages, made only when somebody hears it. */
export function notifyMany(ns: NetNs, protocol: number, group: number, origin: Origin, make: () => Uint8Array): void {
  const list = listeners(ns, protocol, group);
  const { request } = origin;
  const echo = request?.echo === true;
  if (list.length === 0 && !echo) return;
  const datagram = make();
  for (const sock of [...list]) if (!echo || sock !== request.sock) sock.deliver(datagram);
  if (echo) request.sock.deliver(datagram);
}
