// What must hold in every lab, watched while it runs: frames are conserved, the slab is whole, order is kept per flow and
// txq, no upperdev gets the same unicast frame twice, and who hears whom follows the mode table. A violation is a line with
// its evidence. Costs only where attached.

import type { Kernel } from '../net/kernel.ts';
import type { NetDevice } from '../net/netdev.ts';
import { FrameCheck } from './check-frames.ts';
import { ModeCheck, type ModeTable } from './check-modes.ts';
import { NicCheck, type RingView } from './check-nic.ts';
import { OnceCheck } from './check-once.ts';
import { OrderCheck } from './check-order.ts';

export interface CheckerOptions {
  /** Who hears whom; absent: not checked. */
  modes?: ModeTable;
  /** The transmit rings of a device; absent: not checked. */
  rings?: (dev: NetDevice) => readonly RingView[];
  /** Frames that rings, cables, neighbour and socket queues hold now; absent: counted only when the lab has ended. */
  held?: () => number;
}

export interface Checkers {
  /** Violations so far. */
  verify(): string[];
  /** As verify(), after every namespace was taken down: no frame may be left. */
  verifyEmpty(): string[];
  detach(): void;
}

export function attachCheckers(kernel: Kernel, options: CheckerOptions = {}): Checkers {
  const frames = new FrameCheck(kernel, options.held ?? null);
  const watching = [new OrderCheck(kernel), new OnceCheck(kernel)];
  const modes = options.modes === undefined ? [] : [new ModeCheck(kernel, options.modes)];
  const nics = options.rings === undefined ? [] : [new NicCheck(kernel, options.rings)];
  const seen = (): string[] => [...watching, ...modes].flatMap((c) => c.wrong);
  return {
    verify: () => [...seen(), ...nics.flatMap((c) => c.verify()), ...frames.verify(), ...frames.verifySlab()],
    verifyEmpty: () => [...seen(), ...frames.verifyEmpty(), ...frames.verifySlab()],
    detach: () => {
      for (const check of [frames, ...watching, ...modes]) for (const stop of check.stops) stop();
    },
  };
}
