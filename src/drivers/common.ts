// What every Ethernet-like link kind starts from. Nothing here knows a kind.
// Linux: net/ethernet/eth.c, ether_setup(); include/linux/etherdevice.h, eth_hw_addr_random().

import { validUnicast } from '../net/dev.ts';
import { ADDR_RANDOM, IFF_BROADCAST, IFF_MULTICAST } from '../net/flags.ts';
import { type Attrs, Refusal } from '../net/linkops.ts';
import type { NetDevice } from '../net/netdev.ts';

/** The errnos that link kinds answer with. */
export const E = {
  ENOENT: 2,
  ENOMEM: 12,
  EBUSY: 16,
  EEXIST: 17,
  EXDEV: 18,
  ENODEV: 19,
  EINVAL: 22,
  ERANGE: 34,
  ELOOP: 40,
  EOPNOTSUPP: 95,
  EADDRINUSE: 98,
  EADDRNOTAVAIL: 99,
  ENETDOWN: 100,
  ENOTCONN: 107,
} as const;
const IFLA_ADDRESS = 1;

/** Defaults of an Ethernet device. */
export function etherSetup(dev: NetDevice): void {
  dev.flags = IFF_BROADCAST | IFF_MULTICAST;
}

/** A locally administered address from the stream of the device's kind. Linux: eth_hw_addr_random(). */
export function randomAddress(dev: NetDevice, kind: string): void {
  dev.addr = dev.core.kernel.stream(`mac:${kind}`).mac();
  dev.addrAssignType = ADDR_RANDOM;
}

/** Refuses an IFLA_ADDRESS that no Ethernet device may have: first check of most kinds' validate(). */
export function checkAddress(tb: Attrs): void {
  if (tb.address === undefined) {
    if (hasUnknown(tb, IFLA_ADDRESS)) throw new Refusal(E.EINVAL);
    return;
  }
  if (!validUnicast(tb.address as number)) throw new Refusal(E.EADDRNOTAVAIL);
}

/** Did an attribute of this type come, with a length that its kind does not have? */
export function hasUnknown(record: Attrs, type: number): boolean {
  const unknown = record.unknown as ReadonlyArray<{ type: number }> | undefined;
  return unknown?.some((attr) => attr.type === type) ?? false;
}
