// A model of a machine, made of its snapshot: the same namespaces, links, addresses, routes, rules, neighbours and settings.
// It ends where the snapshot ends: what a NIC's cable leads to is a hidden namespace. What is not as it was is in the notes.

import type { NetNs } from '../../net/netns.ts';
import type { Model } from '../model.ts';
import { addAddresses, markAddresses, setRoutes, setRules } from './load-inet.ts';
import { makeLinks } from './load-links.ts';
import { addNeighbours } from './load-neighbours.ts';
import { bringUp, chooseActive, restoreGenMode, sayCarriers, setUpLinks } from './load-state.ts';
import type { Snapshot } from './snapshot.ts';
import { type LoadNote, World } from './world.ts';

export interface Loaded {
  readonly model: Model;
  readonly snapshot: Snapshot;
  readonly notes: readonly LoadNote[];
  /** The model's namespace of one of the snapshot's; null: it is not in it. */
  at(id: number): NetNs | null;
}

/** Until carriers are known everywhere. Linux: a link's state is looked at once a second. */
const SETTLE_SEC = 2;
/** With the spanning tree protocol a port listens, then learns. */
const STP_SEC = 32;

export function loadSnapshot(snapshot: Snapshot, seed = 1): Loaded {
  const world = new World(snapshot, seed);
  makeLinks(world);
  setUpLinks(world);
  bringUp(world);
  const stp = snapshot.namespaces.some((ns) => ns.links.some((l) => l.settings.stpState === 1));
  world.run(stp ? STP_SEC : SETTLE_SEC);
  chooseActive(world);
  addAddresses(world);
  restoreGenMode(world);
  world.run(SETTLE_SEC); // until each address has its routes
  markAddresses(world);
  setRoutes(world);
  setRules(world);
  addNeighbours(world);
  sayCarriers(world);
  world.done();
  return { model: world.model, snapshot, notes: world.notes, at: (id) => world.find(id) };
}
