// TCP's names and numbers: states, sequence arithmetic, constants of time. Sequence numbers are signed 32-bit integers
// everywhere in this room (they stay small integers), compared by their difference. Linux: include/net/tcp.h, tcp_states.h.

export const TCP_ESTABLISHED = 1;
export const TCP_SYN_SENT = 2;
export const TCP_SYN_RECV = 3;
export const TCP_FIN_WAIT1 = 4;
export const TCP_FIN_WAIT2 = 5;
export const TCP_TIME_WAIT = 6;
export const TCP_CLOSE = 7;
export const TCP_CLOSE_WAIT = 8;
export const TCP_LAST_ACK = 9;
export const TCP_LISTEN = 10;
export const TCP_CLOSING = 11;

/** Congestion states. Linux: enum tcp_ca_state. */
export const CA_OPEN = 0;
export const CA_DISORDER = 1;
export const CA_CWR = 2;
export const CA_RECOVERY = 3;
export const CA_LOSS = 4;

/** What the retransmission timer waits for. Linux: ICSK_TIME_*; 0: nothing. */
export const TIME_NONE = 0;
export const TIME_RETRANS = 1;
export const TIME_PROBE0 = 3;
export const TIME_LOSS_PROBE = 5;
export const TIME_REO = 6;

export const MS = 1e6;
/** One jiffy at HZ=250, the granularity of TCP's timers. */
export const JIFFY_NS = 4e6;
export const RTO_MIN_US = 200_000;
export const RTO_MAX_NS = 120e9;
export const TIMEOUT_INIT_NS = 1e9;
export const ATO_MIN_NS = 40e6;
export const DELACK_MAX_NS = 200e6;
export const TIMEWAIT_NS = 60e9;
/** A local refusal (a full qdisc) is asked again after this. Linux: TCP_RESOURCE_PROBE_INTERVAL. */
export const RESOURCE_PROBE_NS = 500e6;
export const INIT_CWND = 10;
export const MAX_QUICKACKS = 16;
/** Replies in turn from which acknowledgements wait for data. Linux: tcp_pingpong_thresh. */
export const PINGPONG = 1;
export const MIN_MSS = 88;
export const MAX_WSCALE = 14;
/** The longest run of payload in one frame: 64 KiB less every header. Linux: sk_gso_max_size - 1 - MAX_TCP_HEADER. */
export const GSO_PAYLOAD = 65536 - 1 - 320;
/** Never reached until a loss sets it. Linux: TCP_INFINITE_SSTHRESH. */
export const INFINITE_SSTHRESH = 0x7fffffff;

/** a < b on the circle. */
export function before(a: number, b: number): boolean {
  return ((a - b) | 0) < 0;
}

export function after(a: number, b: number): boolean {
  return ((b - a) | 0) < 0;
}
