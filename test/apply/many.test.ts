// Labs of many links, which travel in lots: a refusal in the middle of one, many that go at once, and somebody else who makes
// devices meanwhile. On both kernels.

import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Access } from '../../src/lab/apply/access.ts';
import { type Action, perform } from '../../src/lab/apply/actions.ts';
import { applyLab, destroyLab, planLab } from '../../src/lab/apply/apply.ts';
import { dumpLinks } from '../../src/lab/apply/dump.ts';
import { ApplyError } from '../../src/lab/apply/execute.ts';
import { goingGroupOf, groupOf } from '../../src/lab/apply/names.ts';
import { parseLab } from '../../src/lab/file/lab-yaml.ts';
import { LINK } from '../../src/netlink/payload.ts';
import { RTM_NEWLINK } from '../../src/uapi/msgtype.ts';
import { NLM_F_CREATE } from '../../src/uapi/netlink.ts';
import { ARMS, type Opened } from './arms.ts';

/** `count` endpoints, every third in a namespace that three share. */
function labOf(count: number, extra: Record<number, string> = {}): ReturnType<typeof parseLab> {
  const ends = Array.from({ length: count }, (_, i) => {
    const where = i % 3 === 0 ? `netns: n${i % 9}, device: e${i}` : `netns: host, device: e${i}`;
    return `  x${i}: { ${where}, addresses: [10.3.0.${i + 1}/24]${extra[i] ?? ''} }`;
  });
  return parseLab(`lab: m\nhost: true\nnetworks: { lan: { lower: p0 } }\nendpoints:\n${ends.join('\n')}\n`, 'm.yaml');
}

