// What a netlink client needs of a kernel: datagrams out, datagrams in, groups joined. The model's end of it lives
// in rtnl/, a real AF_NETLINK socket in linux/; both carry the same bytes. No parsing happens here.

/** One netlink socket. Linux: socket(AF_NETLINK, SOCK_RAW, protocol). */
export interface NlTransport {
  /** The port id that the kernel addresses this socket by (`nlmsg_pid`). */
  readonly portId: number;
  /** Hands one datagram (one or more messages) to the kernel. Answers are waiting when this returns. */
  send(datagram: Uint8Array): void;
  /** The next datagram from the kernel, or null when none is waiting. */
  recv(): Uint8Array | null;
  /** NETLINK_ADD_MEMBERSHIP: hear the notifications of one group (RTNLGRP_*). */
  join(group: number): void;
  /** Called when a datagram arrives; whoever waits for notifications installs it. */
  onReadable: (() => void) | null;
  close(): void;
}
