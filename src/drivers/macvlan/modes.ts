// Who hears whom on one lowerdev, as one table: what a macvlan's mode means for the frames it sends and for those that
// come to it. The transmit path, the receive path, the broadcast worker and anything that predicts reachability read it.
// Modes are single bits, so that a set of them is a number. Linux: drivers/net/macvlan.c, macvlan_queue_xmit(),
// macvlan_handle_frame(), macvlan_multicast_rx().

import {
  MACVLAN_MODE_BRIDGE,
  MACVLAN_MODE_PASSTHRU,
  MACVLAN_MODE_PRIVATE,
  MACVLAN_MODE_SOURCE,
  MACVLAN_MODE_VEPA,
} from '../../uapi/linkinfo.ts';

export const PRIVATE = MACVLAN_MODE_PRIVATE;
export const VEPA = MACVLAN_MODE_VEPA;
export const BRIDGE = MACVLAN_MODE_BRIDGE;
export const PASSTHRU = MACVLAN_MODE_PASSTHRU;
export const SOURCE = MACVLAN_MODE_SOURCE;

/** What follows from the mode of a macvlan (or, for EXTERNAL, from a sender that is none of the port's macvlans). */
export interface ModeRule {
  readonly mode: number;
  /** Siblings to which its unicast goes directly, never touching the wire. */
  readonly localUnicast: number;
  /** Siblings that hear its broadcasts directly; a copy goes to the wire all the same. */
  readonly localFlood: number;
  /** Siblings that hear its broadcasts when the wire brings them back. */
  readonly reflectedFlood: number;
  /** A broadcast that comes back goes to its sender and to nobody else, not even to the host. */
  readonly reflectedToSelf: boolean;
  /** It receives unicast to its own MAC. (A passthru port gives its macvlan all unicast, whoever it is for.) */
  readonly byDestination: boolean;
}

const NOBODY = 0;

export const EXTERNAL: ModeRule = {
  mode: 0,
  localUnicast: NOBODY,
  localFlood: NOBODY,
  reflectedFlood: PRIVATE | VEPA | PASSTHRU | BRIDGE,
  reflectedToSelf: false,
  byDestination: false,
};

const MODE_RULES: readonly ModeRule[] = [
  rule(PRIVATE, NOBODY, NOBODY, NOBODY, true, true),
  rule(VEPA, NOBODY, NOBODY, VEPA | BRIDGE, false, true),
  rule(BRIDGE, BRIDGE, BRIDGE, VEPA, false, true), // bridge siblings heard it when it was sent
  rule(PASSTHRU, NOBODY, NOBODY, NOBODY, true, true),
  rule(SOURCE, NOBODY, NOBODY, NOBODY, true, false),
];

function rule(
  mode: number,
  localUnicast: number,
  localFlood: number,
  reflectedFlood: number,
  reflectedToSelf: boolean,
  byDestination: boolean,
): ModeRule {
  return { mode, localUnicast, localFlood, reflectedFlood, reflectedToSelf, byDestination };
}

/** The rule of each mode, by its number; the holes are nobody's mode. */
const byMode: ModeRule[] = [];
for (let mode = 0; mode <= SOURCE; mode++) byMode.push(MODE_RULES.find((r) => r.mode === mode) ?? EXTERNAL);

export function isMode(mode: number): boolean {
  return mode > 0 && mode <= SOURCE && byMode[mode].mode === mode;
}

export function ruleOf(mode: number): ModeRule {
  return byMode[mode];
}
