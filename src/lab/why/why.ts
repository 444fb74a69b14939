// Why something on a machine reaches something else, or does not: the snapshot becomes a model, the packet is sent there, and
// the reason engine tells what became of it. What leaves the machine is followed to the NIC, and that is said.

import type { NetNs } from '../../net/netns.ts';
import type { Lab, Traffic } from '../file/lab.ts';
import { type Party, partiesOf } from '../measure/cells.ts';
import type { Model } from '../model.ts';
import type { Reason } from '../reason/reason.ts';
import { reasonOf } from '../reason/reason.ts';
import { type Loaded, loadSnapshot } from '../snapshot/load.ts';
import { readSnapshot } from '../snapshot/read.ts';
import { namespaceName, type Snapshot } from '../snapshot/snapshot.ts';
import { type Warning, warningsOf } from './checks.ts';
import { modelWarnings } from './checks-model.ts';
import { commandsFor } from './cures.ts';
import { type End, EndError, EndMissing, endOf } from './ends.ts';
import { type Exit, exitOf } from './exit.ts';
import { partyOf, trafficOf } from './parties.ts';

export interface Question {
  readonly from: string;
  readonly to: string;
  /** null: as the addresses suggest. */
  readonly traffic: Traffic | null;
}

export interface Answer {
  readonly from: string;
  readonly to: string;
  readonly traffic: Traffic;
  /** As far as the snapshot sees. */
  readonly reached: boolean;
  readonly code: string;
  readonly text: string;
  /** `netns/device` where it was decided. */
  readonly where: string | null;
  readonly direction: 'there' | 'back' | null;
  readonly evidence: readonly string[];
  readonly cure: string | null;
  /** The cure as commands, where it can be said. */
  readonly commands: readonly string[];
  /** It leaves the machine: by which NIC, and to which next hop. */
  readonly leaves: { readonly device: string; readonly by: string; readonly nextHop: string } | null;
  readonly warnings: readonly Warning[];
  /** Where the model is not quite the machine, as far as it concerns the two. */
  readonly notes: readonly string[];
  readonly unseen: readonly string[];
  /** The ends, for whoever measures the same on the kernel; null where one is missing. */
  readonly ends: { readonly from: End; readonly to: End } | null;
}

/** Throws EndError for words that say nothing, or more than one thing. */
export async function why(snapshot: Snapshot, lab: Lab | null, question: Question, seed = 1): Promise<Answer> {
  let ends: { from: End; to: End };
  try {
    ends = { from: endOf(snapshot, lab, question.from), to: endOf(snapshot, lab, question.to) };
  } catch (error) {
    if (error instanceof EndMissing) return missing(snapshot, question, error);
    throw error;
  }
  const { from, to } = ends;
  if (from.ns === null && to.ns === null) throw new EndError(`neither ${from.name} nor ${to.name} is on this machine`);
  if (from.ns === to.ns && (from.device === to.device || from.device === null || to.device === null)) {
    if (from.device === to.device) throw new EndError(`${from.name} and ${to.name} are the same`);
  }
  const loaded = loadSnapshot(snapshot, seed);
  try {
    return await ask(loaded, question, from, to);
  } finally {
    loaded.model.close();
  }
}

/** In the model of a lab's own machine, where switches and peers are to be had too. Throws EndError. */
export async function whyInModel(model: Model, lab: Lab, question: Question): Promise<Answer> {
  const snapshot = readSnapshot(model.os);
  const { namespaces } = model.kernel;
  const at = (id: number): NetNs | null => namespaces.find((ns) => ns.inode === id) ?? null;
  const loaded: Loaded = { model, snapshot, notes: [], at };
  const known = partiesOf(lab);
  const named = (text: string): { end: End; party: Party } => {
    const party = known.find((p) => p.name === text && p.place.kind === 'peer');
    if (party !== undefined) return { end: { name: text, ns: null, device: null, address: null }, party };
    const end = endOf(snapshot, lab, text);
    if (end.ns === null) throw new EndError(`nobody in this lab has ${text}`);
    return { end, party: known.find((p) => p.name === text) ?? partyOf(loaded, end, null) };
  };
  try {
    const [from, to] = [named(question.from), named(question.to)];
    if (from.party.name === to.party.name) throw new EndError(`${question.from} and ${question.to} are the same`);
    const traffic = question.traffic ?? trafficOf(from.end, to.end);
    const parties = [...known.filter((p) => ![from.party.name, to.party.name].includes(p.name)), from.party, to.party];
    const { reason } = await reasonOf(model, parties, { from: from.party.name, to: to.party.name, traffic });
    const warnings = [...warningsOf(snapshot, from.end, to.end), ...modelWarnings(loaded, from.end, to.end)];
    const found = verdict(loaded, reason, warnings, [from.end, to.end]);
    return {
      ...{ from: question.from, to: question.to, traffic, leaves: null, notes: [], unseen: snapshot.unseen },
      ...{ ends: null, ...found, warnings: beside(found, warnings) },
    };
  } catch (error) {
    if (error instanceof EndMissing) return missing(snapshot, question, error);
    throw error;
  }
}

