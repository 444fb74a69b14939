// What is left of multicast snooping where nobody queries: the bridge itself is a member of "all snoopers" while it is
// up and snooping is on, and its stack reports that. Linux: net/bridge/br_multicast.c, br_multicast_join_snoopers().

import { in6 } from '../../wire/in6.ts';
import type { Bridge } from './br.ts';

const ALL_SNOOPERS = 0xe000006a; // 224.0.0.106
const ALL_SNOOPERS6 = in6('ff02::6a');

/** Joins or leaves as the settings and the state of the bridge want it. */
export function syncSnoopers(br: Bridge): void {
  const want = br.dev.running && br.kept.get('mcastSnooping') === 1;
  if (want === br.snooping) return;
  br.snooping = want;
  const hooks = br.dev.core.kernel.hooks;
  if (want) {
    hooks.mcJoin(br.dev, ALL_SNOOPERS);
    hooks.mcJoin6(br.dev, ALL_SNOOPERS6);
  } else {
    hooks.mcLeave(br.dev, ALL_SNOOPERS);
    hooks.mcLeave6(br.dev, ALL_SNOOPERS6);
  }
}
