// What may go wrong with a lab that is about to be applied, worst first: what doctor would find on the machine as it will be and
// does not find now, and what no machine shows: how many addresses a NIC and a switch bear, and what a hairpin does to DAD.

import { printable } from '../../base/printable.ts';
import type { NetDevice } from '../../net/netdev.ts';
import type { Finding, Severity } from '../doctor/finding.ts';
import type { Lab, LabNetwork } from '../file/lab.ts';
import type { Model } from '../model.ts';
import { offloadReport } from '../offload-report.ts';
import { knowsOwnProbe } from './place.ts';
import { farEndOf, isSwitchPort, nicOf, sendsBack } from './topology.ts';

/** A finding of doctor (docs/doctor.md), or `mac-budget`, `dad-hairpin`, `offload`. */
export type Risk = Omit<Finding, 'fix'>;

/** Of another's making, or of no concern before anything is there. */
const NOT_NOW = new Set(['half-made-link', 'empty-lab-netns', 'nameless-netns', 'stale-netns-name', 'promisc-left', 'unseen-macvlan', 'gateway-silent', 'dad-failed']); // biome-ignore format: one look

const RANK: Record<Severity, number> = { error: 0, warning: 1, note: 2 };

/** `model`: with the lab applied. `before`: what doctor finds without it. */
export function risksOf(lab: Lab, model: Model, after: readonly Finding[], before: readonly Finding[]): Risk[] {
  const known = new Set(before.map(keyOf));
  const fresh = after.filter((f) => !known.has(keyOf(f)) && !NOT_NOW.has(f.code));
  const own = [...new Set(lab.networks.map((n) => n.lower))].flatMap((lower) => macBudget(model, lower));
  const risks = [
    ...fresh.map(asRisk),
    ...offloadRisks(lab, model),
    ...own,
    ...lab.networks.flatMap((n) => dadHairpin(lab, model, n)),
  ];
  return risks.sort((a, b) => RANK[a.severity] - RANK[b.severity]);
}

function keyOf({ code, where }: Finding): string {
  return `${code} ${where}`;
}

function asRisk({ code, severity, where, text, evidence, cure }: Finding): Risk {
  return { code, severity, where, text, evidence, cure };
}

/** What is surprising about the stations that the NIC gives. */
function offloadRisks(lab: Lab, model: Model): Risk[] {
  const lowers = new Set(lab.networks.map((n) => n.lower));
  return offloadReport(model.kernel).lowers.flatMap(({ device, warnings }) =>
    warnings
      .filter(() => lowers.has(device))
      .map((warning): Risk => {
        const [, text, cure] = /^(.*?)(?: \(cure: (.*)\))?$/.exec(warning) ?? ['', warning, undefined];
        const code = warning.includes('ENETDOWN') ? 'enetdown' : 'offload';
        return { code, severity: 'warning', where: device, text, evidence: [], cure: cure ?? null };
      }),
  );
}

/**
 * Unicast addresses that a NIC filters before it takes everything, beside its own. Linux: rar_entry_count of e1000e and igb (the
 * smallest of the family), num_rar_entries of ixgbe; QEMU: MAC_TABLE_ENTRIES of virtio-net.
 */
const FILTERS: { readonly [driver: string]: number } = {
  e1000e: 15,
  igb: 15,
  ixgbe: 127,
  virtio_net: 64,
};

/** A switch port that counts addresses (port security) is often set to a few. */
const MANY = 8;

function macBudget(model: Model, lower: string): Risk[] {
  const dev = model.os.initNs.dev(lower);
  if (dev === null) return [];
  const macs = dev.uc.size;
  const room = filtersOf(dev);
  const risks: Risk[] = [];
  const evidence = [`${macs} MAC addresses on ${lower} beside its own`];
  if (room !== null && macs > room) {
    const text = `${macs} MAC addresses, and the NIC filters ${room}: it takes every frame of its network, and the host looks at each`;
    const cure = 'fewer macvlans on one NIC; or accept the load';
    risks.push({ code: 'mac-budget', severity: 'warning', where: lower, text, evidence, cure });
  }
  if (macs > MANY && nicOf(dev) !== null) {
    const text = `${macs + 1} MAC addresses on one switch port: port security, Wi-Fi bridges and some clouds allow fewer`;
    const cure = 'ask who runs the switch how many addresses the port may have';
    risks.push({ code: 'mac-budget', severity: 'note', where: lower, text, evidence, cure });
  }
  return risks;
}

function filtersOf(dev: NetDevice): number | null {
  const driver = dev.driverInfo?.driver ?? '';
  return FILTERS[driver] ?? null;
}

/**
 * Private, passthru and source macvlans hear their own probe when the switch sends it back, and give the address up; but with
 * enhanced_dad, which Linux has turned on since 4.10, they know it for their own.
 */
function dadHairpin(lab: Lab, model: Model, network: LabNetwork): Risk[] {
  const { name, lower, mode } = network;
  const dev = model.os.initNs.dev(lower);
  if (dev === null || (mode !== 'private' && mode !== 'source' && mode !== 'passthru')) return [];
  const deaf = lab.endpoints.filter((e) => {
    const ns =
      e.netns.kind === 'host' ? model.os.initNs : e.netns.kind === 'name' ? model.os.nsByName(e.netns.name) : null;
    const own = ns?.dev(e.device) ?? null;
    const six = e.addresses.some((a) => a.family === 6);
    return e.network === name && six && own !== null && !knowsOwnProbe(own);
  });
  const far = farEndOf(dev);
  const known = far !== null && isSwitchPort(far);
  if (deaf.length === 0 || (known && !sendsBack(far)) || (!known && lab.machine !== null)) return [];
  const text = `${mode} mode with IPv6 and enhanced_dad off: behind a switch that sends frames back, duplicate address detection fails, since a macvlan hears its own probe`;
  const severity = known ? 'warning' : 'note';
  const seen = known ? `${far.label} sends back (hairpin)` : 'what the switch does cannot be seen from here';
  const evidence = [seen, `enhanced_dad is off: ${deaf.map((e) => e.name).join(', ')}`];
  const cure = 'sysctl -w net.ipv6.conf.all.enhanced_dad=1; or no hairpin (reflective relay) at the switch';
  return [{ code: 'dad-hairpin', severity, where: lower, text, evidence, cure }];
}

/** For people: one line each, the cure behind it. */
export function risksText(risks: readonly Risk[]): string {
  if (risks.length === 0) return '';
  const lines = risks.map(({ severity, where, text, cure }) => {
    return `  ${severity.padEnd(7)} ${where}: ${text}\n${cure === null ? '' : `          cure: ${cure.split('\n').join('\n                ')}\n`}`;
  });
  return printable(`risks\n${lines.join('')}`);
}
