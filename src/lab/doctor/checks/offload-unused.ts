// l2-fwd-offload is on, and macvlans on the device are forwarded in software all the same. Linux says neither that nor why;
// the reasons are those that its drivers have. Linux: macvlan_open().

import { L2_FWD_OFFLOAD } from '../../apply/features.ts';
import type { SnapLink } from '../../snapshot/snapshot.ts';
import { offloadState } from '../../status/rows.ts';
import { type MacvlanSpot, type Spot, spotName } from '../../status/view.ts';
import { type Check, type Finding, finding } from '../finding.ts';
import { upAgain } from '../words.ts';

export const offloadUnused: Check = {
  codes: ['offload-refused', 'offload-unused'],
  examine({ view }) {
    const refused = view.lowers.filter(({ link }) => wantsInVain(link)).map(tellRefused);
    const unused = view.lowers.flatMap((lower) =>
      view
        .uppers(lower)
        .filter((u) => u.link.up && offloadState(view, u) === 'software')
        .map((upper) => {
          const { why, cure } = whyOf(upper);
          const name = lower.link.name;
          const text = `l2-fwd-offload of ${spotName(lower)} is on, but ${spotName(upper)} is forwarded in software`;
          const seen =
            upper.macvlan.mode === 'passthru'
              ? []
              : [`bridge fdb show dev ${name} has ${upper.link.mac}, which a station's device has not`];
          return finding('warning', 'offload-unused', spotName(upper), text, { evidence: [...seen, why], cure });
        }),
    );
    return [...refused, ...unused];
  },
};

function wantsInVain({ features }: SnapLink): boolean {
  return features?.wanted.includes(L2_FWD_OFFLOAD) === true && !features.on.includes(L2_FWD_OFFLOAD);
}

function tellRefused(lower: Spot): Finding {
  const { link } = lower;
  const text = `l2-fwd-offload of ${spotName(lower)} was asked for and is off: all its macvlans are forwarded in software`;
  return finding('warning', 'offload-refused', spotName(lower), text, {
    evidence: [`the driver ${link.driver} offers it, and something that it depends on is missing`],
    cure: 'the kernel log may have the reason (an XDP program, DCB, no vectors left)',
  });
}

function whyOf(upper: MacvlanSpot): { why: string; cure: string | null } {
  if (upper.macvlan.mode === 'passthru') return { why: 'passthru mode never asks for a station', cure: null };
  if (upper.link.queues.tx > 1) {
    return { why: 'it has more than one tx queue, which drivers refuse', cure: 'make it with one: numtxqueues 1' };
  }
  if (upper.macvlan.mode === 'source') {
    return { why: 'source mode is refused by drivers that can only filter by destination', cure: null };
  }
  return {
    why: 'it was opened before the offload was on, or the driver had no station left (Linux does not say which)',
    cure: upAgain(upper),
  };
}
