// Labs on a host whose macvlans' lower device is a bond or a bridge, or is held by one: planned, applied, explained and examined
// in the model, and with a bridge on this kernel too (it has no bonds).

import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Access } from '../../src/lab/apply/access.ts';
import { applyLab, destroyLab, planLab } from '../../src/lab/apply/apply.ts';
import { dumpLinks } from '../../src/lab/apply/dump.ts';
import { ApplyError } from '../../src/lab/apply/execute.ts';
import type { Plan } from '../../src/lab/apply/plan.ts';
import { diagnose } from '../../src/lab/doctor/catalogue.ts';
import { parseLab } from '../../src/lab/file/lab-yaml.ts';
import { modelMeasure } from '../../src/lab/measure/kernel.ts';
import { foresee } from '../../src/lab/reason/foresee.ts';
import { readSnapshot } from '../../src/lab/snapshot/read.ts';
import { why } from '../../src/lab/why/why.ts';
import { LINK } from '../../src/netlink/payload.ts';
import { IFF_UP } from '../../src/uapi/link.ts';
import { RTM_NEWLINK } from '../../src/uapi/msgtype.ts';
import { NLM_F_CREATE } from '../../src/uapi/netlink.ts';
import { modelAfter, runIn } from '../snapshot/testing.ts';
import { ARMS, type Opened } from './arms.ts';

const texts = (plan: Plan): string[] => plan.steps.map((s) => `${s.sign} ${s.text}`);
/** Without a bridge's clocks, and what it has learned. */
const still = (lines: string[]): string[] => lines.map((l) => l.replace(/"(\w+Timer|fdbNLearned)":\d+,/g, ''));
const labOn = (lower: string, mode = 'bridge'): ReturnType<typeof parseLab> =>
  parseLab(
    `
lab: t
host: true
networks: { lan: { lower: ${lower}, mode: ${mode}, macs: stable } }
endpoints:
  a: { addresses: [10.0.0.1/24] }
  b: { addresses: [10.0.0.2/24] }
expect: [a <-> b]
`,
    'lab.yaml',
  );

const BONDED = `
nics: { eth0: {}, eth1: {} }
switches: { w: { ports: [a, b, c] } }
cables: [{ between: [eth0, w/a] }, { between: [eth1, w/b] }, { between: [gw/eth0, w/c] }]
peers: { gw: { addresses: [10.0.0.254/24] } }
`;
const BOND = `
  ip link add bond0 type bond mode active-backup miimon 100
  ip link set eth0 master bond0; ip link set eth1 master bond0; ip link set bond0 up; sleep 1`;

describe('a bond (active-backup), in the model', () => {
  test('carries a lab: planned with its matrix, applied, left again', async () => {
    const model = await modelAfter(BONDED, BOND);
    const kernel = modelMeasure(model);
    const lab = labOn('bond0');
    expect(texts(planLab(kernel, lab))).toEqual([
      '+ namespace a',
      '+ namespace b',
      expect.stringMatching(/^\+ a\/eth0: macvlan on bond0, mode bridge, /),
      expect.stringMatching(/^\+ b\/eth0: macvlan on bond0, mode bridge, /),
    ]);
    const { prediction } = await foresee(lab, kernel);
    expect(prediction).toMatchObject({ expectations: [{ met: true }, { met: true }] });
    applyLab(kernel, lab);
    expect(texts(planLab(kernel, lab))).toEqual([]);
    destroyLab(kernel, 't');
    model.close();
  });

  test('why names the port that is active, before and after a failover; doctor finds nothing', async () => {
    const model = await modelAfter(BONDED, BOND);
    const kernel = modelMeasure(model);
    const lab = labOn('bond0', 'vepa');
    applyLab(kernel, lab);
    await kernel.pause(5e9);
    for (const by of ['eth0', 'eth1']) {
      if (by === 'eth1') {
        expect((await runIn(model, 'ip link set eth0 down')).code).toBe(0);
        await kernel.pause(5e9);
      }
      const snapshot = readSnapshot(kernel);
      const out = await why(snapshot, null, { from: 'a', to: '10.0.0.254', traffic: null });
      expect([out.leaves, out.reached]).toEqual([{ device: by, by: 'a/eth0', nextHop: '10.0.0.254' }, true]);
      const across = await why(snapshot, null, { from: 'a', to: 'b', traffic: null });
      expect([across.reached, across.text]).toEqual([false, 'vepa: nothing sends it back to bond0']);
      expect(diagnose(snapshot)).toEqual([]);
    }
    model.close();
  });

  test('its ports carry none: EBUSY, and who has them', async () => {
    const model = await modelAfter(BONDED, BOND);
    expect(() => applyLab(model.os, labOn('eth0'))).toThrow(
      /EBUSY.*: eth0 is a port of the bond bond0; make the bridge or bond itself the "lower"/,
    );
    const found = diagnose(readSnapshot(modelMeasure(model)), ['eth0']);
    expect(found).toMatchObject([
      { code: 'lower-held', where: 'eth0', cure: 'put the macvlans on bond0, or: ip link set eth0 nomaster' },
    ]);
    model.close();
  });
});

