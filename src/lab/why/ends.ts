// Who is meant by the two words of `why`: an endpoint of a lab, `host`, `netns/device`, a namespace, a device, an address.
// What is not known or says more than one thing is answered with what could be meant.

import { distance } from '../../base/nearest.ts';
import { formatIp, parseIp } from '../../uapi/format.ts';
import { labOf, objectOf } from '../apply/names.ts';
import type { Lab, LabEndpoint, NetnsRef } from '../file/lab.ts';
import { linkName, namespaceName, type SnapLink, type SnapNamespace, type Snapshot } from '../snapshot/snapshot.ts';

export interface End {
  /** As it was asked for. */
  readonly name: string;
  /** null: outside of what the snapshot sees. */
  readonly ns: SnapNamespace | null;
  /** null: any device of the namespace. */
  readonly device: string | null;
  /** null: whatever it has. */
  readonly address: string | null;
}

/** What stands for no end, or for more than one. */
export class EndError extends Error {
  override readonly name = 'EndError';
}

/** An end that a lab speaks of, and that is not there. */
export class EndMissing extends Error {
  override readonly name = 'EndMissing';
  /** What is known of it. */
  readonly evidence: readonly string[];

  constructor(message: string, evidence: readonly string[]) {
    super(message);
    this.evidence = evidence;
  }
}

/** Throws EndError or EndMissing. */
export function endOf(snapshot: Snapshot, lab: Lab | null, text: string): End {
  const host = snapshot.namespaces[0];
  if (text === 'host') return { name: text, ns: host, device: null, address: null };
  const endpoint = lab?.endpoints.find((e) => e.name === text);
  if (endpoint !== undefined && lab !== null) return ofEndpoint(snapshot, lab, endpoint);
  if (parseIp(text) !== null) return ofAddress(snapshot, text);
  const found = candidates(snapshot, text);
  if (found.length === 1) return found[0];
  if (found.length > 1) {
    throw new EndError(`'${text}' may be ${listed(found.map(nameOf))}: say which, as netns/device (host/eth0)`);
  }
  throw new EndError(unknown(snapshot, lab, text));
}

/** `blue/eth0`; of the host `eth0`. */
export function nameOf(end: End): string {
  if (end.ns === null) return end.name;
  const space = end.ns.host ? 'host' : namespaceName(end.ns);
  return end.device === null ? space : `${space}/${end.device}`;
}

function ofEndpoint(snapshot: Snapshot, lab: Lab, e: LabEndpoint): End {
  const made = snapshot.namespaces.flatMap((n) =>
    n.links.filter((l) => objectOf(lab.name, l.alias) === `endpoint/${e.name}`).map((l) => ({ n, l })),
  );
  // Of a namespace's processes a snapshot names a few: one that is not among them is where its device is.
  const more = e.netns.kind === 'pid' ? made.find(({ n }) => n.processes > n.holders.length)?.n : undefined;
  const ns = spaceOf(snapshot, e.netns) ?? more ?? null;
  const tagged = made.map(({ n, l }) => linkName(n, l));
  const where = tagged.length === 0 ? [] : [`the device that was made for it is ${tagged.join(', ')}`];
  const seen = snapshot.unseen.filter((text) => e.netns.kind === 'name' && text.includes(e.netns.name));
  if (ns === null) throw new EndMissing(`there is no namespace ${refText(e.netns)}`, [...where, ...seen]);
  if (!has(ns, e.device)) {
    const devices = ns.links.filter((l) => l.name !== 'lo').map((l) => l.name);
    const are = devices.length === 0 ? 'only lo' : devices.slice(0, 6).join(', ');
    throw new EndMissing(`there is no device ${e.device} in ${refText(e.netns)}`, [`devices there: ${are}`, ...where]);
  }
  return { name: e.name, ns, device: e.device, address: null };
}

function spaceOf(snapshot: Snapshot, ref: NetnsRef): SnapNamespace | null {
  const found = snapshot.namespaces.find((ns) => {
    if (ref.kind === 'host') return ns.host;
    if (ref.kind === 'name') return ns.names.includes(ref.name);
    if (ref.kind === 'pid') return ns.holders.some((h) => h.pid === ref.pid);
    return ns.paths.includes(ref.path);
  });
  return found ?? null;
}

