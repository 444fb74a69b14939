// Labs applied to both kernels: what is made, that a second run changes nothing, that an edit changes only what differs,
// that a failure anywhere leaves the machine as it was, and a kill anywhere something that the next run puts right.

import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Access } from '../../src/lab/apply/access.ts';
import { applyLab, begunOf, destroyLab, planDestroy, planLab } from '../../src/lab/apply/apply.ts';
import { dumpLinks } from '../../src/lab/apply/dump.ts';
import { ApplyError } from '../../src/lab/apply/execute.ts';
import type { Plan } from '../../src/lab/apply/plan.ts';
import { parseLab } from '../../src/lab/file/lab-yaml.ts';
import { LINK } from '../../src/netlink/payload.ts';
import { RTM_NEWLINK } from '../../src/uapi/msgtype.ts';
import { NLM_F_CREATE } from '../../src/uapi/netlink.ts';
import { ARMS, type Opened } from './arms.ts';

const LAB = `
lab: t
host: true
networks:
  lan: { lower: p0, hostShim: { addresses: [192.168.7.250/24], routes: [10.1.0.0/16 via 192.168.7.1] } }
  quiet: { lower: p0, mode: source, ipv6: false, broadcastQueue: 50 }
endpoints:
  a: { network: lan, addresses: [192.168.7.1/24, "fd00:7::1/64"], gateway: 192.168.7.254 }
  b: { network: quiet, netns: a, device: b0, mac: "02:bb:00:00:00:01", addresses: [192.168.8.1/24], sources: ["02:00:00:00:00:07"] }
`;

const lab = (text = LAB) => parseLab(text, 'lab.yaml');
const texts = (plan: Plan): string[] => plan.steps.map((s) => `${s.sign} ${s.text}`);
const acts = (plan: Plan): number => plan.steps.reduce((n, s) => n + s.acts.length, 0);

/** Fails, or is killed, before act number `n`. */
function trouble(n: number, what: unknown): { onAct(): void } {
  let at = 0;
  return {
    onAct: () => {
      if (at++ === n) throw what;
    },
  };
}