const BRIDGED = `
  ip link add br0 type bridge; ip link set eth0 master br0; ip link set br0 up; ip link set eth0 up; sleep 1`;

describe('a bridge, in the model', () => {
  test('why leaves through its port, and the siblings meet on the bridge', async () => {
    const model = await modelAfter(BONDED, BRIDGED);
    const kernel = modelMeasure(model);
    const lab = labOn('br0');
    const { prediction } = await foresee(lab, kernel);
    expect(prediction.expectations.map((e) => e.met)).toEqual([true, true]);
    applyLab(kernel, lab);
    await kernel.pause(5e9);
    const snapshot = readSnapshot(kernel);
    const out = await why(snapshot, null, { from: 'a', to: '10.0.0.254', traffic: null });
    expect(out.leaves).toEqual({ device: 'eth0', by: 'a/eth0', nextHop: '10.0.0.254' });
    expect(out.reached).toBe(true);
    const across = await why(snapshot, null, { from: 'a', to: 'b', traffic: null });
    expect(across.reached).toBe(true);
    expect(diagnose(snapshot)).toEqual([]);
    model.close();
  });
});

for (const arm of ARMS) {
  describe.skipIf(arm.skip !== null)(`on ${arm.name}${arm.skip === null ? '' : ` (skipped: ${arm.skip})`}`, () => {
    let on: Opened;
    let before: string[];
    beforeEach(async () => {
      on = await arm.open();
      const access = new Access(on.kernel);
      const make = (attrs: object, header = {}): void =>
        access.host.client.request(LINK, RTM_NEWLINK, NLM_F_CREATE, header, attrs as never);
      make({ ifname: 'v0', linkinfo: { kind: 'veth', data: { peer: { header: {}, attrs: { ifname: 'v1' } } } } });
      make({ ifname: 'br0', linkinfo: { kind: 'bridge' } });
      const br0 = dumpLinks(access.host.client).find((m) => m.attrs.ifname === 'br0')?.header.index;
      const up = { flags: IFF_UP, change: IFF_UP };
      make({ ifname: 'v0', master: br0 });
      for (const ifname of ['v0', 'v1', 'br0']) make({ ifname }, up);
      access.close();
      before = on.look();
    });
    afterEach(() => on?.close());

    test('a lab on a bridge: made, changed, removed', () => {
      const plan = applyLab(on.kernel, labOn('br0'));
      expect(texts(plan).filter((t) => /macvlan on br0/.test(t))).toHaveLength(2);
      expect(texts(planLab(on.kernel, labOn('br0')))).toEqual([]);
      expect(texts(applyLab(on.kernel, labOn('br0', 'private')))).toEqual([
        '~ a/eth0: mode bridge -> private',
        '~ b/eth0: mode bridge -> private',
      ]);
      destroyLab(on.kernel, 't');
      expect(still(on.look())).toEqual(still(before));
    });

    test('its port carries none: EBUSY, and whose it is', () => {
      let thrown: unknown;
      try {
        applyLab(on.kernel, labOn('v0'));
      } catch (error) {
        thrown = error;
      }
      expect(thrown).toBeInstanceOf(ApplyError);
      expect(thrown).toMatchObject({ code: 'EBUSY', why: 'v0 is a port of the bridge br0', left: [] });
      expect(still(on.look())).toEqual(still(before));
    });
  });
}
