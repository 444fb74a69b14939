// The checkers of a model: what must hold in every lab, with macvlan's mode table filled in. Run it around a test lab, and
// ask at the end; after Model.close(), verifyEmpty() says whether every frame ended.

import { EXTERNAL, PASSTHRU, ruleOf, SOURCE } from '../drivers/macvlan/modes.ts';
import type { Macvlan } from '../drivers/macvlan/port.ts';
import { NicPort } from '../drivers/nic/port.ts';
import { PRIV_MACVLAN } from '../net/flags.ts';
import type { Kernel } from '../net/kernel.ts';
import type { NetDevice } from '../net/netdev.ts';
import type { ModeTable } from '../probe/check-modes.ts';
import type { RingView } from '../probe/check-nic.ts';
import { attachCheckers, type Checkers } from '../probe/checkers.ts';

/** Who hears whom among macvlans (and macvtaps, which are macvlans below). */
export const macvlanModes: ModeTable = {
  modeOf: (dev) => (isMacvlan(dev) ? (dev.priv as Macvlan).mode : null),
  lowerOf: (dev) => (dev.priv as Macvlan).lower,
  ruleOf,
  external: EXTERNAL,
  passthru: PASSTHRU,
  source: SOURCE,
};

export function checkKernel(kernel: Kernel): Checkers {
  return attachCheckers(kernel, { modes: macvlanModes, rings: ringsOf });
}

/** The transmit rings of a NIC. */
export function ringsOf(dev: NetDevice): RingView[] {
  return dev.priv instanceof NicPort ? dev.priv.tx.map((ring) => ({ txq: ring.txq, bytes: ring.bytesHeld })) : [];
}

function isMacvlan(dev: NetDevice): boolean {
  return (dev.privFlags & PRIV_MACVLAN) !== 0;
}
