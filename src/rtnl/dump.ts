// A dump on its way out: messages packed into datagrams, then NLMSG_DONE. The model's lists do not change during a dump,
// so it is made at once and never interrupted. Linux: net/netlink/af_netlink.c, netlink_dump().

import type { ExtAck } from '../netlink/error.ts';
import { beginMessage, encodeDone, endMessage } from '../netlink/message.ts';
import { Writer } from '../netlink/writer.ts';
import { NLM_F_MULTI } from '../uapi/netlink.ts';
import type { NlSocket } from './socket.ts';

/** The most that Linux puts into one datagram of a dump: 32 KiB less the bookkeeping of its buffer. */
const DATAGRAM_MAX = 32768 - 320;

export class Dump {
  readonly sock: NlSocket;
  readonly seq: number;
  /** NLM_F_DUMP_FILTERED, when a filter left something out. */
  extraFlags = 0;
  /** The same on NLMSG_DONE alone. */
  answerFlags = 0;
  /** What says of each message that it is one of several. */
  multi = NLM_F_MULTI;
  private w = new Writer(4096);

  constructor(sock: NlSocket, seq: number) {
    this.sock = sock;
    this.seq = seq;
  }

  /** One message of the dump. */
  message(type: number, write: (w: Writer) => void): void {
    const { w } = this;
    const before = w.length;
    const at = beginMessage(w, { type, flags: this.multi | this.extraFlags, seq: this.seq, pid: this.sock.portId });
    try {
      write(w);
    } catch (e) {
      w.bytes.fill(0, before, w.length);
      w.length = before;
      throw e;
    }
    endMessage(w, at);
    if (w.length <= DATAGRAM_MAX || before === 0) return;
    const last = w.bytes.slice(before, w.length);
    w.length = before;
    this.flush();
    this.w.raw(last);
  }

  /** Sends what is left, then says that this was all; `split`: the end goes in a datagram of its own. */
  finish(split: boolean, errno = 0, extack: ExtAck = {}): void {
    const done = encodeDone(this.seq, this.sock.portId, errno, this.sock.extAck ? extack : {});
    if (this.answerFlags !== 0) done[6] |= this.answerFlags;
    if (split || this.w.length + done.length > DATAGRAM_MAX) this.flush();
    this.w.raw(done);
    this.flush();
  }

  /** Sends what is left, and nothing of an end: an answer and no dump. */
  flush(): void {
    if (this.w.length === 0) return;
    this.sock.deliver(this.w.take(), true);
    this.w = new Writer(4096);
  }
}