for (const arm of ARMS) {
  describe.skipIf(arm.skip !== null)(`on ${arm.name}${arm.skip === null ? '' : ` (skipped: ${arm.skip})`}`, () => {
    let on: Opened;
    let before: string[];
    beforeEach(async () => {
      on = await arm.open();
      before = on.look();
    });
    afterEach(() => on?.close());

    const failure = (lab: ReturnType<typeof parseLab>): ApplyError => {
      try {
        applyLab(on.kernel, lab);
      } catch (error) {
        expect(error).toBeInstanceOf(ApplyError);
        return error as ApplyError;
      }
      throw new Error('nothing failed');
    };

    test('a refusal in the middle of a lot: the step is named, and those after it, which were granted, go too', () => {
      const error = failure(labOf(40, { 17: ', mac: "02:aa:00:00:00:01"' }));
      expect(error).toMatchObject({ code: 'EADDRINUSE', why: 'theirs has 02:aa:00:00:00:01', left: [] });
      expect(error.step.text).toMatch(/^e17: /);
      expect(on.look()).toEqual(before);
    });

    test('a refusal of what they carry takes all of them back', () => {
      const error = failure(labOf(40, { 39: ', gateway: 172.16.0.1' }));
      expect(error).toMatchObject({ code: 'ENETUNREACH', left: [] });
      expect(error.step.text).toMatch(/^n3\/e39: /);
      expect(on.look()).toEqual(before);
    });

    test('a link in each of many namespaces: they go together, and when one is refused all come back', () => {
      const each = Array.from({ length: 24 }, (_, i) => `  x${i}: { addresses: [10.3.0.${i + 1}/24] }`).join('\n');
      const lab = parseLab(`lab: m\nhost: true\nnetworks: { lan: { lower: p0 } }\nendpoints:\n${each}\n`, 'm.yaml');
      applyLab(on.kernel, lab);
      const applied = on.look();
      let [asked, sent] = [0, 0];
      const { sendTogether } = on.kernel;
      if (sendTogether !== undefined) {
        on.kernel.sendTogether = (sendings) => {
          sent += sendings.length;
          sendTogether.call(on.kernel, sendings);
        };
      }
      const trouble = (_step: unknown, action: Action): void => {
        if (action.do !== 'link-del' || asked++ > 0) return;
        const access = new Access(on.kernel);
        perform(access, { do: 'link-del', place: { kind: 'name', name: 'x5' }, ifname: 'eth0' });
        access.close();
      };
      expect(() => destroyLab(on.kernel, 'm', [], { onAct: trouble })).toThrow(/^x5\/eth0: macvlan: ENODEV/);
      expect(asked).toBe(24);
      expect(sent).toBe(arm.name === 'the model' ? 0 : 24);
      expect(planLab(on.kernel, lab).steps.map((s) => `${s.sign} ${s.text.slice(0, 16)}`)).toEqual([
        '+ x5/eth0: macvlan',
      ]);
      applyLab(on.kernel, lab);
      const without = (lines: readonly string[]): string[] => lines.filter((l) => !l.startsWith('x5:'));
      expect(without(on.look())).toEqual(without(applied));
      destroyLab(on.kernel, 'm');
      expect(on.look()).toEqual(before);
    });

    test('some of many go at once, the others stay; one that is not ours in the way refuses it', () => {
      applyLab(on.kernel, labOf(40));
      expect(planLab(on.kernel, labOf(40)).steps).toEqual([]);
      const going = goingGroupOf(groupOf('m'));
      const access = new Access(on.kernel);
      const { client } = access.host;
      const p0 = dumpLinks(client).find((m) => m.attrs.ifname === 'p0')?.header.index;
      const make = { ifname: 'other', link: p0, group: going, ifalias: 'mine', linkinfo: { kind: 'macvlan' } };
      client.request(LINK, RTM_NEWLINK, NLM_F_CREATE, {}, make as never);
      client.request(LINK, RTM_NEWLINK, 0, {}, { ifname: 'other', ifalias: 'mine' });
      const applied = on.look();
      const error = failure(labOf(20));
      expect(error).toMatchObject({ code: 'EBUSY', left: [] });
      expect(error.extack).toBe(`other is in group ${going}`);
      expect(on.look()).toEqual(applied);
      perform(access, { do: 'link-del', place: { kind: 'host' }, ifname: 'other' });
      access.close();
      const plan = applyLab(on.kernel, labOf(20));
      const acts = plan.steps.flatMap((s) => s.acts.map(({ action }) => action.do));
      expect(acts.filter((a) => a === 'links-del')).toHaveLength(1);
      expect(planLab(on.kernel, labOf(20)).steps).toEqual([]);
      destroyLab(on.kernel, 'm');
      expect(on.look()).toEqual(before);
    });

    test('queues are for life, their length is not', () => {
      const text = (queues: number, length: number): string =>
        `lab: q\nhost: true\nnetworks: { lan: { lower: p0, queues: ${queues}, txQueueLength: ${length} } }\n` +
        'endpoints: { a: { netns: host, device: a0 } }\n';
      const apply = (queues: number, length: number): string[] =>
        applyLab(on.kernel, parseLab(text(queues, length), 'q.yaml')).steps.map((s) => `${s.sign} ${s.text}`);
      const made = apply(2, 500);
      expect(made).toEqual([
        expect.stringMatching(/^\+ a0: macvlan on p0, mode bridge, \S+, 2 queues, txqueuelen 500$/),
      ]);
      expect(apply(2, 500)).toEqual([]);
      expect(apply(2, 600)).toEqual(['~ a0: txqueuelen 500 -> 600']);
      expect(apply(4, 600)[0]).toBe('- a0: macvlan, to be made anew: it had 2 queues');
      const access = new Access(on.kernel);
      const a0 = dumpLinks(access.host.client).find((m) => m.attrs.ifname === 'a0');
      access.close();
      expect(a0?.attrs).toMatchObject({ numTxQueues: 4, numRxQueues: 4, txqlen: 600 });
      expect(() =>
        applyLab(on.kernel, parseLab(text(2, 600), 'q.yaml'), {
          onAct: (_step, action) => {
            if (action.do === 'link-set') throw new Error('no');
          },
        }),
      ).toThrow('no');
      expect(apply(4, 600)).toEqual([]);
      destroyLab(on.kernel, 'q');
      expect(on.look()).toEqual(before);
    });

    test('killed between mark and removal, they are known again', () => {
      applyLab(on.kernel, labOf(30));
      const access = new Access(on.kernel);
      const going = goingGroupOf(groupOf('m'));
      for (const i of [1, 2, 4]) {
        const change = i === 4 ? { group: going, alias: '' } : { group: going };
        perform(access, { do: 'link-set', place: { kind: 'host' }, ifname: `e${i}`, change });
      }
      access.close();
      expect(applyLab(on.kernel, labOf(30)).steps).toHaveLength(4);
      expect(planLab(on.kernel, labOf(30)).steps).toEqual([]);
      destroyLab(on.kernel, 'm');
      expect(on.look()).toEqual(before);
    });

    test('somebody else makes a device with the ifindex that was chosen', () => {
      let met = 0;
      const onAct = (_step: unknown, action: Action): void => {
        // The first link of the lab in the host's namespace has its ifindex; the next one that is made is one further.
        if (action.do !== 'link-add' || action.place.kind !== 'host' || met++ !== 0) return;
        const access = new Access(on.kernel);
        const { client } = access.host;
        const top = Math.max(...dumpLinks(client).map((m) => m.header.index));
        const p0 = dumpLinks(client).find((m) => m.attrs.ifname === 'p0')?.header.index;
        const make = { ifname: 'quick', link: p0, linkinfo: { kind: 'macvlan' } };
        client.request(LINK, RTM_NEWLINK, NLM_F_CREATE, { index: top + 2 }, make as never);
        access.close();
      };
      applyLab(on.kernel, labOf(12), { onAct });
      expect(met).toBeGreaterThan(8); // it was begun anew
      expect(planLab(on.kernel, labOf(12)).steps).toEqual([]);
      expect(on.look().join('\n')).toMatch(/^: \d+ quick /m);
    });
  });
}
