// Netlink messages: headers, several to a datagram, acknowledgements and ends of dumps, read and written for both sides.
// A payload is a fixed header and attributes after it; which ones a message type has is payload.ts.
// Linux: include/uapi/linux/netlink.h; net/netlink/af_netlink.c, netlink_ack() and netlink_dump_done().

import { assert } from '../base/assert.ts';
import type { AttrTable, StructDef } from '../uapi/attr.ts';
import { NLM_F_ACK_TLVS, NLM_F_CAPPED, NLM_F_MULTI, NLMSG_DONE, NLMSG_ERROR, NLMSGERR_ATTR } from '../uapi/netlink.ts';
import { decodeFrom, encodeTo, type Source, sourceOf } from './attrs.ts';
import { type ExtAck, NlFormatError } from './error.ts';
import { readStruct, writeStruct } from './struct.ts';
import { align4, Writer } from './writer.ts';

export const NLMSG_HDRLEN = 16;

/** One message where it lies in its datagram. Its header begins at `at - NLMSG_HDRLEN`. */
export interface NlMessage extends Source {
  readonly type: number;
  readonly flags: number;
  readonly seq: number;
  readonly pid: number;
  /** Payload: bytes[at, end), without padding. */
  readonly at: number;
  readonly end: number;
}

/** The header of a message to be written. Absent: 0. */
export interface NlHeader {
  readonly type: number;
  readonly flags?: number;
  readonly seq?: number;
  readonly pid?: number;
}

/** What a message type carries: a fixed header and a table of attributes. */
export interface Payload<H, A> {
  readonly header: StructDef<H>;
  readonly table: AttrTable<A>;
}

export interface Decoded<H, A> {
  readonly type: number;
  readonly flags: number;
  readonly seq: number;
  readonly pid: number;
  readonly header: H;
  readonly attrs: A;
}

export function payload<H, A>(header: StructDef<H>, table: AttrTable<A>): Payload<H, A> {
  return { header, table };
}

/** The messages of one datagram, in order. Throws NlFormatError at the first that does not fit: those before stand. */
export function* messages(datagram: Uint8Array): Generator<NlMessage, void, void> {
  const { bytes, view } = sourceOf(datagram);
  let at = 0;
  while (at < bytes.length) {
    if (at + NLMSG_HDRLEN > bytes.length) throw new NlFormatError('a message header is cut short', at);
    const length = view.getUint32(at, true);
    if (length < NLMSG_HDRLEN) throw new NlFormatError(`a message claims ${length} bytes, less than its header`, at);
    if (at + length > bytes.length) {
      throw new NlFormatError(`a message claims ${length} bytes, ${bytes.length - at} are left`, at);
    }
    yield {
      bytes,
      view,
      type: view.getUint16(at + 4, true),
      flags: view.getUint16(at + 6, true),
      seq: view.getUint32(at + 8, true),
      pid: view.getUint32(at + 12, true),
      at: at + NLMSG_HDRLEN,
      end: at + length,
    };
    at += align4(length);
  }
}

/** All messages of one datagram. */
export function parseMessages(datagram: Uint8Array): NlMessage[] {
  return [...messages(datagram)];
}

/** A message's fixed header and attributes. Throws NlFormatError. */
export function decodeMessage<H, A>(form: Payload<H, A>, msg: NlMessage): Decoded<H, A> {
  const { type, flags, seq, pid } = msg;
  return { type, flags, seq, pid, header: decodeHeader(form, msg), attrs: decodeAttrs(form, msg) };
}

/** Only the fixed header: what a kernel looks at before the attributes. */
function decodeHeader<H, A>(form: Payload<H, A>, msg: NlMessage): H {
  if (msg.at + form.header.size > msg.end) throw new NlFormatError(`${form.header.name} is cut short`, msg.at);
  return readStruct(form.header, msg.view, msg.bytes, msg.at);
}

function decodeAttrs<H, A>(form: Payload<H, A>, msg: NlMessage): A {
  return decodeFrom(form.table, msg, attrsAt(form, msg), msg.end);
}

/** Where the attributes of a message begin. */
export function attrsAt<H, A>(form: Payload<H, A>, msg: NlMessage): number {
  return Math.min(msg.at + align4(form.header.size), msg.end);
}

/** One message as a datagram. Fields that the fixed header does not name are zero. */
export function encodeMessage<H, A>(form: Payload<H, A>, head: NlHeader, header: Partial<H>, attrs: A): Uint8Array {
  const w = new Writer();
  writeMessage(w, form, head, header, attrs);
  return w.take();
}

/** Appends one message; several may share a datagram. */
export function writeMessage<H, A>(w: Writer, form: Payload<H, A>, head: NlHeader, header: Partial<H>, attrs: A): void {
  const at = beginMessage(w, head);
  writeStruct(form.header, header as Record<string, unknown>, w);
  const bare = w.length;
  w.pad4();
  const first = w.length;
  encodeTo(form.table, attrs, w);
  if (w.length === first) w.length = bare; // rtgenmsg without attributes is one byte, not four
  endMessage(w, at);
}

