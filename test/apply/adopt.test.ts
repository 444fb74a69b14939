// Devices that somebody made and that are just as a lab says: they are in its way, or with `adopt` become its own, on both kernels.

import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Access } from '../../src/lab/apply/access.ts';
import { applyLab, destroyLab, planLab } from '../../src/lab/apply/apply.ts';
import { dumpLinks } from '../../src/lab/apply/dump.ts';
import { ApplyError } from '../../src/lab/apply/execute.ts';
import type { Plan } from '../../src/lab/apply/plan.ts';
import { parseLab } from '../../src/lab/file/lab-yaml.ts';
import { draftFromSnapshot } from '../../src/lab/init/from-snapshot.ts';
import { writeLab } from '../../src/lab/init/write.ts';
import { readSnapshot } from '../../src/lab/snapshot/read.ts';
import { LINK } from '../../src/netlink/payload.ts';
import { RTM_NEWLINK } from '../../src/uapi/msgtype.ts';
import { ARMS, type Opened } from './arms.ts';

const LAB = `
lab: t
host: true
networks:
  lan: { lower: p0, hostShim: 192.168.7.250/24 }
  few: { lower: p0, mode: source }
endpoints:
  a: { network: lan, addresses: [192.168.7.1/24, "fd00:7::1/64 nodad"], gateway: 192.168.7.254, promisc: true, altnames: [front] }
  b: { network: few, netns: a, device: b0, kind: macvtap, sources: ["02:00:00:00:00:07"] }
`;
const ADOPT = { adopt: true };
const lab = (text = LAB) => parseLab(text, 'lab.yaml');
const texts = (plan: Plan): string[] => plan.steps.map((s) => `${s.sign} ${s.text}`);

/** Somebody's: all that says whose they are goes from the devices. */
function disown(on: Opened): void {
  const access = new Access(on.kernel);
  for (const place of [access.host, access.at({ kind: 'name', name: 'a' })]) {
    for (const { header, attrs } of dumpLinks(place.client)) {
      if (!attrs.ifalias?.startsWith('lowerdev:')) continue;
      place.client.request(LINK, RTM_NEWLINK, 0, { index: header.index }, { ifalias: '', group: 0 });
    }
  }
  access.close();
}

for (const arm of ARMS) {
  describe.skipIf(arm.skip !== null)(`on ${arm.name}${arm.skip === null ? '' : ` (skipped: ${arm.skip})`}`, () => {
    let on: Opened;
    let theirs: string[];
    beforeEach(async () => {
      on = await arm.open();
      applyLab(on.kernel, lab());
      disown(on);
      theirs = on.look();
    });
    afterEach(() => on?.close());

    test('in the way, unless they are taken over; then they are the lab’s, and nothing else of them has changed', () => {
      const hint = "is there already, and is not this lab's; it is just as the lab says: --adopt takes it over";
      expect(planLab(on.kernel, lab()).conflicts).toEqual(['lan-shim', 'a/eth0', 'a/b0'].map((d) => `${d} ${hint}`));
      const plan = planLab(on.kernel, lab(), ADOPT);
      expect(plan.conflicts).toEqual([]);
      expect(texts(plan)).toEqual(['~ lan-shim: taken over', '~ a/eth0: taken over', '~ a/b0: taken over']);
      expect(plan.notes).toEqual(["what is taken over is the lab's from now on: destroy removes it, too"]);
      for (let n = 0; n < 3; n++) {
        let at = 0;
        const onAct = (): void => {
          if (at++ === n) throw new Error('no');
        };
        expect(() => applyLab(on.kernel, lab(), { onAct }, ADOPT)).toThrow(ApplyError);
        expect(on.look()).toEqual(theirs);
      }
      expect(texts(applyLab(on.kernel, lab(), undefined, ADOPT))).toEqual(texts(plan));
      const bare = (lines: string[]): string[] => lines.map((l) => l.replace(/ (lowerdev:\S*)? \d+ \{/, ' {'));
      expect(bare(on.look())).toEqual(bare(theirs));
      for (const options of [ADOPT, {}]) expect(texts(planLab(on.kernel, lab(), options))).toEqual([]);
    }, 120_000);

    test('destroy removes what was taken over, and the namespace that the lab did not make stays', () => {
      applyLab(on.kernel, lab(), undefined, ADOPT);
      destroyLab(on.kernel, 't');
      expect(on.kernel.nsNames()).toEqual(['a']);
      const left = on.look().filter((l) => /lan-shim|eth0|b0/.test(l));
      expect(left).toEqual([]);
      expect(on.look().some((l) => / theirs /.test(l))).toBe(true);
    }, 120_000);

    test.each([
      ['an mtu', 'hostShim', 'mtu: 1400, hostShim', ['lan-shim', 'a/eth0'], 'mtu 1500 -> 1400'],
      [
        'a MAC address',
        'a: { network: lan',
        'a: { mac: "02:00:00:00:00:55", network: lan',
        ['a/eth0'],
        'its address was 02:7b:a3:81:9d:1a',
      ],
      ['an address too many', '192.168.7.1/24, ', '', ['a/eth0'], 'no 192.168.7.1/24'],
      ['a flag', 'promisc: true', 'promisc: false', ['a/eth0'], 'promisc off'],
      ['whom it hears', '00:07"]', '00:08"]', ['a/b0'], 'hears 02:00:00:00:00:08'],
    ])('one that differs is not taken over: %s', (_name, from, to, names, what) => {
      const plan = planLab(on.kernel, lab(LAB.replace(from, to)), ADOPT);
      expect(plan.steps).toEqual([]);
      const head = (n: string): string =>
        `${n} is there already, and is not this lab's; it cannot be taken over, since it is not as the lab says: `;
      for (const n of names) expect(plan.conflicts.find((c) => c.startsWith(head(n)))).toContain(what);
      expect(plan.conflicts).toHaveLength(names.length);
      expect(on.look()).toEqual(theirs);
    });

    test("another lab's, a tagged one and one of a group are nobody's to take", () => {
      const access = new Access(on.kernel);
      const { client } = access.at({ kind: 'name', name: 'a' });
      client.request(LINK, RTM_NEWLINK, 0, {}, { ifname: 'eth0', ifalias: 'lowerdev:other:endpoint/a' });
      client.request(LINK, RTM_NEWLINK, 0, {}, { ifname: 'b0', group: 7 });
      access.close();
      expect(planLab(on.kernel, lab(), ADOPT).conflicts).toEqual([
        "a/eth0 is there already, and is not this lab's",
        "a/b0 is there already, and is not this lab's",
      ]);
    });

    test('what init writes from a machine can be taken over', () => {
      const snapshot = readSnapshot(on.kernel as never);
      const today = parseLab(writeLab(draftFromSnapshot('today', snapshot, false)), 'today.yaml');
      expect(planLab(on.kernel, today).conflicts.every((c) => c.endsWith('--adopt takes it over'))).toBe(true);
      const steps = texts(applyLab(on.kernel, today, undefined, ADOPT));
      expect(steps.toSorted()).toEqual(
        ['lan-shim', 'theirs', 'a/eth0', 'a/b0'].map((d) => `~ ${d}: taken over`).toSorted(),
      );
      expect(texts(planLab(on.kernel, today))).toEqual([]);
    });
  });
}