function refText(ref: NetnsRef): string {
  if (ref.kind === 'host') return 'host';
  return ref.kind === 'name' ? ref.name : ref.kind === 'pid' ? `of process ${ref.pid}` : ref.path;
}

function has(ns: SnapNamespace, device: string): boolean {
  return ns.links.some((l) => l.name === device || l.altnames.includes(device));
}

/** An address that nobody here has is outside. */
function ofAddress(snapshot: Snapshot, text: string): End {
  const address = formatIp(parseIp(text) ?? 0);
  const owners = snapshot.namespaces.flatMap((ns) =>
    ns.addresses
      .filter((a) => a.address === address)
      .map((a): End => ({ name: text, ns, device: ns.links.find((l) => l.index === a.dev)?.name ?? null, address })),
  );
  if (owners.length > 1) {
    throw new EndError(`${text} is an address of ${listed(owners.map(nameOf))}: say which, as netns/device`);
  }
  return owners[0] ?? { name: text, ns: null, device: null, address };
}

function candidates(snapshot: Snapshot, text: string): End[] {
  const tagged = ends(snapshot, text, (_ns, l) => labOf(l.alias) !== null && l.alias.endsWith(`:endpoint/${text}`));
  if (tagged.length > 0) return tagged;
  const slash = text.lastIndexOf('/');
  if (slash > 0) {
    const [space, device] = [text.slice(0, slash), text.slice(slash + 1)];
    const named = ends(
      snapshot,
      text,
      (ns, l) => isCalled(ns, space) && (l.name === device || l.altnames.includes(device)),
    );
    if (named.length > 0) return named;
  }
  const spaces = snapshot.namespaces.filter((ns) => isCalled(ns, text));
  const own = ends(snapshot, text, (ns, l) => ns.host && (l.name === text || l.altnames.includes(text)));
  const both = [...spaces.map((ns): End => ({ name: text, ns, device: null, address: null })), ...own];
  return both.length > 0 ? both : ends(snapshot, text, (_ns, l) => l.name === text || l.altnames.includes(text));
}

function ends(snapshot: Snapshot, name: string, is: (ns: SnapNamespace, link: SnapLink) => boolean): End[] {
  return snapshot.namespaces.flatMap((ns) =>
    ns.links.filter((l) => is(ns, l)).map((l): End => ({ name, ns, device: l.name, address: null })),
  );
}

/** By name, file, process (`pid:4711`) or the container that holds it. */
function isCalled(ns: SnapNamespace, text: string): boolean {
  if (ns.host) return text === 'host';
  return (
    namespaceName(ns) === text ||
    ns.names.includes(text) ||
    ns.paths.includes(text) ||
    ns.holders.some((h) => `pid:${h.pid}` === text || h.container === text || h.container?.split(' ')[1] === text)
  );
}

function listed(names: readonly string[]): string {
  const some = names.slice(0, 6);
  const more = names.length > 6 ? ` and ${names.length - 6} more` : '';
  return `${some.join(', ')}${more}`;
}

function unknown(snapshot: Snapshot, lab: Lab | null, text: string): string {
  const names = new Set(['host', ...(lab?.endpoints.map((e) => e.name) ?? [])]);
  for (const ns of snapshot.namespaces) {
    if (!ns.host) names.add(namespaceName(ns));
    for (const link of ns.links) if (link.name !== 'lo') names.add(ns.host ? link.name : linkName(ns, link));
  }
  const near = [...names]
    .map((name) => ({ name, d: distance(text.toLowerCase(), name.toLowerCase()) }))
    .filter(({ name, d }) => d <= Math.max(1, Math.floor(text.length / 3)) || name.endsWith(`/${text}`))
    .sort((a, b) => a.d - b.d)
    .slice(0, 3)
    .map(({ name }) => name);
  const unseen = snapshot.unseen.filter((line) => line.includes(text));
  const hint =
    near.length > 0
      ? `; is it ${near.join(' or ')}?`
      : '; known are endpoints of a lab, host, netns, netns/device and addresses';
  return [`nothing here is called '${text}'${hint}`, ...unseen].join('\n');
}
