// What a loader works with: the model that is being made, its namespaces by their ids in the snapshot, a netlink client in
// each, and what could not be made as it was.

import type { NetDevice } from '../../net/netdev.ts';
import type { NetNs } from '../../net/netns.ts';
import { NlClient } from '../../netlink/client.ts';
import type { NlError } from '../../netlink/error.ts';
import type { Payload } from '../../netlink/message.ts';
import { createModel, type Model } from '../model.ts';
import { namespaceName, type SnapLink, type SnapNamespace, type Snapshot } from './snapshot.ts';

/** Something that the model does not have as the snapshot has it. */
export interface LoadNote {
  /** `id` of the namespace that it concerns. */
  readonly namespace: number;
  readonly text: string;
}

/** Begins the label of a namespace that nobody has seen. */
export const UNSEEN = 'unseen ';

export class World {
  readonly model: Model;
  readonly snapshot: Snapshot;
  readonly notes: LoadNote[] = [];
  readonly #spaces = new Map<number, NetNs>();
  readonly #clients = new Map<NetNs, NlClient>();
  readonly #fds = new Map<NetNs, number>();

  constructor(snapshot: Snapshot, seed: number) {
    this.snapshot = snapshot;
    this.model = createModel({ seed });
    for (const ns of snapshot.namespaces) this.#spaces.set(ns.id, this.#make(ns));
    for (const ns of snapshot.namespaces) this.#number(ns);
  }

  #make(ns: SnapNamespace): NetNs {
    const { os } = this.model;
    const made = ns.host ? os.initNs : os.nsCreate();
    if (!ns.host) {
      os.nsHold(made);
      made.label = namespaceName(ns);
    }
    for (const name of ns.names) os.nsBind(name, made);
    return made;
  }

  /** The numbers that a namespace has given to others; who is meant by one is a hidden namespace where nobody knows. */
  #number(ns: SnapNamespace): void {
    const own = this.at(ns.id);
    for (const { nsid, namespace } of ns.nsids) {
      const other = namespace === null ? undefined : this.#spaces.get(namespace);
      if (other !== undefined) own.nsids.set(other, nsid);
    }
  }

  at(id: number): NetNs {
    return this.#spaces.get(id) as NetNs;
  }

  find(id: number | null): NetNs | null {
    return id === null ? null : (this.#spaces.get(id) ?? null);
  }

  /** Where the other half of a link is that nobody has seen: one namespace for each number that `ns` gave. */
  unseen(ns: NetNs, nsid: number): NetNs {
    for (const [other, id] of ns.nsids) if (id === nsid) return other;
    const made = this.hidden(`${UNSEEN}${ns.label === '' ? 'host' : ns.label}:${nsid}`);
    ns.nsids.set(made, nsid);
    return made;
  }

  /** One that the user does not see, and whose devices say nothing by themselves. */
  hidden(label: string): NetNs {
    const known = this.model.kernel.namespaces.find((n) => n.hidden && n.label === label);
    if (known !== undefined) return known;
    const made = this.model.os.nsCreate();
    made.label = label;
    made.hidden = true;
    this.model.os.nsHold(made);
    this.model.os.writeFile(made, '/proc/sys/net/ipv6/conf/default/disable_ipv6', '1');
    return made;
  }

  client(ns: NetNs): NlClient {
    const known = this.#clients.get(ns);
    if (known !== undefined) return known;
    const made = new NlClient(this.model.os.netlink(ns, 0));
    this.#clients.set(ns, made);
    return made;
  }

  /** For IFLA_NET_NS_FD. */
  fd(ns: NetNs): number {
    const known = this.#fds.get(ns) ?? this.model.os.nsOpen(ns);
    this.#fds.set(ns, known);
    return known;
  }

  device(ns: SnapNamespace, link: SnapLink): NetDevice | null {
    return this.at(ns.id).devByIndex(link.index);
  }

  /** Asks; a refusal is given back. */
  ask<H, A>(
    ns: NetNs,
    form: Payload<H, A>,
    type: number,
    flags: number,
    header: Partial<H>,
    attrs: object,
  ): NlError | null {
    return this.client(ns).tryRequest(form, type, flags, header, attrs as A);
  }

  note(ns: SnapNamespace, text: string): void {
    this.notes.push({ namespace: ns.id, text });
  }

  /** Lets virtual time pass. */
  run(seconds: number): void {
    const { loop } = this.model;
    loop.runUntil(loop.now + seconds * 1e9);
  }

  /** Nothing of the loader is left but the model. */
  done(): void {
    for (const client of this.#clients.values()) client.close();
    for (const fd of this.#fds.values()) this.model.os.nsClose(fd);
  }
}

export function refusalText(error: NlError): string {
  return error.extack.text ?? error.code;
}