/** Each: the edit, and what a plan then says. All begin with LAB applied. */
const EDITS: [string, [string, string][], string[]][] = [
  [
    'a mode',
    [['lower: p0, hostShim', 'lower: p0, mode: private, hostShim']],
    ['~ lan-shim: mode bridge -> private', '~ a/eth0: mode bridge -> private'],
  ],
  [
    'out of source mode',
    [
      ['mode: source, ', ''],
      [', sources: ["02:00:00:00:00:07"]', ''],
    ],
    ['~ a/b0: mode source -> bridge'],
  ],
  ['an mtu', [['mode: source', 'mode: source, mtu: 1400']], ['~ a/b0: mtu 1500 -> 1400']],
  ['sources', [['00:07"]', '00:08", "02:00:00:00:00:09"]']], ['~ a/b0: hears 02:00:00:00:00:08 02:00:00:00:00:09']],
  ['a queue', [['broadcastQueue: 50', 'broadcastQueue: 60']], ['~ a/b0: broadcast queue 50 -> 60']],
  [
    'an address, and the routes over it stay',
    [['192.168.7.1/24,', '192.168.7.2/24,']],
    ['~ a/eth0: no 192.168.7.1/24', '~ a/eth0: 192.168.7.2/24'],
  ],
  ['a second address', [['192.168.7.1/24,', '192.168.7.1/24, 192.168.7.2/24,']], ['~ a/eth0: 192.168.7.2/24']],
  [
    'a gateway',
    [['7.254', '7.253']],
    ['~ a/eth0: no default via 192.168.7.254', '~ a/eth0: default via 192.168.7.253'],
  ],
  [
    'a MAC address',
    [['02:bb:00:00:00:01', '02:bb:00:00:00:02']],
    [
      '- a/b0: macvlan, to be made anew: its address was 02:bb:00:00:00:01',
      '+ a/b0: macvlan on p0, mode source, 02:bb:00:00:00:02, no IPv6, 192.168.8.1/24',
    ],
  ],
  [
    'a namespace',
    [['netns: a', 'netns: c']],
    [
      '- a/b0: macvlan, to be made anew: it was a/b0',
      '+ namespace c',
      '+ c/b0: macvlan on p0, mode source, 02:bb:00:00:00:01, no IPv6, 192.168.8.1/24',
    ],
  ],
  ['an endpoint less', [[/ {2}b: .*\n/.exec(LAB)?.[0] ?? '', '']], ['- a/b0: macvlan']],
  [
    'another namespace for all',
    [
      ['a: { network', 'a: { netns: z, network'],
      ['netns: a', 'netns: z'],
    ],
    [
      '- a/eth0: macvlan, to be made anew: it was a/eth0',
      '- a/b0: macvlan, to be made anew: it was a/b0',
      '+ namespace z',
      '+ z/eth0: macvlan on p0, mode bridge, 02:7b:a3:81:9d:1a, 192.168.7.1/24, fd00:7::1/64, default via 192.168.7.254',
      '+ z/b0: macvlan on p0, mode source, 02:bb:00:00:00:01, no IPv6, 192.168.8.1/24',
      '- namespace a',
    ],
  ],
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

    test('what a lab comes to; a second run changes nothing; what is removed is all and only that', () => {
      const plan = planLab(on.kernel, lab());
      expect(plan.conflicts).toEqual([]);
      expect(on.look()).toEqual(before);
      expect(texts(applyLab(on.kernel, lab()))).toEqual(texts(plan));
      expect(texts(plan)).toHaveLength(4);
      const after = on.look().join('\n');
      expect(after).toMatch(/^: \d+ lan-shim 02:\S+ 1500 1 \d+ {2}lowerdev:t:shim\/lan \d+ \{"mode":4/m);
      expect(after).toMatch(/^a: \d+ b0 02:bb:00:00:00:01 1500 1 \d+ 0 lowerdev:t:endpoint\/b .*"bcQueueLen":50.* 1$/m);
      expect(after).toContain('"macaddrData":[2199023255559');
      expect(after).toMatch(/^a: route 2 default 192.168.7.254 \d+ 4$/m);
      expect(after).toMatch(/^: route 2 10.1.0.0\/16 192.168.7.1 \d+ 4$/m);
      expect(after).toMatch(/^a: \d+ fd00:7::1\/64$/m);
      expect(texts(planLab(on.kernel, lab()))).toEqual([]);
      expect(texts(planDestroy(on.kernel, 'other'))).toEqual([]);
      expect(texts(destroyLab(on.kernel, 't'))).toContain('- namespace a');
      expect(on.look()).toEqual(before);
    }, 120_000);

    test.each(EDITS)(
      'an edit changes only what differs: %s',
      (_name, changes, steps) => {
        applyLab(on.kernel, lab());
        const text = edited(changes);
        expect(text).not.toBe(LAB);
        expect(texts(applyLab(on.kernel, lab(text)))).toEqual(steps);
        expect(texts(planLab(on.kernel, lab(text)))).toEqual([]);
        destroyLab(on.kernel, 't');
        expect(on.look()).toEqual(before);
      },
      120_000,
    );

    test('a failure at any point of the first run takes everything back', () => {
      const count = acts(planLab(on.kernel, lab()));
      for (let n = 0; n < count; n++) {
        expect(() => applyLab(on.kernel, lab(), trouble(n, new Error('no')))).toThrow(ApplyError);
        expect(on.look()).toEqual(before);
      }
    }, 240_000);

    test('a failure at any point of an edit, or of the removal, takes everything back', () => {
      applyLab(on.kernel, lab());
      const applied = on.look();
      const all = edited([...EDITS[0][1], ...EDITS[3][1], ...EDITS[5][1], ...EDITS[8][1], ...EDITS[11][1].slice(1)]);
      for (const text of [all, edited(EDITS[1][1]), edited(EDITS[7][1])]) {
        for (let n = acts(planLab(on.kernel, lab(text))) - 1; n >= 0; n--) {
          expect(() => applyLab(on.kernel, lab(text), trouble(n, new Error('no')))).toThrow(ApplyError);
          expect(on.look()).toEqual(applied);
        }
      }
      for (let n = acts(planDestroy(on.kernel, 't')) - 1; n >= 0; n--) {
        expect(() => destroyLab(on.kernel, 't', [], trouble(n, new Error('no')))).toThrow(ApplyError);
        expect(on.look()).toEqual(applied);
      }
    }, 240_000);

    test('killed at any point, the next run makes it right, and the removal leaves nothing', () => {
      const count = acts(planLab(on.kernel, lab()));
      const begun = begunOf(planLab(on.kernel, lab())); // what the record would have
      for (let n = 0; n < count; n++) {
        expect(() => applyLab(on.kernel, lab(), trouble(n, 'killed'))).toThrow('killed');
        if (n % 2 === 0) applyLab(on.kernel, lab());
        if (n % 2 === 0) expect(texts(planLab(on.kernel, lab()))).toEqual([]);
        destroyLab(on.kernel, 't', [], undefined, begun);
        expect(on.look()).toEqual(before);
      }
    }, 240_000);

    test.each([
      [
        'an address that is taken',
        '02:bb:00:00:00:01',
        '02:aa:00:00:00:01',
        'EADDRINUSE',
        'theirs has 02:aa:00:00:00:01',
      ],
      ['more than the lower device can', 'mode: source', 'mode: source, mtu: 9000', 'EINVAL', 'the mtu of p0 is 1500'],
      ['a gateway elsewhere', '192.168.7.254', '172.16.0.1', 'ENETUNREACH', '172.16.0.1 is on no network of eth0'],
      ['passthru beside others', 'mode: source', 'mode: passthru', 'EINVAL', 'p0 carries a macvlan'],
    ])('refused by the kernel: %s', (_name, from, to, code, why) => {
      const text = LAB.replace(from, to).replace(...(to.includes('passthru') ? PASSTHRU : SAME));
      let thrown: unknown;
      try {
        applyLab(on.kernel, lab(text));
      } catch (error) {
        thrown = error;
      }
      expect(thrown).toBeInstanceOf(ApplyError);
      expect(thrown).toMatchObject({ code, left: [] });
      expect((thrown as ApplyError).message).toContain(why);
      expect(on.look()).toEqual(before);
    });

    test('the rule that fired is found on the machine', () => {
      const access = new Access(on.kernel);
      const make = (attrs: object): void =>
        access.host.client.request(LINK, RTM_NEWLINK, NLM_F_CREATE, {}, attrs as never);
      make({ ifname: 'v0', linkinfo: { kind: 'veth', data: { peer: { header: {}, attrs: { ifname: 'v1' } } } } });
      make({ ifname: 'br0', linkinfo: { kind: 'bridge' } });
      const index = (name: string): number | undefined =>
        dumpLinks(access.host.client).find((m) => m.attrs.ifname === name)?.header.index;
      make({ ifname: 'v0', master: index('br0') });
      access.close();
      const built = on.look();
      const refusal = (text: string): string => {
        try {
          applyLab(on.kernel, lab(`lab: t\nhost: true\n${text}`));
        } catch (error) {
          expect(on.look()).toEqual(built);
          return (error as Error).message;
        }
        return '';
      };
      const one = (lower: string): string => `networks: { n: { lower: ${lower} } }\nendpoints: { x: {} }`;
      expect(refusal(one('v0'))).toMatch(/EBUSY .*v0 is a port of the bridge br0; /);
      const two = 'networks: { n: { lower: v1, mode: passthru }, m: { lower: v1 } }';
      const ends = 'endpoints: { a: { network: n, netns: host, device: a0 }, b: { network: m } }';
      expect(refusal(`${two}\n${ends}`)).toMatch(/EINVAL .*a0 has v1 to itself \(passthru\); /);
    });

    test('what cannot be planned is said, and nothing is done', () => {
      const wrong = LAB.replace('lan: { lower: p0', 'lan: { lower: p1').replace('quiet: {', 'quiet: { offload: true,');
      expect(planLab(on.kernel, lab(wrong)).conflicts[0]).toBe('there is no device p1; did you mean p0?');
      const clash = LAB.replace('addresses: [192.168.7.250/24]', 'device: theirs, addresses: [192.168.7.250/24]');
      const plan = applyLab(on.kernel, lab(clash));
      expect(plan).toMatchObject({ steps: [], conflicts: ["theirs is there already, and is not this lab's"] });
      expect(on.look()).toEqual(before);
    });
  });
}

const PASSTHRU: [string, string] = [
  ', mac: "02:bb:00:00:00:01", addresses: [192.168.8.1/24], sources: ["02:00:00:00:00:07"]',
  '',
];
const SAME: [string, string] = ['', ''];
