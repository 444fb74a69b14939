// A lab in a model of where it will stand: of its machine, or of a host as it is now (a snapshot, loaded into a model). There it
// is applied, its matrix predicted and the machine that comes of it examined: what doctor would find then are the risks.

import { placeName } from '../apply/access.ts';
import { applyLab } from '../apply/apply.ts';
import { diagnose } from '../doctor/catalogue.ts';
import type { Lab, NetnsRef } from '../file/lab.ts';
import { partiesOf } from '../measure/cells.ts';
import { createModel, type Model } from '../model.ts';
import type { SnapshotKernel } from '../snapshot/kernel.ts';
import { loadSnapshot } from '../snapshot/load.ts';
import { readSnapshot } from '../snapshot/read.ts';
import type { SnapLink, SnapNamespace, Snapshot } from '../snapshot/snapshot.ts';
import { type Prediction, type PredictOptions, predictIn, SETTLE_NS } from './predict.ts';
import { MOST_PARTIES } from './predict-text.ts';
import { type Risk, risksOf } from './risks.ts';

/** A model in which a lab can be applied, and the lab as it is called there. */
export interface Stage {
  readonly model: Model;
  readonly lab: Lab;
  /** Of the host before; null for a machine. */
  readonly before: Snapshot | null;
  /** What the model does not have as the host has it. */
  readonly notes: readonly string[];
}

export interface Foresight {
  readonly prediction: Prediction;
  readonly risks: readonly Risk[];
  readonly notes: readonly string[];
}

export interface ForeseeOptions extends PredictOptions {
  /** `false`: only what is expected. */
  matrix?: boolean;
  /** As apply would be asked to. */
  adopt?: boolean;
}

/** `host`: where a lab without a machine will stand. Throws DesiredError and ApplyError as applying does. */
export async function foresee(lab: Lab, host: SnapshotKernel | null, options: ForeseeOptions = {}): Promise<Foresight> {
  const seed = options.seed ?? 1;
  const stage = lab.machine !== null || host === null ? machineStage(lab, seed) : hostStage(lab, host, seed);
  const { model, before } = stage;
  try {
    applyLab(model.os, stage.lab, undefined, { adopt: options.adopt });
    model.loop.runUntil(model.loop.now + SETTLE_NS);
    const after = asSeen(readSnapshot(model.os), before);
    const parties = partiesOf(stage.lab);
    const whole = options.matrix !== false && parties.length <= MOST_PARTIES;
    const asked = { ...options, onlyExpected: !whole };
    const prediction = await predictIn(model, parties, stage.lab.expect, asked);
    const known = before === null ? [] : diagnose(before);
    const risks = risksOf(stage.lab, model, diagnose(after), known);
    const left = `no matrix: ${parties.length} parties would take long; what is expected was looked at`;
    const notes = whole || options.matrix === false ? stage.notes : [...stage.notes, left];
    return { prediction, risks, notes };
  } finally {
    model.close();
  }
}

function machineStage(lab: Lab, seed: number): Stage {
  if (lab.machine === null) throw new Error('this lab has no machine');
  return { model: createModel({ seed, machine: lab.machine }), lab, before: null, notes: [] };
}

/** A model of the host as it is now. */
export function hostStage(lab: Lab, host: SnapshotKernel, seed: number): Stage {
  const before = readSnapshot(host);
  const loaded = loadSnapshot(before, seed);
  const { os } = loaded.model;
  const endpoints = lab.endpoints.map((endpoint) => {
    const { netns } = endpoint;
    if (netns.kind !== 'pid' && netns.kind !== 'path') return endpoint;
    const name = placeName(netns);
    const there = host.nsByPath?.(name) ?? null;
    const ns = there === null ? null : loaded.at(there.inode);
    if (ns !== null && os.nsByName(name) === null) os.nsBind(name, ns);
    return { ...endpoint, netns: { kind: 'name', name } satisfies NetnsRef };
  });
  const links = [...lab.networks.map((n) => n.lower)];
  const notes = loaded.notes.map((n) => n.text).filter((text) => links.some((l) => text.startsWith(`${l}:`)));
  return { model: loaded.model, lab: { ...lab, endpoints }, before, notes };
}

/** The model's snapshot with what only the host knows: its hardware, and who made it. */
function asSeen(after: Snapshot, before: Snapshot | null): Snapshot {
  if (before === null) return after;
  const hardware = new Map((before.namespaces.find((ns) => ns.host)?.links ?? []).map((l) => [l.name, l]));
  const known = (link: SnapLink): SnapLink => {
    const was = hardware.get(link.name);
    if (was === undefined || was.kind !== '') return link;
    const { bus, busDevice, driver, wireless } = was;
    return { ...link, bus, busDevice, driver, wireless };
  };
  const namespaces = after.namespaces.map(
    (ns): SnapNamespace => (ns.host ? { ...ns, links: ns.links.map(known) } : ns),
  );
  return { ...after, namespaces, environment: before.environment };
}
