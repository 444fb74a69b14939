// The same question asked of the kernel itself: one probe, as measuring sends them. For an address outside, the next hop is
// asked for and one echo request sent.

import { parseIp } from '../../uapi/format.ts';
import type { Traffic } from '../file/lab.ts';
import type { Party } from '../measure/cells.ts';
import { echoRequest, type Heard, heard, whoHas } from '../measure/frames.ts';
import type { MeasureKernel } from '../measure/kernel.ts';
import { measure } from '../measure/measure.ts';
import { Station } from '../measure/station.ts';
import type { NsRef } from '../os.ts';
import type { SnapNamespace } from '../snapshot/snapshot.ts';
import type { End } from './ends.ts';
import { addressOf } from './parties.ts';

export interface Probed {
  readonly reached: boolean;
  readonly evidence: string;
}

const TRIES = 3;
const WAIT_NS = 250e6;
const STEP_NS = 5e6;

/** Throws where it cannot be asked: packet sockets are refused, a namespace is gone. */
export async function probe(kernel: MeasureKernel, from: End, to: End, traffic: Traffic): Promise<Probed> {
  if (to.ns === null && from.ns !== null) return probeOut(kernel, from, to);
  if (from.ns === null) throw new Error('only its own namespaces can be asked to send');
  const parties = [partyOf(from), partyOf(to)];
  const cell = { from: from.name, to: to.name, traffic };
  const [outcome] = await measure(kernel, parties, [cell], { tries: TRIES, settleNs: 0 });
  return { reached: outcome.reached, evidence: outcome.evidence };
}

function partyOf(end: End): Party {
  const place = placeOf(end.ns as SnapNamespace);
  const speaksFrom = end.device === null ? null : [end.device];
  return { name: end.name, place, device: end.device, speaksFrom, addresses: addressOf(end) };
}

function placeOf(ns: SnapNamespace): Party['place'] {
  if (ns.host) return { kind: 'host' };
  if (ns.names.length > 0) return { kind: 'name', name: ns.names[0] };
  if (ns.holders.length > 0) return { kind: 'pid', pid: ns.holders[0].pid };
  return { kind: 'path', path: ns.paths[0] };
}

function spaceOf(kernel: MeasureKernel, ns: SnapNamespace): NsRef | null {
  const place = placeOf(ns);
  if (place.kind === 'host') return kernel.initNs;
  if (place.kind === 'name') return kernel.nsByName(place.name);
  const path = place.kind === 'pid' ? `/proc/${place.pid}/ns/net` : place.kind === 'path' ? place.path : '';
  return kernel.nsByPath?.(path) ?? null;
}

async function probeOut(kernel: MeasureKernel, from: End, to: End): Promise<Probed> {
  const ns = spaceOf(kernel, from.ns as SnapNamespace);
  if (ns === null) throw new Error(`the namespace of ${from.name} is gone`);
  kernel.nsHold(ns);
  let station: Station | null = null;
  try {
    station = new Station(kernel, ns, from.ns?.host === true ? '' : from.name);
    return await ask(kernel, station, to.address ?? '');
  } finally {
    station?.close();
    kernel.nsRelease(ns);
  }
}

async function ask(kernel: MeasureKernel, station: Station, address: string): Promise<Probed> {
  const route = station.route(address);
  if (route.kind !== 'via')
    return { reached: false, evidence: route.kind === 'none' ? `no route: ${route.why}` : 'local' };
  station.listen(typeof parseIp(address) !== 'number', false);
  const { link, nextHop, way } = route;
  const run = Math.floor(kernel.wallNs() / 1000) % 2 ** 32;
  const own = { mac: link.mac, address: way.source };
  const mac = await answered(kernel, station, link, whoHas(own, nextHop), (h, on) =>
    h.what === 'is-at' && h.target === nextHop && on === link.index ? h.mac : null,
  );
  if (mac === null) return { reached: false, evidence: `nobody answers for the next hop ${nextHop} on ${way.device}` };
  const echo = echoRequest(own, mac, way.destination, { run, probe: 1 });
  const back = await answered(kernel, station, link, echo, (h) =>
    h.what === 'reply' && h.mark.run === run ? 1 : null,
  );
  const next = `the next hop ${nextHop} answers on ${way.device}`;
  return back === null
    ? {
        reached: false,
        evidence: `${next}, and ${address} does not answer an echo request (it, or a filter on the way, may not answer them at all)`,
      }
    : { reached: true, evidence: `${next}, and ${address} answers an echo request` };
}

/** What `is` makes of the first frame that it knows; null after all tries. */
async function answered(
  kernel: MeasureKernel,
  station: Station,
  link: Parameters<Station['send']>[0],
  bytes: Uint8Array,
  is: (h: Heard, ifindex: number) => number | null,
): Promise<number | null> {
  for (let i = 0; i < TRIES; i++) {
    station.send(link, bytes);
    for (const until = kernel.nowNs() + WAIT_NS; kernel.nowNs() < until; ) {
      let found: number | null = null;
      station.drain((frame, on) => {
        const h = heard(frame);
        if (h !== null) found ??= is(h, on?.index ?? 0);
      });
      if (found !== null) return found;
      await kernel.pause(STEP_NS);
    }
  }
  return null;
}