/** Begins a message whose payload the caller writes; give what it returns to endMessage(). */
export function beginMessage(w: Writer, head: NlHeader): number {
  w.pad4();
  const at = w.grow(NLMSG_HDRLEN);
  w.view.setUint16(at + 4, head.type, true);
  w.view.setUint16(at + 6, head.flags ?? 0, true);
  w.view.setUint32(at + 8, head.seq ?? 0, true);
  w.view.setUint32(at + 12, head.pid ?? 0, true);
  return at;
}

export function endMessage(w: Writer, at: number): void {
  w.view.setUint32(at, w.length - at, true);
  w.pad4();
}

/** What an NLMSG_ERROR or NLMSG_DONE says. errno is positive; 0 is an acknowledgement. */
export interface NlAnswer {
  readonly errno: number;
  readonly extack: ExtAck;
}

/** Reads NLMSG_ERROR and NLMSG_DONE. Throws NlFormatError. */
export function decodeAnswer(msg: NlMessage): NlAnswer {
  assert(msg.type === NLMSG_ERROR || msg.type === NLMSG_DONE, `message ${msg.type} is no answer`);
  if (msg.type === NLMSG_DONE && msg.at === msg.end) return { errno: 0, extack: {} };
  if (msg.at + 4 > msg.end) throw new NlFormatError('an answer is cut short', msg.at);
  const errno = Math.abs(msg.view.getInt32(msg.at, true));
  if ((msg.flags & NLM_F_ACK_TLVS) === 0) return { errno, extack: {} };
  let at = msg.at + 4;
  if (msg.type === NLMSG_ERROR) {
    if (at + NLMSG_HDRLEN > msg.end) throw new NlFormatError('the request in an answer is cut short', at);
    const echoed = (msg.flags & NLM_F_CAPPED) !== 0 ? NLMSG_HDRLEN : msg.view.getUint32(at, true);
    // Compared before it is rounded up: 32-bit arithmetic would wrap a length of 2 GiB and more.
    if (echoed > msg.end - at) throw new NlFormatError('the request in an answer is cut short', at);
    at += align4(echoed);
    if (at > msg.end) throw new NlFormatError('the request in an answer is cut short', at);
  }
  const tlvs = decodeFrom(NLMSGERR_ATTR, msg, at, msg.end);
  const extack: { -readonly [K in keyof ExtAck]: ExtAck[K] } = {};
  if (tlvs.msg !== undefined) extack.text = tlvs.msg;
  if (tlvs.offs !== undefined) extack.offset = tlvs.offs;
  if (tlvs.missType !== undefined) extack.missType = tlvs.missType;
  if (tlvs.missNest !== undefined) extack.missNest = tlvs.missNest;
  if (tlvs.policy !== undefined) extack.policy = tlvs.policy;
  return { errno, extack };
}

/** Socket options that shape an acknowledgement. iproute2 and lowerdev's client set both. */
export interface AckOptions {
  /** NETLINK_EXT_ACK: words and places may follow. */
  readonly extAck: boolean;
  /** NETLINK_CAP_ACK: a refused request is not sent back whole. */
  readonly capAck: boolean;
}

const BOTH: AckOptions = { extAck: true, capAck: true };

/** The kernel's NLMSG_ERROR for a request; errno 0 acknowledges. Linux: netlink_ack(). */
export function encodeAck(
  request: NlMessage,
  errno: number,
  extack: ExtAck = {},
  pid = request.pid,
  options = BOTH,
): Uint8Array {
  const w = new Writer(128);
  const tlvs = options.extAck ? ackTlvs(errno, extack) : null;
  const capped = errno === 0 || options.capAck;
  const flags = (capped ? NLM_F_CAPPED : 0) | (tlvs !== null ? NLM_F_ACK_TLVS : 0);
  const at = beginMessage(w, { type: NLMSG_ERROR, flags, seq: request.seq, pid });
  w.s32(-errno);
  w.raw(request.bytes.subarray(request.at - NLMSG_HDRLEN, capped ? request.at : request.end));
  w.pad4();
  if (tlvs !== null) encodeTo(NLMSGERR_ATTR, tlvs, w);
  endMessage(w, at);
  return w.take();
}

function ackTlvs(errno: number, extack: ExtAck): NonNullable<typeof NLMSGERR_ATTR.sample> | null {
  const { text, offset, policy, missType, missNest } = extack;
  const place = errno === 0 ? {} : { offs: offset, policy, missType, missNest };
  const tlvs = { msg: text, ...place };
  return Object.values(tlvs).some((v) => v !== undefined) ? tlvs : null;
}

/** The end of a dump. Linux: netlink_dump_done(). */
export function encodeDone(seq: number, pid: number, errno = 0, extack: ExtAck = {}): Uint8Array {
  const w = new Writer(64);
  const tlvs = ackTlvs(errno, extack);
  const flags = NLM_F_MULTI | (tlvs !== null ? NLM_F_ACK_TLVS : 0);
  const at = beginMessage(w, { type: NLMSG_DONE, flags, seq, pid });
  w.s32(-errno);
  if (tlvs !== null) encodeTo(NLMSGERR_ATTR, tlvs, w);
  endMessage(w, at);
  return w.take();
}
