// From how far a probe came to the rule that stopped it: one function for each stage at which measuring gives up.

import { Drop } from '../../net/drop.ts';
import type { NetDevice } from '../../net/netdev.ts';
import type { NetNs } from '../../net/netns.ts';
import { formatIp, parseIp } from '../../uapi/format.ts';
import { type Heard, heard } from '../measure/frames.ts';
import type { Model } from '../model.ts';
import { beyondOf } from '../snapshot/load-nic.ts';
import { type Asked, dadFinding, noAddress, noRoute, senderOf, silent, targetOf, unsent } from './asked.ts';
import type { Code } from './codes.ts';
import { run, words } from './cures.ts';
import { whyUnheard } from './fate.ts';
import { downOf, type Finding, find, ipv6Off } from './losses.ts';
import { heardBy, pathOf } from './path.ts';
import { dadTrouble, devicesOf, ipv6Disabled, localName, ownerIn, ownerOf } from './place.ts';
import type { Packet } from './recorder.ts';
import { bottomOf } from './topology.ts';

export interface Found {
  readonly finding: Finding;
  /** Which way it was lost, or null when it was not. */
  readonly direction: 'there' | 'back' | null;
}

export function explain(asked: Asked): Found {
  const { stage } = asked.outcome;
  const { traffic } = asked.outcome.cell;
  if (traffic === 'broadcast' || traffic === 'multicast') return explainShout(asked);
  switch (stage) {
    case 'no-address':
      return there(noAddress(asked));
    case 'no-route':
      return there(noRoute(asked));
    case 'unsent':
      return there(unsent(asked));
    case 'neighbour-unheard':
    case 'neighbour-unanswered':
      return neighbour(asked);
    case 'request-lost':
      return request(asked) ?? there(asked.outcome.evidence);
    case 'reply-lost':
      return request(asked) ?? reply(asked);
    case 'other-answered':
      return there(otherAnswered(asked));
    default:
      return arrived(asked);
  }
}

function there(finding: Finding | string): Found {
  return { finding: typeof finding === 'string' ? find('lost', finding, null, null) : finding, direction: 'there' };
}

function back(finding: Finding): Found {
  return { finding, direction: 'back' };
}

const canonical = (text: string): string => {
  const ip = parseIp(text);
  return ip === null ? text : formatIp(ip);
};

/** Packets that say this, and were sent from that namespace. */
function saying(asked: Asked, ns: NetNs | null, is: (h: Heard) => boolean): Packet[] {
  return asked.packets.filter((p) => {
    const h = p.sent ? heard(p.frame) : null;
    return h !== null && is(h) && (ns === null || p.marks.find((m) => m.dev !== null)?.dev?.ns === ns);
  });
}

/** The next hop was asked for; who was to answer, and what came of that? */
function neighbour(asked: Asked): Found {
  const { outcome, model, fromNs } = asked;
  const way = outcome.there;
  const s = senderOf(asked);
  if (way === null || s === null) return there(outcome.evidence);
  return askFor(asked, canonical(way.gateway ?? way.destination), s, fromNs, model, 'there');
}

function askFor(asked: Asked, hop: string, s: NetDevice, ns: NetNs, model: Model, direction: 'there' | 'back'): Found {
  const owner = ownerIn(direction === 'there' ? asked.toNs : asked.fromNs, hop) ?? ownerOf(model, hop);
  if (owner === null) {
    const off = hop.includes(':') ? devicesOf(asked.toNs, asked.to).find(ipv6Disabled) : undefined;
    if (off !== undefined && asked.to.device !== null) return { finding: ipv6Off(off), direction };
    return { finding: nobodyHas(hop, s), direction };
  }
  const dad = hop.includes(':') ? dadTrouble(owner) : null;
  if (dad !== null && dad.address === hop) return { finding: dadFinding(owner, dad), direction };
  const questions = saying(asked, ns, (h) => h.what === 'who-has' && h.target === hop);
  const question = questions.find((p) => heardBy(p, owner, false) !== null) ?? questions[0];
  if (question === undefined) return { finding: find('lost', asked.outcome.evidence, s, null), direction };
  const at = heardBy(question, owner, false);
  if (at === null || endedIn(question, at)) return { finding: whyUnheard(question, s, at ?? owner), direction };
  const other = direction === 'there' ? 'back' : 'there';
  const answer = saying(asked, owner.ns, (h) => h.what === 'is-at' && h.target === hop)[0];
  if (answer !== undefined) return { finding: whyUnheard(answer, at, s), direction: other };
  return { finding: silent(asked, at, hop), direction: other };
}

