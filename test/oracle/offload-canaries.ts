// Faults that are planted in the model's NIC while offload storms run, to prove that each rule of theirs can be broken and is
// then told: npm run storm:offload -- --canary NAME. What comes back unplants it.

import { Bql } from '../../src/drivers/nic/bql.ts';
import { Stations } from '../../src/drivers/nic/stations.ts';
import { TxRing } from '../../src/drivers/nic/tx-ring.ts';
import { EmbeddedSwitch } from '../../src/drivers/nic/veb.ts';
import { XOFF_DRV } from '../../src/net/flags.ts';

export interface OffloadCanary {
  readonly says: string;
  /** What a storm must complain of. */
  readonly expects: RegExp;
  readonly plant: () => () => void;
}

export const OFFLOAD_CANARIES: Readonly<Record<string, OffloadCanary>> = {
  'bytes-forgotten': {
    says: 'byte limits count fewer bytes than were posted, so that more complete than were sent',
    expects: /BQL: more bytes completed than were queued/,
    plant: () =>
      bend(
        Bql.prototype,
        'queued',
        (queued) =>
          function (this: Bql, n: number) {
            queued.call(this, n - 1);
          },
      ),
  },
  'bytes-invented': {
    says: 'byte limits count bytes that were never sent',
    expects: /^bql: .* says that \d+ bytes are in flight, and its rings hold 0/,
    plant: () =>
      bend(
        Bql.prototype,
        'queued',
        (queued) =>
          function (this: Bql, n: number) {
            queued.call(this, n + 1);
          },
      ),
  },
  'never-woken': {
    says: 'a ring that stops its queue does not wake it',
    expects: /^wake: .* is stopped, and nothing is under way/,
    plant: () =>
      bend(
        TxRing.prototype,
        'complete',
        (complete) =>
          function (this: TxRing) {
            const left = complete.call(this);
            this.txq.state |= XOFF_DRV;
            return left;
          },
      ),
  },
  'station-deaf': {
    says: 'the embedded switch does not know the last station',
    expects: /^heard: /,
    plant: () =>
      bend(
        EmbeddedSwitch.prototype,
        'find',
        (find) =>
          function (this: EmbeddedSwitch, skb) {
            const vsi = find.call(this, skb);
            return vsi !== null && vsi === this.all[this.all.length - 1] ? null : vsi;
          },
      ),
  },
  'queues-shared': {
    says: 'the second station gets a queue of the first',
    expects: /^queues |^queues: txq \d+ of .* belongs to/,
    plant: () =>
      bend(
        Stations.prototype,
        'describe',
        (describe) =>
          function (this: Stations, name: string) {
            const state = describe.call(this, name);
            const stations = state.stations.map((s) =>
              s.id === 1 && s.tx.count > 0 ? { ...s, tx: { offset: s.tx.offset - 1, count: s.tx.count } } : s,
            );
            return { ...state, stations };
          },
      ),
  },
};

/** Puts another method in the place of one. */
function bend<T extends object, K extends keyof T>(on: T, name: K, by: (was: T[K]) => T[K]): () => void {
  const was = on[name];
  on[name] = by(was);
  return () => {
    on[name] = was;
  };
}