async function ask(loaded: Loaded, question: Question, from: End, to: End): Promise<Answer> {
  const { snapshot } = loaded;
  const traffic = question.traffic ?? trafficOf(from, to);
  const inside = [from, to].find((end) => end.ns !== null) as End;
  const outside = [from, to].find((end) => end.ns === null) ?? null;
  const way = outside === null ? null : exitOf(loaded, loaded.at(inside.ns?.id ?? 0) as NetNs, outside.address ?? '');
  const exit = typeof way === 'string' ? null : way;
  const base = {
    ...{ from: from.name, to: to.name, traffic },
    warnings: [...warningsOf(snapshot, from, to), ...modelWarnings(loaded, from, to)],
    notes: [],
    unseen: snapshot.unseen,
    ends: { from, to },
  };
  const leaves = exit === null ? null : { device: exit.device, by: exit.by, nextHop: exit.nextHop };
  if (typeof way === 'string') return withNotes(loaded, { ...base, leaves, ...noWayOut(way) });
  const parties = [partyOf(loaded, from, exit), partyOf(loaded, to, exit)];
  const cell = { from: parties[0].name, to: parties[1].name, traffic };
  const { reason } = await reasonOf(loaded.model, parties, cell);
  const asked = exit === null ? reason : atTheEdge(loaded, reason, exit);
  const found = verdict(loaded, asked, base.warnings, [from, to]);
  return withNotes(loaded, { ...base, leaves, ...found, warnings: beside(found, base.warnings) });
}

type Verdict = Pick<Answer, 'reached' | 'code' | 'text' | 'where' | 'direction' | 'evidence' | 'cure' | 'commands'>;

/** What the snapshot itself shows comes first, where the probe only shows that it is lost. */
function verdict(loaded: Loaded, reason: Reason, warnings: readonly Warning[], ends: readonly End[]): Verdict {
  const { ok, code, text, where, direction, evidence, cure } = reason;
  const plain = { reached: ok, code, text, where, direction, evidence, cure };
  const shown = warnings.find((w) => w.decides || (!ok && (DECIDES[w.code] ?? []).includes(code)));
  if (shown !== undefined) {
    return {
      ...plain,
      reached: false,
      code: shown.code,
      text: shown.text,
      where: null,
      cure: shown.cure,
      commands: [],
      evidence: [text, ...evidence],
    };
  }
  return { ...plain, commands: ok ? [] : commandsFor(loaded, reason, ends) };
}

/** What is not the answer itself, and not disproved by it. */
function beside({ reached, code }: Verdict, warnings: readonly Warning[]): Warning[] {
  return warnings.filter((w) => w.code !== code && !(reached && w.code === 'host-isolation'));
}

/** Reasons that a duplicate or a wrong entry explains better than what the probe saw. */
const UNCLEAR = [
  'lost',
  'no-path',
  'not-accepted',
  'other-answered',
  'arp-ignored',
  'host-isolation',
  'switch',
  'nic-filter',
];
const DECIDES: Readonly<Record<string, readonly string[]>> = {
  'duplicate-mac': UNCLEAR,
  'duplicate-address': UNCLEAR,
  'host-isolation': ['no-source-address', 'no-route'],
  'rp-filter': UNCLEAR.filter((code) => code !== 'host-isolation'),
  'no-device': ['no-address', 'no-source-address', 'no-route', ...UNCLEAR],
  prefix: ['no-route', 'no-route-back'],
};

/** Behind the NIC is somebody of ours, who answers everything: what went wrong there is not known to be wrong. */
function atTheEdge(loaded: Loaded, reason: Reason, exit: Exit): Reason {
  const out = `it leaves by ${exit.device}${exit.by === exit.device ? '' : ` (from ${exit.by})`}, next hop ${exit.nextHop}`;
  const asked = snapNeighbours(loaded, exit);
  if (!reason.ok) return { ...reason, evidence: [...reason.evidence, ...asked] };
  const text = `${out}; beyond it this snapshot does not see: confirm with a probe`;
  return { ...reason, text, where: exit.device, evidence: asked };
}

/** What the kernel knew of the next hop. */
function snapNeighbours({ snapshot }: Loaded, { nextHop }: Exit): string[] {
  return snapshot.namespaces.flatMap((ns) =>
    ns.neighbours
      .filter((n) => n.address === nextHop)
      .map((n) => {
        const dev = ns.links.find((l) => l.index === n.dev)?.name ?? n.dev;
        const name = ns.host ? dev : `${namespaceName(ns)}/${dev}`;
        return `${name}: the next hop ${nextHop} is ${n.state}${n.mac === null ? ', nobody has answered for it' : ` at ${n.mac}`}`;
      }),
  );
}

function noWayOut(text: string): Verdict {
  return {
    ...{ reached: false, code: 'no-route', text, where: null, direction: 'there', evidence: [], commands: [] },
    cure: 'a default route there, or one to that subnet',
  };
}

function missing(snapshot: Snapshot, { from, to, traffic }: Question, error: EndMissing): Answer {
  return {
    ...{ from, to, traffic: traffic ?? 'ipv4', reached: false, code: 'no-device', text: error.message },
    ...{
      where: null,
      direction: null,
      evidence: error.evidence,
      cure: 'lowerdev apply makes what is missing',
      commands: [],
    },
    ...{ leaves: null, warnings: [], notes: [], unseen: snapshot.unseen, ends: null },
  };
}

/** Those of the two namespaces that are about a device which the answer speaks of, or about none in particular. */
function withNotes({ notes }: Loaded, answer: Answer): Answer {
  const { ends, text, where, evidence, leaves } = answer;
  const concerned = new Set([ends?.from.ns?.id, ends?.to.ns?.id]);
  const said = [text, where, leaves?.device, leaves?.by, ends?.from.device, ends?.to.device, ...evidence]
    .join(' ')
    .split(/[^\w.:-]+/);
  const about = notes.filter(({ namespace, text: note }) => {
    const device = /^(\S+): /.exec(note)?.[1];
    return concerned.has(namespace) && (device === undefined || said.includes(device.split('/').at(-1) ?? ''));
  });
  return { ...answer, notes: about.map((n) => n.text) };
}
