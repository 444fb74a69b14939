// Scripts in a model, and snapshots made comparable: without identities, clocks and counters.

import { createModel, type Model, openSession, parseMachine } from '../../src/index.ts';
import { readSnapshot } from '../../src/lab/snapshot/read.ts';
import type { SnapLink, SnapNamespace, Snapshot } from '../../src/lab/snapshot/snapshot.ts';

export async function modelAfter(machine: string, script: string, seed = 1): Promise<Model> {
  const model = createModel({ seed, machine: parseMachine(machine, 'machine.yaml') });
  const { code, said } = await runIn(model, script);
  if (code !== 0) throw new Error(`the script failed (${code}):\n${said}`);
  return model;
}

export async function runIn(model: Model, script: string): Promise<{ code: number; said: string }> {
  let said = '';
  const session = openSession(model, { onOutput: (_stream, text) => (said += text) });
  const code = await session.run(script);
  return { code, said };
}

/** What a snapshot says, one entry a line: a difference shows what it is. */
export function comparable(snapshot: Snapshot): string[] {
  const place = new Map(snapshot.namespaces.map((ns, i) => [ns.id, i]));
  const face = (id: number | null): number | null => (id === null ? null : (place.get(id) ?? null));
  return snapshot.namespaces.flatMap((ns) => {
    const name = ns.host ? 'host' : ns.names.join('+');
    const lines = (what: string, list: readonly object[]): string[] =>
      list.map((item) => `${name} ${what} ${JSON.stringify(item)}`);
    return [
      ...lines(
        'nsid',
        ns.nsids.map((n) => ({ ...n, namespace: face(n.namespace) })),
      ),
      ...ns.links.flatMap((link) => lines(`link ${link.name}`, parts(link, face))),
      ...lines(
        'address',
        ns.addresses.map((a) => ({ ...a, validSec: a.validSec !== null, preferredSec: a.preferredSec !== null })),
      ),
      ...lines('route', ns.routes).sort(),
      ...lines('rule', ns.rules),
      ...lines(
        'neighbour',
        ns.neighbours.filter((n) => n.proxy || n.mac !== null),
      ).sort(),
      ...lines('fdb', ns.fdb).sort(),
      ...lines(
        'qdisc',
        ns.qdiscs.map(({ dev, kind, handle, parent }) => ({ dev, kind, handle, parent })),
      ),
      ...lines(
        'sysctl',
        Object.entries(ns.sysctls).map(([k, v]) => ({ [k]: v })),
      ),
    ];
  });
}

function parts(link: SnapLink, face: (id: number | null) => number | null): object[] {
  const { stats: _, macRandom: _r, ipv4, ipv6, features: all, ...rest } = link;
  const features = all === null ? null : { on: all.on, changeable: all.changeable };
  const macvlan = rest.macvlan === null ? null : { ...rest.macvlan, bcQueueLenUsed: 0 };
  return [{ ...rest, macvlan, linkNamespace: face(rest.linkNamespace) }, { ipv4 }, { ipv6 }, { features }];
}

export function snapshotOf(model: Model): Snapshot {
  return readSnapshot(model.os);
}

export function space(snapshot: Snapshot, name: string): SnapNamespace {
  const found = snapshot.namespaces.find((ns) => (name === '' ? ns.host : ns.names.includes(name)));
  if (found === undefined) throw new Error(`no namespace ${name}`);
  return found;
}
