// What a lab comes to, before it exists: applied to a fresh model of its machine, every cell measured there at once, and each
// explained. Cells that are alike are explained once, by what happened to the packet of one of them.

import { applyLab } from '../apply/apply.ts';
import type { Expectation, Lab, Traffic } from '../file/lab.ts';
import { type Cell, type Outcome, type Party, partiesOf } from '../measure/cells.ts';
import { modelMeasure } from '../measure/kernel.ts';
import { measure } from '../measure/measure.ts';
import { createModel, type Model } from '../model.ts';
import { Classes, isPersonal } from './classes.ts';
import { nsOf } from './place.ts';
import { matesOf, type Reason, reasonFor, reasonOf } from './reason.ts';

export interface PredictedCell {
  readonly cell: Cell;
  readonly outcome: Outcome;
  readonly reason: Reason;
}

export interface Met {
  readonly expectation: Expectation;
  readonly met: boolean;
  readonly reason: Reason;
}

export interface Prediction {
  /** In the order of rows and columns. */
  readonly parties: readonly Party[];
  readonly cells: readonly PredictedCell[];
  readonly expectations: readonly Met[];
}

export interface PredictOptions {
  seed?: number;
  /** Traffic beside IPv4, IPv6 and broadcast. */
  multicast?: boolean;
  /** Only cells that are expected of. */
  onlyExpected?: boolean;
  /** Told now and then: cells that are explained, of all. */
  progress?: (done: number, all: number) => void;
}

/** Until carriers are there and addresses are no longer tentative, ns of virtual time. */
export const SETTLE_NS = 3e9;

/** Throws DesiredError and ApplyError as applying does, and Error for a lab without a machine. */
export async function predict(lab: Lab, options: PredictOptions = {}): Promise<Prediction> {
  if (lab.machine === null) throw new Error('predicting needs a machine: this lab stands on a host');
  const model = createModel({ seed: options.seed ?? 1, machine: lab.machine });
  try {
    applyLab(model.os, lab);
    model.loop.runUntil(model.loop.now + SETTLE_NS);
    return await predictIn(model, partiesOf(lab), lab.expect, options);
  } finally {
    model.close();
  }
}

/** The same of a model in which everything is there already. */
export async function predictIn(
  model: Model,
  parties: readonly Party[],
  expect: readonly Expectation[],
  options: PredictOptions = {},
): Promise<Prediction> {
  makeRoom(model);
  const all = options.onlyExpected === true ? [] : allCells(model, parties, options.multicast === true);
  const known = new Set(all.map(nameOf));
  const more = expect.filter((e) => e.from !== e.to && !known.has(nameOf(e)));
  const asked = [
    ...all,
    ...new Map(more.map(({ from, to, traffic }) => [nameOf({ from, to, traffic }), { from, to, traffic }])).values(),
  ];
  const names = new Set(asked.flatMap((c) => [c.from, c.to]));
  const present = all.length > 0 ? parties : matesOf(model, parties, names);
  const outcomes = asked.length === 0 ? [] : await measure(modelMeasure(model), present, asked, { tries: 2 });
  const cells = await explainAll(model, parties, outcomes, options.progress);
  const byName = new Map(cells.map((c) => [nameOf(c.cell), c]));
  const expectations = expect.flatMap((expectation): Met[] => {
    const cell = byName.get(nameOf(expectation));
    return cell === undefined ? [] : [{ expectation, met: cell.reason.ok === expectation.reach, reason: cell.reason }];
  });
  return { parties, cells, expectations };
}

function nameOf({ from, to, traffic }: Cell): string {
  return `${from} ${to} ${traffic}`;
}

/** All ordered pairs: IPv4 and IPv6 where both have such an address, and broadcast. */
function allCells(model: Model, parties: readonly Party[], multicast: boolean): Cell[] {
  const families = new Map(parties.map((p) => [p.name, familiesOf(model, p)]));
  const shouts: Traffic[] = multicast ? ['broadcast', 'multicast'] : ['broadcast'];
  return parties.flatMap(({ name: from }) =>
    parties.flatMap(({ name: to }): Cell[] => {
      if (from === to) return [];
      const common = (['ipv4', 'ipv6'] as const).filter((f) => families.get(from)?.has(f) && families.get(to)?.has(f));
      const unicast: Traffic[] = common.length > 0 ? common : ['ipv4'];
      return [...unicast, ...shouts].map((traffic) => ({ from, to, traffic }));
    }),
  );
}

function familiesOf(model: Model, party: Party): Set<Traffic> {
  const families = new Set<Traffic>(party.addresses.map((a) => (a.family === 4 ? 'ipv4' : 'ipv6')));
  const ns = nsOf(model, party);
  if (ns === null || (party.device !== null && party.addresses.length > 0)) return families;
  const devs = party.device === null ? ns.devices() : [ns.dev(party.device)];
  for (const dev of devs) {
    if (dev === null || dev.name === 'lo') continue;
    if (hasGlobal(dev.inet)) families.add('ipv4');
    if (hasGlobal(dev.inet6)) families.add('ipv6');
  }
  return families;
}

function hasGlobal(inet: unknown): boolean {
  const addrs = (inet as { addrs?: ReadonlyArray<{ scope: number }> } | null)?.addrs ?? [];
  return addrs.some((a) => a.scope === 0);
}

async function explainAll(
  model: Model,
  parties: readonly Party[],
  outcomes: readonly Outcome[],
  progress: PredictOptions['progress'],
): Promise<PredictedCell[]> {
  const classes = new Classes(model, parties);
  const byName = new Map(parties.map((p) => [p.name, p]));
  const shared = new Map<string, Reason>();
  const cells: PredictedCell[] = [];
  for (const outcome of outcomes) {
    const { cell } = outcome;
    const key = classes.keyOf(outcome);
    let reason = shared.get(key);
    if (reason === undefined) {
      reason = await explainOne(model, parties, outcome);
      const [from, to] = [byName.get(cell.from) as Party, byName.get(cell.to) as Party];
      if (!isPersonal(reason, model, from, to)) shared.set(key, reason);
    } else reason = { ...reason, evidence: [outcome.evidence] };
    cells.push({ cell, outcome, reason });
    progress?.(cells.length, outcomes.length);
  }
  return cells;
}

/** What was measured with all others decides; where the probe alone fares otherwise, that is all that can be said. */
async function explainOne(model: Model, parties: readonly Party[], outcome: Outcome): Promise<Reason> {
  const alone = await reasonOf(model, parties, outcome.cell);
  return alone.reason.ok === outcome.reached ? alone.reason : reasonFor(outcome);
}

/** A matrix makes more neighbours and broadcasts at once than Linux keeps by default; that is the measuring's doing, not the lab's. */
function makeRoom(model: Model): void {
  model.os.writeFile(model.os.initNs, '/proc/sys/net/core/netdev_max_backlog', '1000000');
  for (const family of ['ipv4', 'ipv6']) {
    for (const n of [1, 2, 3]) {
      model.os.writeFile(model.os.initNs, `/proc/sys/net/${family}/neigh/default/gc_thresh${n}`, '1000000');
    }
  }
}
