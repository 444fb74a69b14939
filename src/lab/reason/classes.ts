// Which cells are alike: the same traffic between parties that stand alike, with the same outcome, is explained once. A key
// holds all that can make a difference; a reason that names its own parties is not shared.

import { inDev } from '../../inet/state.ts';
import { in6Dev } from '../../inet/state6.ts';
import type { NetDevice } from '../../net/netdev.ts';
import type { Outcome, Party } from '../measure/cells.ts';
import type { Model } from '../model.ts';
import { devicesOf, localName, nsOf, ownerIn } from './place.ts';
import type { Reason } from './reason.ts';
import { chainOf, inVeb, macvlanOf } from './topology.ts';

/** What is asked of a model once, for all cells. */
export class Classes {
  readonly #model: Model;
  readonly #keys = new Map<string, string>();
  readonly #numbers = new Map<string, number>();
  readonly #parties: ReadonlyMap<string, Party>;
  readonly #crowded: ReadonlySet<number>;

  constructor(model: Model, parties: readonly Party[]) {
    this.#model = model;
    this.#parties = new Map(parties.map((p) => [p.name, p]));
    const seen = new Map<number, number>();
    for (const party of parties) {
      const inode = nsOf(model, party)?.inode ?? 0;
      seen.set(inode, (seen.get(inode) ?? 0) + 1);
    }
    this.#crowded = new Set([...seen].flatMap(([inode, n]) => (n > 1 ? [inode] : [])));
  }

  /** Equal keys: the same reason. */
  keyOf(outcome: Outcome): string {
    const { cell, stage, there, back } = outcome;
    const [from, to] = [this.#party(cell.from), this.#party(cell.to)];
    const ways = [there, back].map((w) =>
      w === null ? '-' : `${w.gateway} ${this.#wayOut(w === there ? from : to, w.device)}`,
    );
    const lists = [listed(this.#device(from), this.#device(to)), listed(this.#device(to), this.#device(from))];
    const arrived = `${outcome.arrivedAt?.split('/').at(-1)} ${outcome.answeredAt?.split('/').at(-1)}`;
    return [cell.traffic, stage, this.#standing(from), this.#standing(to), ...ways, ...lists, arrived].join('|');
  }

  #party(name: string): Party {
    return this.#parties.get(name) as Party;
  }

  #device(party: Party): NetDevice | null {
    const ns = nsOf(this.#model, party);
    return ns === null ? null : (devicesOf(ns, party)[0] ?? null);
  }

  #wayOut(party: Party, device: string): string {
    return localName(device) === party.device ? 'its own device' : device;
  }

  /** How a party stands, as a small number; computed once. */
  #standing(party: Party): number {
    let key = this.#keys.get(party.name);
    if (key === undefined) this.#keys.set(party.name, (key = this.#describe(party)));
    let number = this.#numbers.get(key);
    if (number === undefined) this.#numbers.set(key, (number = this.#numbers.size));
    return number;
  }

  #describe(party: Party): string {
    const ns = nsOf(this.#model, party);
    const dev = this.#device(party);
    if (ns === null || dev === null || party.device === null || ns.hidden || this.#crowded.has(ns.inode)) {
      return party.name; // unlike all others
    }
    const own = ns.devices().filter((d) => d !== dev && d.name !== 'lo');
    if (own.length > 0) return party.name;
    const [four, six] = [inDev(dev), in6Dev(dev)];
    const addresses = party.addresses.map((a) => `${a.length} ${ownerIn(ns, a.address) === dev}`);
    const states = (six?.addrs ?? []).map((a) => a.flags);
    const settings = [
      four?.conf.v.join(),
      six?.conf.v.join(),
      four?.ins.confAll.v.join(),
      four?.ins.set.icmpEchoIgnoreAll,
    ];
    return [...chainOf(dev).map((d, i) => about(d, i > 0)), ...addresses, ...states, ...settings].join(';');
  }
}

function about(dev: NetDevice, named: boolean): string {
  const m = macvlanOf(dev);
  const macvlan = m === null ? '' : `${m.mode} ${m.flags} ${m.slot >= 0} ${m.port.passthru} ${[...m.sources.keys()]}`;
  const filters = `${dev.tcIngress !== null} ${dev.tcEgress !== null} ${dev.qdisc.kind}`;
  return `${named ? dev.label : dev.name} ${dev.linkOps?.kind} ${dev.up} ${dev.carrier} ${dev.mtu} ${inVeb(dev)} ${filters} ${macvlan}`;
}

/** Does `a` hear what `b` sends, in source mode? */
function listed(a: NetDevice | null, b: NetDevice | null): boolean {
  const m = a === null ? null : macvlanOf(a);
  return m !== null && b !== null && m.sources.has(b.addr);
}

/** Does the reason speak of these two in particular? */
export function isPersonal(reason: Reason, model: Model, ...parties: readonly Party[]): boolean {
  const said = `${reason.text}\n${reason.cure ?? ''}`;
  return parties.some((p) => {
    if (p.device === null) return false;
    const label = nsOf(model, p)?.label ?? '';
    const words = [p.name, ...(label === '' ? [] : [label]), ...p.addresses.map((a) => a.address)];
    return words.some((word) => saysWord(said, word));
  });
}

/** Whole, not as a part of a longer name or address. */
function saysWord(text: string, word: string): boolean {
  for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + 1)) {
    if (!PART.test(text[at - 1] ?? ' ') && !PART.test(text[at + word.length] ?? ' ')) return true;
  }
  return false;
}

const PART = /[\w-]/;
