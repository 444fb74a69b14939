// Device flags and states that the core itself reasons about. Linux: include/uapi/linux/if.h, netdevice.h.

import {
  IFF_BROADCAST,
  IFF_DORMANT,
  IFF_ECHO,
  IFF_LOOPBACK,
  IFF_LOWER_UP,
  IFF_MASTER,
  IFF_POINTOPOINT,
  IFF_RUNNING,
  IFF_SLAVE,
} from '../uapi/link.ts';

export {
  IFF_ALLMULTI,
  IFF_AUTOMEDIA,
  IFF_BROADCAST,
  IFF_DEBUG,
  IFF_DORMANT,
  IFF_DYNAMIC,
  IFF_LOOPBACK,
  IFF_LOWER_UP,
  IFF_MASTER,
  IFF_MULTICAST,
  IFF_NOARP,
  IFF_NOTRAILERS,
  IFF_POINTOPOINT,
  IFF_PORTSEL,
  IFF_PROMISC,
  IFF_RUNNING,
  IFF_SLAVE,
  IFF_UP,
} from '../uapi/link.ts';

/** Flags that user space may not set. */
export const IFF_VOLATILE =
  IFF_LOOPBACK |
  IFF_POINTOPOINT |
  IFF_BROADCAST |
  IFF_ECHO |
  IFF_MASTER |
  IFF_SLAVE |
  IFF_RUNNING |
  IFF_LOWER_UP |
  IFF_DORMANT;

export const OPER_UNKNOWN = 0;
export const OPER_NOTPRESENT = 1;
export const OPER_DOWN = 2;
export const OPER_LOWERLAYERDOWN = 3;
export const OPER_TESTING = 4;
export const OPER_DORMANT = 5;
export const OPER_UP = 6;

/** linkMode: what an up device is until user space says otherwise. Linux: IF_LINK_MODE_*. */
export const LINK_MODE_DORMANT = 1;
export const LINK_MODE_TESTING = 2;

export const ARPHRD_ETHER = 1;
export const ARPHRD_NONE = 0xfffe;
export const ARPHRD_LOOPBACK = 772;

/** addrAssignType. Linux: NET_ADDR_*. */
export const ADDR_PERM = 0;
export const ADDR_RANDOM = 1;
export const ADDR_STOLEN = 2;
export const ADDR_SET = 3;

/** Answers of xmit and of a qdisc's enqueue; negative ones are errnos. Linux: NET_XMIT_*, NETDEV_TX_*. */
export const XMIT_SUCCESS = 0;
export const XMIT_DROP = 1;
export const XMIT_CN = 2;
export const TX_OK = 0;
export const TX_BUSY = 0x10;

/** The driver took the frame (or ended it) unless it said busy. Linux: dev_xmit_complete(). */
export function xmitComplete(rc: number): boolean {
  return rc < 0x0f;
}

/** What the filters at a device's door made of a frame: it goes on, it is gone (and the sender is told that all is well), or it was dropped. */
export const TC_PASS = 0;
export const TC_TAKEN = 1;
export const TC_DROPPED = 2;

export const RX_SUCCESS = 0;
export const RX_DROP = 1;

/** What an rx handler decides. Linux: rx_handler_result_t. */
export const RX_CONSUMED = 0;
export const RX_ANOTHER = 1;
export const RX_EXACT = 2;
export const RX_PASS = 3;

/** txq.state bits. Linux: enum netdev_queue_state_t. */
export const XOFF_DRV = 1;
export const XOFF_STACK = 2;
export const TXQ_FROZEN = 4;

/** privFlags that matter to other rooms. Linux: enum netdev_priv_flags. */
export const PRIV_NO_QUEUE = 1;
export const PRIV_UNICAST_FLT = 2;
export const PRIV_MACVLAN = 4;
export const PRIV_MACVLAN_PORT = 8;
export const PRIV_BRIDGE = 16;
export const PRIV_BRIDGE_PORT = 32;
export const PRIV_NO_RX_HANDLER = 64;
export const PRIV_LIVE_ADDR_CHANGE = 128;
export const PRIV_VLAN = 256;
