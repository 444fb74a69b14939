// Who is measured, from whom to whom and with what traffic, and what came of it. Plain data: a matrix is a list of cells.

import { HOST } from '../apply/access.ts';
import { desiredOf } from '../apply/desired.ts';
import type { Lab, NetnsRef, Prefix, Traffic } from '../file/lab.ts';
import type { NsRef } from '../os.ts';

/** Where a party lives: as a lab says it, a peer of the machine, or a namespace at hand. */
export type PartyPlace =
  | NetnsRef
  | { readonly kind: 'peer'; readonly name: string }
  | { readonly kind: 'ns'; readonly ns: NsRef; readonly name: string };

/** An endpoint, the host, a peer. */
export interface Party {
  readonly name: string;
  readonly place: PartyPlace;
  /** The endpoint's device: what it hears broadcasts on. null: any of its namespace that is no other party's. */
  readonly device: string | null;
  /** Where it sends broadcasts from; null: from every Ethernet device of its namespace that is up and no other party's. */
  readonly speaksFrom: readonly string[] | null;
  /** How it is reached. None: whatever its device (or namespace) has when it is measured, of global scope. */
  readonly addresses: readonly Prefix[];
}

/** One question: does `traffic` of `from` get to `to` (and, unless it is broadcast or multicast, an answer back)? */
export interface Cell {
  /** Names of parties. */
  readonly from: string;
  readonly to: string;
  readonly traffic: Traffic;
}

/** A kernel's routing decision (RTM_GETROUTE). */
export interface Way {
  /** Of the device that it goes out by. */
  readonly device: string;
  readonly source: string;
  readonly destination: string;
  /** null: the destination is on the link. */
  readonly gateway: string | null;
}

/** How far it got. Unicast passes them in this order; broadcast and multicast are `reached` or `unheard`. */
export type Stage =
  /** The target has no address of that family, or the sender nothing to send from. */
  | 'no-address'
  /** The sender's routing has no way there. */
  | 'no-route'
  /** The kernel did not take the frame: the device is down, too long... */
  | 'unsent'
  /** The question for the neighbour's MAC address did not get to the target. */
  | 'neighbour-unheard'
  /** It did, and no answer came back. */
  | 'neighbour-unanswered'
  /** The echo request did not get to the target. */
  | 'request-lost'
  /** It did, and no reply came back. */
  | 'reply-lost'
  /** A reply came, and the request never got to the target: somebody else has its address. */
  | 'other-answered'
  | 'unheard'
  | 'reached';

export interface Outcome {
  readonly cell: Cell;
  readonly reached: boolean;
  readonly stage: Stage;
  /** What was seen, in one line. */
  readonly evidence: string;
  /** Unicast: the way there, and back as the target's routing has it; null: none. */
  readonly there: Way | null;
  readonly back: Way | null;
  /** `netns/device` at which it arrived, where that was seen: the request or broadcast at the target, the reply at the sender. */
  readonly arrivedAt: string | null;
  readonly answeredAt: string | null;
  /** Numbers in the markers of its probes (frames.ts, markOf()). */
  readonly probes: readonly number[];
  /** Rounds until it was decided, from 1. */
  readonly tries: number;
}

/** The parties of a lab: its endpoints, the host, the machine's peers. Throws DesiredError. */
export function partiesOf(lab: Lab): Party[] {
  const endpoints = lab.endpoints.map(
    (e): Party => ({
      name: e.name,
      place: e.netns,
      device: e.device,
      speaksFrom: [e.device],
      addresses: e.addresses,
    }),
  );
  const { links } = desiredOf(lab);
  const shims = links.filter((l) => l.object.startsWith('shim/'));
  const lowers = links.filter((l) => l.kind !== 'vlan').map((l) => l.lower);
  const host: Party = {
    name: 'host',
    place: HOST,
    device: null,
    speaksFrom: [...new Set([...shims.map((l) => l.ifname), ...lowers])],
    addresses: shims.flatMap((s) => s.addresses),
  };
  const peers = (lab.machine?.peers ?? []).map(
    (p): Party => ({
      name: p.name,
      place: { kind: 'peer', name: p.name },
      device: p.nic.name,
      speaksFrom: [p.nic.name],
      addresses: [],
    }),
  );
  return [...endpoints, host, ...peers];
}

const TRAFFICS: readonly Traffic[] = ['ipv4', 'ipv6', 'broadcast', 'multicast'];

/** Every pair, there and back, with every traffic. What only the wire's far side is asked (peer to peer) is left out unless expected. */
export function cellsOf(lab: Lab, parties: readonly Party[]): Cell[] {
  const six = parties.some((p) => p.addresses.some((a) => a.family === 6));
  const traffics = TRAFFICS.filter((t) => t !== 'ipv6' || six);
  const far = (p: Party): boolean => p.place.kind === 'peer';
  const cells = new Map<string, Cell>();
  for (const from of parties) {
    for (const to of parties) {
      if (from === to || (far(from) && far(to))) continue;
      for (const traffic of traffics) {
        const cell = { from: from.name, to: to.name, traffic };
        cells.set(cellKey(cell), cell);
      }
    }
  }
  for (const { from, to, traffic } of lab.expect) {
    if (from !== to) cells.set(cellKey({ from, to, traffic }), { from, to, traffic });
  }
  return [...cells.values()];
}

/** `blue -> green (ipv4)`: one text a cell. */
export function cellKey({ from, to, traffic }: Cell): string {
  return `${from} -> ${to} (${traffic})`;
}
