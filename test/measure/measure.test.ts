// Who reaches whom, measured on both kernels: every mode, every traffic, the host with and without a shim, hairpin, sources, a
// device that is down, an address that somebody else has. What is expected is written down by hand, not asked of the model.

import { describe, test } from 'vitest';
import { parseLab } from '../../src/lab/file/lab-yaml.ts';
import { cellsOf, type Outcome, partiesOf } from '../../src/lab/measure/cells.ts';
import { measure } from '../../src/lab/measure/measure.ts';
import { ARMS } from './arms.ts';

const MACHINE = `
machine:
  nics: { p0: { mac: "02:00:00:00:00:aa" } }
  switches: { sw: { ports: [a, b] } }
  peers: { far: { nic: { mac: "02:00:00:00:00:fa" }, addresses: [192.168.7.99/24] } }
  cables:
    - { between: [p0, sw/a] }
    - { between: [sw/b, far/eth0] }
`;
const TWO = `
endpoints:
  a: { addresses: [192.168.7.1/24, "fd00:7::1/64"] }
  b: { addresses: [192.168.7.2/24, "fd00:7::2/64"] }
`;
const network = (text: string): string => `networks: { lan: { lower: p0, ${text} } }\n`;
const HAIRPIN = MACHINE.replace('ports: [a, b]', 'ports: [a, b], hairpin: [a]');

/** `a b 46BM`: what gets from a to b of IPv4, IPv6, broadcast, multicast; `.` for what does not, and for what nobody can ask. */
const LABS: [what: string, lab: string, matrix: string][] = [
  [
    'bridge',
    MACHINE + network('mode: bridge') + TWO,
    'a b 46BM, a host ...., a far 4.BM, host a ...., host far ..BM, far a 4.BM, far host ..BM',
  ],
  ['private', MACHINE + network('mode: private') + TWO, 'a b ...., a far 4.BM, far a 4.BM, far b 4.BM, host a ....'],
  ['vepa', MACHINE + network('mode: vepa') + TWO, 'a b ...., b a ...., a far 4.BM, far b 4.BM'],
  [
    'vepa on a port that reflects',
    HAIRPIN + network('mode: vepa') + TWO,
    'a b 46BM, b a 46BM, a far 4.BM, a host ..BM',
  ],
  ['private on a port that reflects', HAIRPIN + network('mode: private') + TWO, 'a b ...., b a ...., a far 4.BM'],
  [
    'passthru takes what the lower device gets',
    `${MACHINE}${network('mode: passthru')}endpoints: { a: { addresses: [192.168.7.1/24] } }`,
    'a far 4.BM, far a 4.BM, host far ..BM, far host ..BM',
  ],
  [
    'source hears its sources',
    `${MACHINE}${network('mode: source')}endpoints:
  a: { addresses: [192.168.7.1/24], sources: ["02:00:00:00:00:fa"] }
  b: { addresses: [192.168.7.2/24] }`,
    'a far 4.BM, far a 4.BM, b far ..BM, far b ...., a b ....',
  ],
  [
    'the shim brings the host in',
    MACHINE + network('hostShim: 192.168.7.250/24') + TWO,
    'a host 4.BM, host a 4.BM, b host 4.BM, host far 4.BM, far host 4.BM',
  ],
  [
    'the shim of a private network does not',
    MACHINE + network('mode: private, hostShim: 192.168.7.250/24') + TWO,
    'a host ...., host a ...., host far 4.BM, far host 4.BM',
  ],
  [
    'no IPv6 where the network has none',
    `${MACHINE}${network('ipv6: false')}endpoints:
  a: { addresses: [192.168.7.1/24] }
  b: { addresses: [192.168.7.2/24] }`,
    'a b 4.BM, b a 4.BM',
  ],
  [
    'through a gateway: the peer routes to nobody',
    `${MACHINE}${network('mode: bridge')}endpoints:
  a: { addresses: [192.168.7.1/24], gateway: 192.168.7.99 }
  b: { addresses: [10.9.0.2/24] }`,
    'a b ..BM, b a ..BM, a far 4.BM, b far ..BM',
  ],
  [
    'two devices of the host answer for its address, and behind one of them it is not',
    `
machine:
  nics: { p0: {}, p1: {} }
  switches: { sw: { ports: [a, b, c] } }
  peers: { far: { addresses: [192.168.7.99/24] } }
  cables: [{ between: [p0, sw/a] }, { between: [p1, sw/b] }, { between: [far/eth0, sw/c] }]
networks:
  taken: { lower: p0, mode: passthru, nopromisc: true, ipv6: false }
  lan: { lower: p1, ipv6: false, hostShim: 192.168.7.250/24 }
endpoints: { a: { network: taken, addresses: [192.168.7.1/24] } }`,
    'far host 4.BM, far a 4.BM',
  ],
];

const LETTERS = { ipv4: '4', ipv6: '6', broadcast: 'B', multicast: 'M' } as const;

/** The matrix in the spelling of LABS, for the pairs that are named there. */
function drawn(outcomes: readonly Outcome[], like: string): string {
  return like
    .split(', ')
    .map((row) => {
      const [from, to] = row.split(' ');
      const letters = Object.entries(LETTERS).map(([traffic, letter]) => {
        const o = outcomes.find(({ cell: c }) => c.from === from && c.to === to && c.traffic === traffic);
        return o?.reached ? letter : '.';
      });
      return `${from} ${to} ${letters.join('')}`;
    })
    .join(', ');
}

for (const arm of ARMS) {
  describe.skipIf(arm.skip !== null)(`on ${arm.name}${arm.skip === null ? '' : ` (skipped: ${arm.skip})`}`, () => {
    async function measured(text: string): Promise<Outcome[]> {
      const lab = parseLab(text, 'lab.yaml');
      const on = await arm.open(lab);
      try {
        const parties = partiesOf(lab);
        return await measure(on.kernel, parties, cellsOf(lab, parties));
      } finally {
        on.close();
      }
    }

    test.concurrent.for(LABS)('%s', async ([, text, matrix], { expect }) => {
      expect(drawn(await measured(text), matrix)).toBe(matrix);
    });
  });
}
