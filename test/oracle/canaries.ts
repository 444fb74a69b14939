// Faults that are planted in the model's arm, to prove that a storm finds them: npm run storm -- --canary NAME.
// Some are in the model itself (its tables are bent while a lab runs), some in what the arm reports.

import { McFilter } from '../../src/drivers/macvlan/mcfilter.ts';
import { BRIDGE, type ModeRule, PRIVATE, ruleOf, VEPA } from '../../src/drivers/macvlan/modes.ts';
import { SourceTable } from '../../src/drivers/macvlan/source.ts';
import type { Step } from './lab.ts';

export interface Canary {
  readonly says: string;
  /** Bends the model; what comes back unbends it. */
  readonly plant?: () => () => void;
  /** Bends what the arm reports. */
  readonly bend?: (step: Step) => Step;
}

export const CANARIES: Readonly<Record<string, Canary>> = {
  'private-hears': {
    says: 'a private macvlan hears the broadcasts of its siblings',
    plant: () => bendRules([BRIDGE, 'localFlood', PRIVATE], [VEPA, 'reflectedFlood', PRIVATE]),
  },
  'vepa-local': {
    says: 'a VEPA macvlan sends to a sibling directly, without the switch',
    plant: () => bendRules([VEPA, 'localUnicast', VEPA | BRIDGE]),
  },
  'filter-ignored': {
    says: 'a macvlan hears groups that it did not join',
    plant: () => {
      const { has } = McFilter.prototype;
      McFilter.prototype.has = () => true;
      return () => {
        McFilter.prototype.has = has;
      };
    },
  },
  'sources-ignored': {
    says: 'a source macvlan hears nobody',
    plant: () => {
      const { listOf } = SourceTable.prototype;
      SourceTable.prototype.listOf = () => null;
      return () => {
        SourceTable.prototype.listOf = listOf;
      };
    },
  },
  'counter-off-by-one': {
    says: 'the second multicast frame that a link hears is counted twice',
    bend: (step) => ({ ...step, state: step.state.map((line) => line.replace(/\bmulticast=2\b/, 'multicast=3')) }),
  },
  'errno-changed': {
    says: 'EINVAL is EPERM',
    bend: (step) => (step.rc === 22 ? { ...step, rc: 1 } : step),
  },
  'payload-changed': {
    says: 'a bit is wrong in frames of 300 bytes that arrive',
    bend: (step) => ({
      ...step,
      frames: step.frames.map((f) =>
        f.replace(/^(\S+ HOST 300 \S+ )(.)/, (_, head, c) => head + (c === '0' ? '1' : '0')),
      ),
    }),
  },
  'order-changed': {
    says: 'a burst arrives backwards',
    bend: (step) => ({ ...step, frames: [...step.frames].reverse() }),
  },
};

type Field = 'localUnicast' | 'localFlood' | 'reflectedFlood';

function bendRules(...bends: Array<[mode: number, field: Field, and: number]>): () => void {
  const undo = bends.map(([mode, field, and]) => {
    const rule = ruleOf(mode) as { -readonly [K in keyof ModeRule]: ModeRule[K] };
    const before = rule[field];
    rule[field] |= and;
    return () => {
      rule[field] = before;
    };
  });
  return () => {
    for (const one of undo) one();
  };
}
