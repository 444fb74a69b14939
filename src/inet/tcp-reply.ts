// Answers that no socket gives: a reset to a segment that nobody wants, an acknowledgement from TIME_WAIT.
// Linux: tcp_v4_send_reset(), tcp_v4_send_ack(), tcp_v4_timewait_ack().

import type { Skb } from '../net/skb.ts';
import { setU16, setU32 } from '../wire/bytes.ts';
import { setTcp, TCP_ACK, TCP_RST, tcpDport, tcpSport } from '../wire/tcp.ts';
import type { InetNs } from './state.ts';
import type { TcpAf } from './tcp-af.ts';
import { seg } from './tcp-options.ts';
import type { TcpTimeWait } from './tcp-sock.ts';

/** RFC 9293 3.5.2: with the sequence number that was acknowledged, else with 0 and an acknowledgement. */
export function replyReset(ins: InetNs, af: TcpAf, skb: Skb): void {
  if ((seg.flags & TCP_RST) !== 0) return;
  const acked = (seg.flags & TCP_ACK) !== 0;
  const out = skb.slabs.alloc(20);
  if (out === null) return;
  const b = out.bytes;
  setTcp(
    b,
    out.off,
    tcpDport(b, skb.off),
    tcpSport(b, skb.off),
    acked ? seg.ack : 0,
    acked ? 0 : seg.end,
    acked ? TCP_RST : TCP_RST | TCP_ACK,
    0,
  );
  out.trace = ins.kernel.newTrace();
  ins.tcp.stats.OutSegs++;
  ins.tcp.stats.OutRsts++;
  af.reply(ins, skb, out);
}

export function replyAck(tw: TcpTimeWait, skb: Skb): void {
  const hlen = tw.tstampOk ? 32 : 20;
  const out = skb.slabs.alloc(hlen);
  if (out === null) return;
  const b = out.bytes;
  const at = out.off;
  setTcp(b, at, tw.lport, tw.dport, tw.sndNxt, tw.rcvNxt, TCP_ACK, 0);
  setU16(b, at + 14, Math.min(65535, tw.rcvWnd >>> tw.rcvWscale));
  b[at + 12] = (hlen >> 2) << 4;
  if (tw.tstampOk) {
    setU32(b, at + 20, 0x0101080a);
    setU32(b, at + 24, (Math.floor(tw.ins.now / 1e6) + tw.tsOffset) | 0);
    setU32(b, at + 28, tw.tsRecent);
  }
  out.mark = tw.mark;
  out.trace = tw.ins.kernel.newTrace();
  tw.ins.tcp.stats.OutSegs++;
  tw.af.reply(tw.ins, skb, out);
}
