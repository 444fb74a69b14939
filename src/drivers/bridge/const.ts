// Numbers of the bridge that several of its files share. Linux: net/bridge/br_private.h, include/linux/if_bridge.h.

/** Port flags that change what frames meet; the others are kept as user space set them. Linux: BR_*. */
export const P_HAIRPIN = 1;
export const P_LEARNING = 2;
export const P_FLOOD = 4;
export const P_MCAST_FLOOD = 8;
export const P_BCAST_FLOOD = 16;
export const P_ISOLATED = 32;

/** BR_STATE_*. */
export const DISABLED = 0;
export const LISTENING = 1;
export const LEARNING = 2;
export const FORWARDING = 3;
export const BLOCKING = 4;

/** Link-local groups that are never forwarded: STP, pause, LACP. Linux: BR_GROUPFWD_RESTRICTED. */
export const GROUP_FWD_RESTRICTED = 7;
export const CENTISECOND_NS = 10_000_000;