/** Where a model ends at a NIC, as that of a host does, somebody beyond may have it all the same. */
function nobodyHas(hop: string, s: NetDevice): Finding {
  const nic = bottomOf(s);
  const text =
    beyondOf(nic) === null
      ? `nobody has ${hop}, the next hop`
      : `nobody here has ${hop}, the next hop; who is beyond ${nic.label} is not known`;
  return find('no-such-neighbour', text, s, null);
}

/** It got into the stack of `dev`, which ended it there. */
function endedIn({ marks }: Packet, dev: NetDevice): boolean {
  const drops = marks.filter((m) => m.dev === dev && m.drop !== Drop.None && m.drop !== Drop.NoSocket);
  return drops.length > 0 && drops.length >= marks.filter((m) => m.dev === dev && m.fn === 'deliver_skb').length;
}

/** What became of the echo request; null: the target's stack had it, and did not turn it away. */
function request(asked: Asked): Found | null {
  const [s, t] = [senderOf(asked), targetOf(asked)];
  const packet = saying(asked, null, (h) => h.what === 'echo').at(-1);
  if (s === null || t === null || packet === undefined) return there(asked.outcome.evidence);
  const at = heardBy(packet, t, false);
  if (at !== null && !endedIn(packet, at)) return null;
  if (at !== null) return there(whyUnheard(packet, s, at));
  const gateway = asked.outcome.there?.gateway ?? null;
  if (gateway === null) return there(whyUnheard(packet, s, t));
  return beyondGateway(asked, packet, s, t, gateway);
}

/** It had to be forwarded: did the gateway have it, and what did that do? */
function beyondGateway(asked: Asked, packet: Packet, s: NetDevice, t: NetDevice, gateway: string): Found {
  const g = ownerOf(asked.model, canonical(gateway));
  if (g === null) return there(nobodyHas(gateway, s));
  const at = heardBy(packet, g, false);
  if (at === null) return there(whyUnheard(packet, s, g));
  const hop = packet.marks.findIndex((m) => m.fn === 'ip_forward' || m.fn === 'ip6_forward');
  const out = hop < 0 ? undefined : packet.marks.slice(hop).find((m) => m.fn === '__dev_queue_xmit' && m.dev !== null);
  if (out?.dev != null) return there(whyUnheard(packet, out.dev, t));
  const dest = canonical(asked.outcome.there?.destination ?? '');
  const question = saying(asked, g.ns, (h) => h.what === 'who-has' && h.target === dest)[0];
  const asker = question?.marks.find((m) => m.dev !== null)?.dev;
  if (question !== undefined && asker != null) return there(whyUnheard(question, asker, t));
  const text = `${gateway} does not forward it`;
  return there(find('not-forwarded', text, at, words(`net.ipv4.ip_forward=1 at ${gateway}, and routes`)));
}

