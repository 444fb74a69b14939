// One request: the message, who sent it, and the ways to answer. What a handler throws becomes the refusal.
// Linux: the arguments of a rtnl_doit_func, struct netlink_ext_ack.

import type { Kernel } from '../net/kernel.ts';
import type { NetNs } from '../net/netns.ts';
import { NlError } from '../netlink/error.ts';
import { beginMessage, endMessage, NLMSG_HDRLEN, type NlMessage } from '../netlink/message.ts';
import { attributesEnd, refuseInvalid, type Strictness } from '../netlink/policy.ts';
import { readStruct } from '../netlink/struct.ts';
import { align4, Writer } from '../netlink/writer.ts';
import type { AnyTable, StructDef } from '../uapi/attr.ts';
import { NLM_F_ECHO } from '../uapi/netlink.ts';
import type { NlSocket } from './socket.ts';
import { Tb } from './tb.ts';

export class Request {
  readonly sock: NlSocket;
  readonly msg: NlMessage;
  readonly kernel: Kernel;
  readonly ns: NetNs;
  /** Words that go with the answer although nothing was refused, or nothing better was said. */
  note: string | undefined = undefined;

  constructor(sock: NlSocket, msg: NlMessage) {
    this.sock = sock;
    this.msg = msg;
    this.kernel = sock.kernel;
    this.ns = sock.ns;
  }

  get flags(): number {
    return this.msg.flags;
  }

  get type(): number {
    return this.msg.type;
  }

  /** Payload bytes. Linux: nlmsg_len(). */
  get len(): number {
    return this.msg.end - this.msg.at;
  }

  /** NETLINK_GET_STRICT_CHK: dumps and gets look closely at the request. */
  get strict(): boolean {
    return this.sock.strictCheck;
  }

  /** The requester wants to hear of the change as an answer (NLM_F_ECHO). Linux: nlmsg_report(). */
  get echo(): boolean {
    return (this.msg.flags & NLM_F_ECHO) !== 0;
  }

  /** The family byte that begins every rtnetlink header. */
  get family(): number {
    return this.msg.bytes[this.msg.at];
  }

  /** The fixed header; what the message is too short for is zero. */
  header<H>(def: StructDef<H>): H {
    const { msg } = this;
    if (msg.at + def.size <= msg.end) return readStruct(def, msg.view, msg.bytes, msg.at);
    const whole = new Uint8Array(def.size);
    whole.set(msg.bytes.subarray(msg.at, msg.end));
    return readStruct(def, new DataView(whole.buffer), whole, 0);
  }

  /** Header length and policies checked, then the attributes by type. Linux: nlmsg_parse_deprecated(), _strict(). */
  parse(def: StructDef<unknown>, table: AnyTable | null, closed = false): Tb {
    if (this.len < def.size) throw new NlError('EINVAL', 'Invalid header length');
    const at = this.attrsAt(def);
    if (table !== null) refuseInvalid(table, this.msg, at, { closed, deep: false });
    if (attributesEnd(this.msg, at, this.msg.end) < this.msg.end) this.note = 'bytes leftover after parsing attributes';
    return new Tb(this.msg, at, this.msg.end);
  }

  /** The policies of a nest, whose attributes are bytes[from, to) of the message. */
  refuseNest(table: AnyTable, from: number, to: number, how: Strictness = { deep: false }): void {
    refuseInvalid(table, { ...this.msg, end: to }, from, how);
  }

  attrsAt(def: StructDef<unknown>): number {
    return Math.min(this.msg.at + align4(def.size), this.msg.end);
  }

  /** Refuses with words about one attribute. Linux: NL_SET_ERR_MSG_ATTR(). */
  badAttr(errno: ConstructorParameters<typeof NlError>[0], text: string, tb: Tb, type: number): NlError {
    return new NlError(errno, { text, offset: tb.headerAt(type) - (this.msg.at - NLMSG_HDRLEN) });
  }

  /** Answers with one message to the requester. Linux: rtnl_unicast(). */
  reply(type: number, write: (w: Writer) => void, flags = 0): void {
    const w = new Writer();
    const at = beginMessage(w, { type, flags, seq: this.msg.seq, pid: this.sock.portId });
    write(w);
    endMessage(w, at);
    this.sock.deliver(w.take());
  }
}
