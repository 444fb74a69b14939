// Links in a lab's group without its tag: those that a killed change was about to make are the lab's, all others are somebody's,
// whatever number they have. On both kernels.

import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Access } from '../../src/lab/apply/access.ts';
import { type Action, perform } from '../../src/lab/apply/actions.ts';
import { applyLab, begunOf, destroyLab, planDestroy, planLab } from '../../src/lab/apply/apply.ts';
import type { BegunLink } from '../../src/lab/apply/desired.ts';
import { groupOf, stableMac } from '../../src/lab/apply/names.ts';
import { parseLab } from '../../src/lab/file/lab-yaml.ts';
import { ARMS, type Opened } from './arms.ts';

const HOST = { kind: 'host' } as const;
const LAB = parseLab(
  'lab: t\nhost: true\nnetworks: { lan: { lower: p0 } }\nendpoints: { a: { netns: host, device: a0 }, b: { netns: host, device: b0 } }\n',
  't.yaml',
);

for (const arm of ARMS) {
  describe.skipIf(arm.skip !== null)(`on ${arm.name}${arm.skip === null ? '' : ` (skipped: ${arm.skip})`}`, () => {
    let on: Opened;
    beforeEach(async () => {
      on = await arm.open();
    });
    afterEach(() => on?.close());

    /** As a killed apply leaves it, or as somebody else makes it who uses groups. */
    const half = (ifname: string, mac: number): void => {
      const macvlan = { mode: 4, flags: 0, sources: [], bcQueueLen: null, bcCutoff: null };
      const link = { ifname, kind: 'macvlan', lower: 'p0', group: groupOf('t'), index: null, mac, mtu: null, macvlan, vlan: null, up: false } as const; // biome-ignore format: one look
      const action: Action = { do: 'link-add', place: HOST, link };
      const access = new Access(on.kernel);
      perform(access, action);
      access.close();
    };
    const texts = (steps: readonly { sign: string; text: string }[]): string[] =>
      steps.map((s) => `${s.sign} ${s.text}`);

    test('another name, or another address, is somebody else’s: it stays, and the plan says so', () => {
      half('other', stableMac('t', 'endpoint/a'));
      const before = on.look();
      const stays = 'other is in the group of t and has no tag: it stays, since nothing shows whose it is';
      expect(planDestroy(on.kernel, 't')).toMatchObject({ steps: [], notes: [stays] });
      destroyLab(on.kernel, 't');
      expect(on.look()).toEqual(before);
      half('b0', 0x02_00_00_00_00_77);
      expect(planLab(on.kernel, LAB).conflicts).toEqual([expect.stringMatching(/^b0 is there already/)]);
    });

    test('what the lab says in every respect is made whole by apply', () => {
      half('a0', stableMac('t', 'endpoint/a'));
      expect(texts(applyLab(on.kernel, LAB).steps)[0]).toBe('~ a0: tag lowerdev:t:endpoint/a');
      expect(planLab(on.kernel, LAB).steps).toEqual([]);
    });

    test('destroy without the file takes what the record says was begun, and only that', () => {
      const begun: BegunLink[] = begunOf(planLab(on.kernel, LAB));
      expect(begun.map((b) => b.ifname)).toEqual(['a0', 'b0']);
      const before = on.look();
      half('a0', stableMac('t', 'endpoint/a'));
      half('b0', 0x02_00_00_00_00_77);
      expect(texts(planDestroy(on.kernel, 't', [], begun).steps)).toEqual(['- a0: macvlan']);
      expect(planDestroy(on.kernel, 't').steps).toEqual([]);
      destroyLab(on.kernel, 't', [], undefined, begun);
      const after = on.look();
      expect(after.filter((l) => /\bb0\b/.test(l))).not.toEqual([]);
      expect(after.filter((l) => !/\bb0\b/.test(l)).length).toBe(before.length);
      for (const b of begun) expect(after.some((l) => new RegExp(`\\b${b.ifname}\\b`).test(l))).toBe(b.ifname === 'b0');
    });

    test('a removal that is taken back says what it makes again', () => {
      applyLab(on.kernel, LAB);
      expect(begunOf(planDestroy(on.kernel, 't')).map((b) => [b.ifname, typeof b.lower])).toEqual([
        ['a0', 'number'],
        ['b0', 'number'],
      ]);
    });
  });
}
