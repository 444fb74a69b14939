// Networks that drop frames from MAC addresses which they did not give out: virtual switches and clouds, told by DMI and by
// the driver. Only passthru uses the address that they know.

import type { SnapEnvironment } from '../../snapshot/snapshot.ts';
import { type MacvlanSpot, type Spot, spotName } from '../../status/view.ts';
import { type Check, finding } from '../finding.ts';
import { list } from '../words.ts';

interface Upstream {
  readonly name: string;
  readonly drivers: readonly string[];
  /** Vendor and product as DMI has them. */
  readonly dmi: RegExp;
  readonly cure: string;
}

const ROUTE =
  'macvlan cannot work here: route to the containers instead (ipvlan in l3 mode, a veth pair and a bridge with NAT)';

const UPSTREAMS: readonly Upstream[] = [
  {
    name: 'VMware',
    drivers: ['vmxnet3'],
    dmi: /VMware/,
    cure: 'on the port group allow "forged transmits" and "promiscuous mode", or turn on MAC learning (vSphere 6.7 and later)',
  },
  { name: 'Amazon EC2', drivers: ['ena'], dmi: /Amazon EC2/, cure: ROUTE },
  { name: 'Google Compute Engine', drivers: ['gve'], dmi: /Google Compute Engine/, cure: ROUTE },
  {
    name: 'Hyper-V or Azure',
    drivers: ['hv_netvsc', 'mana'],
    dmi: /Microsoft Corporation Virtual Machine/,
    cure: 'on Hyper-V: Set-VMNetworkAdapter -MacAddressSpoofing On; in Azure it cannot be allowed',
  },
  { name: 'VirtualBox', drivers: [], dmi: /innotek|VirtualBox/, cure: 'set the adapter\'s promiscuous mode to "Allow All"' },
  { name: 'OpenStack', drivers: [], dmi: /OpenStack/, cure: 'add the addresses to allowed_address_pairs of the port, or turn its port security off' },
  { name: 'Hetzner Cloud', drivers: [], dmi: /Hetzner/, cure: ROUTE },
  { name: 'DigitalOcean', drivers: [], dmi: /DigitalOcean/, cure: ROUTE },
  { name: 'Alibaba Cloud', drivers: [], dmi: /Alibaba/, cure: ROUTE },
  { name: 'Oracle Cloud', drivers: [], dmi: /OracleCloud/, cure: ROUTE },
]; // biome-ignore format: one look

export const upstreamFilter: Check = {
  codes: ['upstream-filter'],
  examine({ view }) {
    const { environment } = view.snapshot;
    return view.lowers.flatMap((lower) => {
      const uppers = view.uppers(lower).filter(hasOwnMac(lower));
      if (uppers.length === 0) return [];
      for (const root of view.roots(lower)) {
        const found = upstreamOf(root, environment);
        if (found === null) continue;
        const { upstream, evidence } = found;
        const text = `${upstream.name} forwards frames of the addresses that it gave out, and drops those of ${count(uppers.length)} on ${spotName(lower)}`;
        const macs = list(uppers.map((u) => `${spotName(u)} ${u.link.mac ?? ''}`));
        return [
          finding('warning', 'upstream-filter', spotName(lower), text, {
            evidence: [...evidence, macs],
            cure: upstream.cure,
          }),
        ];
      }
      return [];
    });
  },
};

function hasOwnMac(lower: Spot): (upper: MacvlanSpot) => boolean {
  return ({ link }) => link.mac !== null && link.mac !== lower.link.mac;
}

function upstreamOf(
  { link }: Spot,
  { vendor, product, bios }: SnapEnvironment,
): { upstream: Upstream; evidence: string[] } | null {
  if (link.kind !== '' || link.bus === '') return null;
  const byDriver = UPSTREAMS.find((u) => u.drivers.includes(link.driver));
  if (byDriver !== undefined) return { upstream: byDriver, evidence: [`${link.name} has the driver ${link.driver}`] };
  const dmi = [vendor, product, bios].filter((t) => t !== null).join(' ');
  const byDmi = UPSTREAMS.find((u) => u.dmi.test(dmi));
  return byDmi === undefined ? null : { upstream: byDmi, evidence: [`this machine says of itself: ${dmi}`] };
}

function count(n: number): string {
  return n === 1 ? 'the macvlan' : `the ${n} macvlans`;
}
