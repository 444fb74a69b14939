// A datagram of requests taken apart and each one answered: acknowledged, refused, or dumped. Route requests find their
// handler by family and type; a family without one of its own falls back to the handler for any family.
// Linux: netlink_rcv_skb(), netlink_ack(), rtnetlink_rcv_msg().

import { Refusal } from '../net/linkops.ts';
import { sourceOf } from '../netlink/attrs.ts';
import { type ExtAck, NlError, NlFormatError } from '../netlink/error.ts';
import { encodeAck, NLMSG_HDRLEN, type NlMessage } from '../netlink/message.ts';
import { attrOffset } from '../netlink/policy.ts';
import { align4 } from '../netlink/writer.ts';
import { NLM_F_ACK, NLM_F_BULK, NLM_F_DUMP, NLM_F_REQUEST, NLMSG_MIN_TYPE } from '../uapi/netlink.ts';
import { Dump } from './dump.ts';
import { type Handler, ROUTE_HANDLERS } from './handlers.ts';
import { rtnlOf } from './listeners.ts';
import { Request } from './request.ts';
import type { NlSocket } from './socket.ts';

const RTM_MAX = 123;
const EINVAL = 22;

/** What came of a request. `answered`: it was a dump and needs no acknowledgement. */
export interface Outcome {
  readonly errno: number;
  readonly extack: ExtAck;
  readonly answered: boolean;
}

const DONE: Outcome = { errno: 0, extack: {}, answered: false };
export const ANSWERED: Outcome = { errno: 0, extack: {}, answered: true };

/** Takes a datagram apart. What is no whole message ends it without a word, as Linux does. */
export function receive(sock: NlSocket, datagram: Uint8Array, handle: (req: Request) => Outcome): void {
  const { bytes, view } = sourceOf(datagram);
  let at = 0;
  while (at + NLMSG_HDRLEN <= bytes.length) {
    const length = view.getUint32(at, true);
    if (length < NLMSG_HDRLEN || at + length > bytes.length) return;
    const msg: NlMessage = {
      bytes,
      view,
      type: view.getUint16(at + 4, true),
      flags: view.getUint16(at + 6, true),
      seq: view.getUint32(at + 8, true),
      pid: view.getUint32(at + 12, true),
      at: at + NLMSG_HDRLEN,
      end: at + length,
    };
    const req = new Request(sock, msg);
    const control = (msg.flags & NLM_F_REQUEST) === 0 || msg.type < NLMSG_MIN_TYPE;
    const { errno, extack, answered } = control ? DONE : attempt(req, handle);
    if (!answered && ((msg.flags & NLM_F_ACK) !== 0 || errno !== 0)) {
      const words = extack.text === undefined && req.note !== undefined ? { ...extack, text: req.note } : extack;
      sock.deliver(encodeAck(msg, errno, words, sock.portId, sock));
    }
    at += align4(length);
  }
}

function attempt(req: Request, handle: (req: Request) => Outcome): Outcome {
  const state = rtnlOf(req.ns);
  const outer = state.current;
  state.current = req;
  try {
    return handle(req);
  } catch (e) {
    return refusalOf(req, e);
  } finally {
    state.current = outer;
  }
}

/** What a handler threw, as errno and words; broken invariants go on. */
export function refusalOf(req: Request, e: unknown): Outcome {
  if (e instanceof NlError) return { errno: e.errno, extack: e.extack, answered: false };
  if (e instanceof NlFormatError) return { errno: EINVAL, extack: {}, answered: false };
  if (!(e instanceof Refusal)) throw e;
  if (e.extack === '') return { errno: e.errno, extack: {}, answered: false };
  return { errno: e.errno, extack: { text: e.extack, ...placeOf(req, e) }, answered: false };
}

function placeOf(req: Request, e: Refusal): ExtAck {
  if (e.attr === 0) return {};
  const { msg } = req;
  for (const header of [16, 12, 8, 20]) {
    const at = attrOffset(msg, msg.at + header, msg.end, [e.attr]);
    if (at !== undefined) return { offset: at - (msg.at - NLMSG_HDRLEN) };
  }
  return {};
}

export function receiveRoute(sock: NlSocket, datagram: Uint8Array): void {
  receive(sock, datagram, routeMessage);
}

const ok: Outcome = DONE;

function routeMessage(req: Request): Outcome {
  const { type, flags } = req;
  if (type > RTM_MAX) throw new NlError('EOPNOTSUPP');
  if (req.len < 1) return ok;
  const kind = type & 3;
  if (kind === 2 && (flags & NLM_F_DUMP) !== 0) {
    const handler = find(req.family, type, 'dump');
    if (handler === null) throw new NlError('EOPNOTSUPP');
    runDump(req, handler);
    return ANSWERED;
  }
  const handler = find(req.family, type, 'doit');
  if (handler === null) throw new NlError('EOPNOTSUPP');
  if (kind === 1 && (flags & NLM_F_BULK) !== 0 && handler.bulk !== true) {
    throw new NlError('EOPNOTSUPP', 'Bulk delete is not supported');
  }
  handler.doit?.(req);
  return ok;
}

function find(family: number, type: number, what: 'doit' | 'dump'): Handler | null {
  const own = ROUTE_HANDLERS.get(family * 256 + type);
  if (own?.[what] !== undefined) return own;
  const any = ROUTE_HANDLERS.get(type);
  return any?.[what] === undefined ? null : any;
}

function runDump(req: Request, handler: Handler): void {
  const out = new Dump(req.sock, req.msg.seq);
  let outcome = ok;
  try {
    handler.dump?.(req, out);
  } catch (e) {
    outcome = refusalOf(req, e);
  }
  out.finish(handler.sameDatagram !== true, outcome.errno, outcome.extack);
}