/** The target's stack had the request: why is there no reply? */
function reply(asked: Asked): Found {
  const { outcome, toNs, model } = asked;
  const [s, t] = [senderOf(asked), targetOf(asked)];
  if (s === null || t === null) return there(outcome.evidence);
  if (outcome.back === null) {
    const cure = words('a "gateway" or "routes" for the target, or an address in the same subnet');
    return back(find('no-route-back', 'it arrives, and the target has no route back', t, cure, [outcome.evidence]));
  }
  const out = toNs.dev(localName(outcome.back.device)) ?? t;
  const packet = asked.packets.find((p) => heard(p.frame)?.what === 'reply');
  const left = packet?.marks.some((m) => m.fn === '__dev_queue_xmit') ?? false;
  if (packet !== undefined && left) return back(whyUnheard(packet, out, s));
  const hop = canonical(outcome.back.gateway ?? outcome.there?.source ?? '');
  const asksItself = saying(asked, toNs, (h) => h.what === 'who-has' && h.target === hop).length > 0;
  if (asksItself) return askFor(asked, hop, out, toNs, model, 'back');
  const cure = run('sysctl -w net.ipv4.icmp_echo_ignore_all=0');
  return back(find('echo-ignored', 'the target does not answer echo requests', t, cure, [outcome.evidence]));
}

/** The reply came from a stack that is not the target's. */
function otherAnswered(asked: Asked): Finding {
  const packet = asked.packets.find((p) => heard(p.frame)?.what === 'reply');
  const who = packet?.marks.find((m) => m.dev !== null)?.dev ?? null;
  const address = asked.outcome.there?.destination ?? 'the address';
  const text = `${who === null ? 'somebody else' : who.label} has ${address} too, and answers`;
  return find('other-answered', text, who, words('one address for each'), [asked.outcome.evidence]);
}

function arrived(asked: Asked): Found {
  const { outcome } = asked;
  const [s, t] = [senderOf(asked), targetOf(asked)];
  const packet = saying(asked, null, (h) => h.what === 'echo').findLast((p) => t !== null && heardBy(p, t, false));
  if (s === null || t === null || packet === undefined) {
    return {
      finding: find('ok-local', 'ok inside the namespace, over lo', t, null, [outcome.evidence]),
      direction: null,
    };
  }
  const at = heardBy(packet, t, false) as NetDevice;
  const finding = pathOf(packet, s, at);
  const gateway = outcome.there?.gateway ?? null;
  const text = gateway === null ? finding.text : `${finding.text}, by ${gateway}`;
  return { finding: { ...finding, text }, direction: null };
}

/** Where several copies arrive, the shortest way is told. */
const PATHS: readonly Code[] = ['ok-local', 'ok-software', 'ok-veb', 'ok-hairpin', 'ok-wire'];

/** Broadcast and multicast: of all the copies that were sent, the one that came nearest. */
function explainShout(asked: Asked): Found {
  const { outcome, from, to, fromNs, toNs } = asked;
  if (outcome.stage === 'unsent' || outcome.stage === 'no-address') return there(unsent(asked));
  const shouts = saying(asked, fromNs, (h) => h.what === 'shout');
  const ears = devicesOf(toNs, to);
  const sender = (p: Packet): NetDevice => p.marks.find((m) => m.dev !== null)?.dev as NetDevice;
  const ways = shouts.flatMap((packet) =>
    ears.flatMap((t) => (heardBy(packet, t, true) === null ? [] : pathOf(packet, sender(packet), t))),
  );
  const shortest = ways.sort((x, y) => PATHS.indexOf(x.code) - PATHS.indexOf(y.code))[0];
  if (outcome.reached && shortest !== undefined) return { finding: shortest, direction: null };
  const down = devicesOf(fromNs, from).find((dev) => !dev.up && from.device !== null);
  if (down !== undefined) return there(downOf(down));
  let best: Finding | null = null;
  for (const packet of shouts) {
    for (const t of ears) {
      const s = sender(packet);
      const finding = whyUnheard(packet, s, t);
      if (best === null || bottomOf(s) === bottomOf(t)) best = finding;
      if (bottomOf(s) === bottomOf(t)) break;
    }
  }
  return there(best ?? outcome.evidence);
}
