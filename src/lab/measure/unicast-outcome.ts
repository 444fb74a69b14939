// How far a unicast probe got, and what was seen of it, in a line. The probes themselves are sent by unicast.ts.

import { errnoName } from '../../uapi/errno.ts';
import type { Cell, Outcome, Stage } from './cells.ts';
import type { Seat } from './seats.ts';
import type { Route, Station, StationLink } from './station.ts';

/** One question for a MAC address, for all probes that need the answer. */
export interface Neighbour {
  readonly station: Station;
  readonly link: StationLink;
  readonly source: string;
  readonly target: string;
  /** That answered, in order. A kernel takes the first: with several, which one that is may be chance. */
  readonly macs: number[];
  heardAt: string | null;
  sent: number;
  errno: number;
}

export interface Probe {
  readonly cell: UnicastCell;
  readonly number: number;
  readonly target: string;
  readonly route: Route;
  readonly neighbour: Neighbour | null;
  sent: number;
  errno: number;
  arrivedAt: string | null;
  answeredAt: string | null;
}

export interface UnicastCell {
  readonly index: number;
  readonly cell: Cell;
  readonly from: Seat;
  readonly to: Seat;
  probes: Probe[];
  reached: boolean;
}

const ORDER: readonly Stage[] = [
  'no-address',
  'no-route',
  'unsent',
  'neighbour-unheard',
  'neighbour-unanswered',
  'request-lost',
  'reply-lost',
  'other-answered',
  'reached',
];

export function stageOf({ route, neighbour, errno, sent, arrivedAt, answeredAt }: Probe): Stage {
  if (route.kind === 'local') return 'reached';
  if (route.kind === 'none') return 'no-route';
  if (answeredAt !== null) return arrivedAt !== null ? 'reached' : 'other-answered';
  if (neighbour === null || neighbour.errno !== 0 || errno !== 0) return 'unsent';
  if (neighbour.macs.length === 0) return neighbour.heardAt === null ? 'neighbour-unheard' : 'neighbour-unanswered';
  return sent > 0 && arrivedAt !== null ? 'reply-lost' : 'request-lost';
}

export function outcomeOf(asked: UnicastCell): Outcome {
  const { cell, from, to, probes } = asked;
  let best: Probe | null = null;
  for (const probe of probes) {
    if (best === null || ORDER.indexOf(stageOf(probe)) > ORDER.indexOf(stageOf(best))) best = probe;
  }
  const stage = best === null ? 'no-address' : stageOf(best);
  const there = best?.route.kind === 'via' ? best.route.way : null;
  const back = there === null ? null : to.station.route(there.source);
  return {
    cell,
    reached: stage === 'reached',
    stage,
    evidence: best === null ? noAddress(asked) : evidence(from, to, best),
    there,
    back: back?.kind === 'via' ? back.way : null,
    arrivedAt: best?.arrivedAt ?? null,
    answeredAt: best?.answeredAt ?? null,
    probes: probes.map((p) => p.number),
    tries: Math.max(1, best?.sent ?? 0, best?.neighbour?.sent ?? 0),
  };
}

function noAddress({ cell, from, to }: UnicastCell): string {
  const family = cell.traffic === 'ipv6' ? 6 : 4;
  const lacking = to.addresses[family].length === 0 ? to : from;
  return `${lacking.party.name} has no IPv${family} address`;
}

function evidence(from: Seat, to: Seat, probe: Probe): string {
  const { target, route, neighbour } = probe;
  const [a, b] = [from.party.name, to.party.name];
  if (route.kind === 'local') return `${target} is in the same namespace`;
  if (route.kind === 'none') return `${a} has no way to ${target}: ${route.why}`;
  const { way, nextHop } = route;
  const hop = nextHop === target ? target : `the gateway ${nextHop}`;
  const ask = nextHop.includes(':') ? 'a neighbour solicitation' : 'an ARP request';
  const twice = neighbour !== null && neighbour.macs.length > 1 ? `; more than one answers for ${hop}` : '';
  switch (stageOf(probe)) {
    case 'unsent': {
      if (neighbour === null) return `${way.device} is no Ethernet device: not measured`;
      const errno = neighbour.errno || probe.errno;
      return `${way.device} sends nothing: ${errnoName(errno) ?? errno}`;
    }
    case 'neighbour-unheard':
      return nextHop === target
        ? `${ask} for ${target} from ${way.device} did not get to ${b}`
        : `nobody answered ${ask} for ${hop} from ${way.device}`;
    case 'neighbour-unanswered':
      return `${ask} for ${hop} arrived at ${neighbour?.heardAt}; no answer came back to ${way.device}`;
    case 'request-lost':
      return `${hop} answers for its MAC address; an echo request for ${target} did not get to ${b}${twice}`;
    case 'reply-lost':
      return `an echo request arrived at ${probe.arrivedAt}; no reply came back to ${way.device}${twice}`;
    case 'other-answered':
      return `somebody else answered for ${target}: the echo request never got to ${b}${twice}`;
    default: {
      const other = probe.answeredAt === way.device ? '' : `, the reply came back by ${probe.answeredAt}`;
      return `${target} answered (${way.device} -> ${probe.arrivedAt})${other}${twice}`;
    }
  }
}
