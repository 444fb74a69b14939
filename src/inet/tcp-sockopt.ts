// Options of a TCP socket, and which of them a connection takes from its listener. Linux: do_tcp_setsockopt(),
// sk_setsockopt(), inet_csk_clone_lock().

import { EINVAL, EOPNOTSUPP } from './errno.ts';
import type { SockOption } from './socket-types.ts';
import * as c from './tcp-const.ts';
import { pushPending } from './tcp-output.ts';
import type { TcpSock } from './tcp-sock.ts';
import { keepaliveTime } from './tcp-timers.ts';

/** Linux: SOCK_MIN_RCVBUF. */
const MIN_RCVBUF = 2304;

/** 0 or -errno; null: it is not for TCP alone. */
export function setTcpOption(s: TcpSock, name: SockOption, value: number): number | null {
  switch (name) {
    case 'SO_SNDBUF':
      s.sndBufLocked = true;
      return null;
    case 'SO_RCVBUF':
      s.rcvBufLocked = true;
      s.rcvBuf = Math.max(Math.min(value, s.ins.set.rmemMax) * 2, MIN_RCVBUF);
      return 0;
    case 'IPV6_V6ONLY':
      if (s.path6 === null || s.lport !== 0) return -EINVAL;
      s.v6only = value !== 0;
      return 0;
    case 'SO_REUSEADDR':
      s.reuseAddr = value !== 0;
      return 0;
    case 'SO_REUSEPORT':
      s.reusePort = value !== 0;
      return 0;
    case 'SO_KEEPALIVE':
      setKeepalive(s, value !== 0);
      return 0;
    case 'SO_LINGER':
      s.lingerS = value;
      return 0;
    case 'TCP_NODELAY':
      s.nodelay = value !== 0;
      if (s.nodelay) pushPending(s, true);
      return 0;
    case 'TCP_CORK':
      s.cork = value !== 0;
      if (!s.cork) pushPending(s, false);
      return 0;
    case 'TCP_MAXSEG':
      if (value !== 0 && (value < 88 || value > 32767)) return -EINVAL;
      s.userMss = value;
      return 0;
    case 'TCP_KEEPIDLE':
      if (value < 1 || value > 32767) return -EINVAL;
      s.keepIdleNs = value * 1e9;
      if (s.keepalive && s.state === c.TCP_ESTABLISHED) s.ktimer.arm(s.keepIdleNs);
      return 0;
    case 'TCP_KEEPINTVL':
      if (value < 1 || value > 32767) return -EINVAL;
      s.keepIntvlNs = value * 1e9;
      return 0;
    case 'TCP_KEEPCNT':
      if (value < 1 || value > 127) return -EINVAL;
      s.keepCnt = value;
      return 0;
    case 'TCP_USER_TIMEOUT':
      if (value < 0) return -EINVAL;
      s.userTimeoutNs = value * 1e6;
      return 0;
    case 'IP_ADD_MEMBERSHIP':
    case 'IP_DROP_MEMBERSHIP':
      return -EOPNOTSUPP;
    default:
      return null;
  }
}

/** Linux: tcp_set_keepalive(). */
function setKeepalive(s: TcpSock, on: boolean): void {
  if (on && !s.keepalive && s.state !== c.TCP_CLOSE && s.state !== c.TCP_LISTEN) s.ktimer.arm(keepaliveTime(s));
  else if (!on) s.ktimer.disarm();
  s.keepalive = on;
}

/** What a connection has of its listener. */
export function inheritOptions(s: TcpSock, parent: TcpSock): void {
  s.boundIf = parent.boundIf;
  s.priority = parent.priority;
  s.mark = parent.mark;
  s.tos = parent.tos;
  s.ttl = parent.ttl;
  s.pmtuDisc = parent.pmtuDisc;
  s.sndBuf = parent.sndBuf;
  s.rcvBuf = parent.rcvBuf;
  s.sndBufLocked = parent.sndBufLocked;
  s.rcvBufLocked = parent.rcvBufLocked;
  s.nodelay = parent.nodelay;
  s.keepalive = parent.keepalive;
  s.keepIdleNs = parent.keepIdleNs;
  s.keepIntvlNs = parent.keepIntvlNs;
  s.keepCnt = parent.keepCnt;
  s.userMss = parent.userMss;
  s.userTimeoutNs = parent.userTimeoutNs;
  s.reuseAddr = parent.reuseAddr;
  s.reusePort = parent.reusePort;
  s.lingerS = parent.lingerS;
  s.cong = parent.cong;
}
