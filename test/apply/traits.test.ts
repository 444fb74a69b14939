// What a lab says of its devices beside addresses, on both kernels: macvtap, flags, other names, IPv6's settings and nodad. Made,
// changed while it lives, taken back, removed.

import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { applyLab, destroyLab, planDestroy, planLab } from '../../src/lab/apply/apply.ts';
import { ApplyError } from '../../src/lab/apply/execute.ts';
import type { Plan } from '../../src/lab/apply/plan.ts';
import { parseLab } from '../../src/lab/file/lab-yaml.ts';
import { ARMS, type Opened } from './arms.ts';

const LAB = `
lab: t
host: true
networks:
  lan: { lower: p0, ipv6: { acceptRa: 0, autoconf: false, acceptDad: 0, addrGenMode: none } }
  plain: { lower: p0 }
endpoints:
  a: { network: lan, addresses: [192.168.7.1/24, "fd00:7::1/64 nodad"] }
  b: { network: plain, netns: a, device: tap, kind: macvtap, promisc: true, allmulti: true, arp: false, altnames: [alpha, beta] }
`;

const lab = (text = LAB) => parseLab(text, 'lab.yaml');
const texts = (plan: Plan): string[] => plan.steps.map((s) => `${s.sign} ${s.text}`);
const acts = (plan: Plan): number => plan.steps.reduce((n, s) => n + s.acts.length, 0);

function trouble(n: number): { onAct(): void } {
  let at = 0;
  return {
    onAct: () => {
      if (at++ === n) throw new Error('no');
    },
  };
}

const EDITS: [string, [string, string][], string[]][] = [
  [
    'settings of IPv6',
    [
      [
        'acceptRa: 0, autoconf: false, acceptDad: 0, addrGenMode: none',
        'acceptRa: 2, autoconf: true, addrGenMode: random',
      ],
    ],
    ['~ a/eth0: accept_ra 0 -> 2', '~ a/eth0: autoconf 0 -> 1', '~ a/eth0: addrgenmode none -> random'],
  ],
  [
    'flags',
    [['promisc: true, allmulti: true, arp: false', 'promisc: false, arp: true']],
    ['~ a/tap: promisc off', '~ a/tap: arp on'],
  ],
  ['other names', [['alpha, beta', 'beta, gamma']], ['~ a/tap: no altname alpha', '~ a/tap: altname gamma']],
  ['detection of duplicates', [[' nodad', '']], ['~ a/eth0: no fd00:7::1/64 nodad', '~ a/eth0: fd00:7::1/64']],
  [
    'the kind',
    [[' kind: macvtap,', '']],
    [
      '- a/tap: macvtap, to be made anew: it was a macvtap',
      '+ a/tap: macvlan on p0, mode bridge, 02:78:a3:7c:e4:45, promisc on, allmulti on, arp off, altname alpha, altname beta',
    ],
  ],
  ['a mode of a macvtap', [['plain: { lower: p0', 'plain: { lower: p0, mode: vepa']], ['~ a/tap: mode bridge -> vepa']],
  ['what is not said stays', [[', promisc: true, allmulti: true, arp: false, altnames: [alpha, beta]', '']], []],
];

const edited = (changes: readonly [string, string][]): string =>
  changes.reduce((t, [from, to]) => t.replace(from, to), LAB);

for (const arm of ARMS) {
  describe.skipIf(arm.skip !== null)(`on ${arm.name}${arm.skip === null ? '' : ` (skipped: ${arm.skip})`}`, () => {
    let on: Opened;
    let before: string[];
    beforeEach(async () => {
      on = await arm.open();
      before = on.look();
    });
    afterEach(() => on?.close());

    test('it is made, a second run changes nothing, and it goes', () => {
      expect(texts(applyLab(on.kernel, lab()))).toEqual([
        '+ namespace a',
        '+ a/eth0: macvlan on p0, mode bridge, 02:7b:a3:81:9d:1a, accept_ra 0, autoconf 0, accept_dad 0, addrgenmode none, 192.168.7.1/24, fd00:7::1/64 nodad',
        '+ a/tap: macvtap on p0, mode bridge, 02:78:a3:7c:e4:45, promisc on, allmulti on, arp off, altname alpha, altname beta',
      ]);
      const after = on.look();
      expect(after).toContain('a: eth0 is a macvlan 0 1 0 0 0 1000 ');
      expect(after).toContain('a: tap is a macvtap 380 0 1 1 1 500 alpha beta');
      expect(after.filter((l) => /fd00/.test(l)).map((l) => l.replace(/ \d+ /, ' '))).toContain(
        'a: fd00:7::1/64 nodad',
      );
      expect(texts(planLab(on.kernel, lab()))).toEqual([]);
      expect(texts(destroyLab(on.kernel, 't'))).toEqual(['- a/eth0: macvlan', '- a/tap: macvtap', '- namespace a']);
      expect(on.look()).toEqual(before);
    }, 120_000);

    test.each(EDITS)(
      'an edit changes only what differs: %s',
      (_name, changes, steps) => {
        applyLab(on.kernel, lab());
        const applied = on.look();
        const text = edited(changes);
        expect(text).not.toBe(LAB);
        for (let n = acts(planLab(on.kernel, lab(text))) - 1; n >= 0; n--) {
          expect(() => applyLab(on.kernel, lab(text), trouble(n))).toThrow(ApplyError);
          expect(on.look()).toEqual(applied);
        }
        expect(texts(applyLab(on.kernel, lab(text)))).toEqual(steps);
        expect(texts(planLab(on.kernel, lab(text)))).toEqual([]);
        destroyLab(on.kernel, 't');
        expect(on.look()).toEqual(before);
      },
      120_000,
    );

    test('a removal that fails gives all of it back', () => {
      applyLab(on.kernel, lab());
      const applied = on.look();
      for (let n = acts(planDestroy(on.kernel, 't')) - 1; n >= 0; n--) {
        expect(() => destroyLab(on.kernel, 't', [], trouble(n))).toThrow(ApplyError);
        expect(on.look()).toEqual(applied);
      }
    }, 120_000);

    test('a host shim has them as well', () => {
      const shim = (words: string): string =>
        `lab: t\nhost: true\nnetworks: { lan: { lower: p0, hostShim: { device: s0, ${words} } } }\n`;
      const [made] = texts(applyLab(on.kernel, lab(shim('promisc: true, altnames: [front]'))));
      expect(made).toMatch(/^\+ s0: macvlan on p0, mode bridge, \S+, promisc on, altname front$/);
      const edit = lab(shim('promisc: false, allmulti: true, arp: false, altnames: []'));
      const steps = ['~ s0: promisc off', '~ s0: allmulti on', '~ s0: arp off', '~ s0: no altname front'];
      expect(texts(applyLab(on.kernel, edit))).toEqual(steps);
      expect(texts(planLab(on.kernel, edit))).toEqual([]);
      destroyLab(on.kernel, 't');
      expect(on.look()).toEqual(before);
    });

    test("another's other name is told", () => {
      const clash = LAB.replace('alpha, beta', 'eth0');
      expect(() => applyLab(on.kernel, lab(clash))).toThrow(
        /EEXIST.*: a\/eth0 is called eth0 already; take another one/,
      );
      expect(on.look()).toEqual(before);
    });
  });
}
