// What the reason with which the kernel ended a packet means, in words, with the cure where there is one.

import { shellWord } from '../../base/shell-word.ts';
import { Drop } from '../../net/drop.ts';
import type { NetDevice } from '../../net/netdev.ts';
import { confName } from '../conf-name.ts';
import type { Code } from './codes.ts';
import { type Cure, run, words } from './cures.ts';
import { type Mark, markText, type Packet } from './recorder.ts';
import { chainOf, farEndOf, nicOf } from './topology.ts';

/** What was found out about one direction. */
export interface Finding {
  readonly code: Code;
  /** Without the names of the two parties where these do not matter: many cells may share it. */
  readonly text: string;
  readonly where: NetDevice | null;
  readonly cure: Cure | null;
  readonly evidence: readonly string[];
}

/** Of hosts that were not meant. */
export const UNCONCERNED: ReadonlySet<number> = new Set([Drop.OtherHost, Drop.NoHandler, Drop.ArpBad, Drop.NoSocket]);

/** What a reason with which the kernel ended a packet means. */
export function lostAt(mark: Mark, dev: NetDevice): Finding {
  const evidence = [markText(mark)];
  switch (mark.drop) {
    case Drop.DeviceDown:
    case Drop.QdiscNoop:
      return dev.up ? noCarrier(dev, evidence) : { ...downOf(dev), evidence };
    case Drop.NoCarrier:
      return noCarrier(dev, evidence);
    case Drop.QueueStopped: {
      const text = `ENETDOWN: the transmit queue of ${dev.label} is stopped, and it has no qdisc to wait in`;
      return find('queue-stopped', text, dev, run(`tc qdisc add dev ${shellWord(dev.name)} root fq_codel`), evidence);
    }
    case Drop.TooBig:
    case Drop.PacketTooBig: {
      const least = chainOf(dev).reduce((a, b) => (b.mtu < a.mtu ? b : a)); // below a macvlan it is handed over, too
      const text = `longer than ${least.label} takes (mtu ${least.mtu})`;
      return find('mtu', text, least, words('the same "mtu" all the way'), evidence);
    }
    case Drop.IpRpFilter:
      return rpFilter(dev, evidence);
    case Drop.Ip6Disabled:
      return ipv6Off(dev, evidence);
    case Drop.VlanUnknown:
    case Drop.BridgeNoForward:
    case Drop.BridgeFiltered:
      return find('switch', `${dev.label} does not forward it`, dev, null, evidence);
    case Drop.CableLoss:
      return find('cable-loss', `lost on the cable of ${dev.label}`, dev, null, evidence);
    case Drop.TcIngress:
    case Drop.TcEgress:
      return find(
        'filtered',
        `a filter of tc on ${dev.label} ended it`,
        dev,
        run(`tc filter show dev ${shellWord(dev.name)}`),
        evidence,
      );
    case Drop.IpNotForUs:
    case Drop.IpNoRoute:
    case Drop.OtherHost:
      return find('not-accepted', `the stack at ${dev.label} did not accept it`, dev, null, evidence);
    default:
      return find('lost', markText(mark), dev, null, evidence);
  }
}

export function rpFilter(dev: NetDevice, evidence: readonly string[]): Finding {
  const text = `rp_filter: ${dev.label} does not accept this sender, since the way back goes by another device`;
  const cure = run(`sysctl -w ${confName(4, dev.name, 'rp_filter')}=2`, 'of all/ and the device the larger counts');
  return find('rp-filter', text, dev, cure, evidence);
}

export function ipv6Off(dev: NetDevice, evidence: readonly string[] = []): Finding {
  const cure = run(`sysctl -w ${confName(6, dev.name, 'disable_ipv6')}=0`, '"ipv6: true"');
  return find('ipv6-disabled', `disable_ipv6 is set on ${dev.label}`, dev, cure, evidence);
}

export function noCarrier(lost: NetDevice, evidence: readonly string[]): Finding {
  const dev = chainOf(lost).findLast((d) => !d.carrier) ?? lost; // it is handed up from below
  const far = farEndOf(dev);
  const why =
    nicOf(dev)?.end === null ? 'no cable is plugged in' : far?.up === false ? `${far.label} is down` : 'no link';
  return find('no-carrier', `${dev.label} has no carrier: ${why}`, dev, null, evidence);
}

export function downOf(dev: NetDevice, packet: Packet | null = null): Finding {
  const cure = run(`ip link set ${shellWord(dev.name)} up`);
  return find('link-down', `${dev.label} is down`, dev, cure, packet === null ? [] : endsOf(packet));
}

/** Where it went, and what of it was lost. */
export function endsOf({ marks }: Packet): string[] {
  const lost = marks.filter((m) => m.drop !== Drop.None && !UNCONCERNED.has(m.drop));
  return [...new Set([trailOf(marks.map((m) => m.dev)), ...lost.map(markText)])].slice(0, 6);
}

/** The devices that it passed, each once, in order; of a flood the first few. */
export function trailOf(devs: ReadonlyArray<NetDevice | null>): string {
  const labels = [...new Set(devs.flatMap((dev) => (dev === null ? [] : [dev.label])))];
  return `${labels.slice(0, 8).join(' > ')}${labels.length > 8 ? ` > ... (${labels.length})` : ''}`;
}

export function find(
  code: Code,
  text: string,
  where: NetDevice | null,
  cure: Cure | null,
  evidence: readonly string[] = [],
): Finding {
  return { code, text, where, cure, evidence };
}
