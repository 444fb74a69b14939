// verify on both kernels: it agrees with the model where that is right, says where it is not, and leaves what it takes to see that
// again. The machine is changed behind its back, or the model is told another lab.

import { describe, expect, test as plain } from 'vitest';
import { Access } from '../../src/lab/apply/access.ts';
import { parseLab } from '../../src/lab/file/lab-yaml.ts';
import { captureOf } from '../../src/lab/measure/capture.ts';
import { cellKey } from '../../src/lab/measure/cells.ts';
import { markOf } from '../../src/lab/measure/frames.ts';
import type { MeasureKernel } from '../../src/lab/measure/kernel.ts';
import { rebuildScript } from '../../src/lab/measure/script.ts';
import { broken, different } from '../../src/lab/measure/verify.ts';
import { type Verified, verifyLab } from '../../src/lab/measure/verify-lab.ts';
import { verifyText } from '../../src/lab/measure/verify-text.ts';
import { LINK } from '../../src/netlink/payload.ts';
import { IFF_UP } from '../../src/uapi/link.ts';
import { RTM_NEWLINK } from '../../src/uapi/msgtype.ts';
import { readPcapng } from '../../src/wire/pcapng-read.ts';
import { ARMS, modelOf } from './arms.ts';

const LAB = `
lab: t
machine:
  nics: { p0: { mac: "02:00:00:00:00:aa" } }
  peers: { far: { addresses: [192.168.7.99/24] } }
  cables: [{ between: [p0, far/eth0] }]
networks: { lan: { lower: p0, mode: bridge } }
endpoints:
  a: { addresses: [192.168.7.1/24, "fd00:7::1/64"] }
  b: { addresses: [192.168.7.2/24, "fd00:7::2/64"] }
expect:
  - a <-> b
  - a <-> b (ipv6)
  - a -> far
  - a -/> host
`;
const PRIVATE = LAB.replace('mode: bridge', 'mode: private');

for (const arm of ARMS) {
  describe.skipIf(arm.skip !== null)(`on ${arm.name}${arm.skip === null ? '' : ` (skipped: ${arm.skip})`}`, () => {
    const test = plain.concurrent;

    /** `measured` is applied, `predicted` is what the model has. */
    async function verified(
      measured: string,
      predicted: string,
      before: (kernel: MeasureKernel) => void = () => {},
      after: (v: Verified, kernel: MeasureKernel) => void = () => {},
    ): Promise<Verified> {
      const lab = parseLab(measured, 'lab.yaml');
      const on = await arm.open(lab);
      const model = modelOf(parseLab(predicted, 'lab.yaml'));
      try {
        before(on.kernel);
        const v = await verifyLab(on.kernel, { model, lab }, lab);
        after(v, on.kernel);
        return v;
      } finally {
        model.close();
        on.close();
      }
    }

    test('as predicted, as expected', async ({ expect }) => {
      const { verification, closer } = await verified(LAB, LAB);
      expect(different(verification).map((c) => cellKey(c.cell))).toEqual([]);
      expect(broken(verification)).toEqual([]);
      expect(closer).toBe(null);
    });

    test('a model that is wrong is found out', async ({ expect }) => {
      const { verification, closer } = await verified(LAB, PRIVATE);
      const wrong = ['ipv4', 'ipv6', 'broadcast', 'multicast'].flatMap((t) => [`a -> b (${t})`, `b -> a (${t})`]);
      expect(
        different(verification)
          .map((c) => cellKey(c.cell))
          .sort((x, y) => (x < y ? -1 : 1)),
      ).toEqual(wrong.sort((x, y) => (x < y ? -1 : 1)));
      expect(different(verification).every((c) => c.measured.reached && !c.predicted.reached)).toBe(true);
      expect(broken(verification)).toEqual([]); // what is measured is as expected
      expect(closer).not.toBe(null);
      expect(different(verification)[0].reason).toContain('private');
    });

    test('a machine that is not as the lab says is found out, with what it takes to see it again', async ({
      expect,
    }) => {
      const down = (kernel: MeasureKernel): void => {
        const access = new Access(kernel);
        const { client } = access.at({ kind: 'name', name: 'b' });
        client.request(LINK, RTM_NEWLINK, 0, { flags: 0, change: IFF_UP }, { ifname: 'eth0' });
        access.close();
      };
      await verified(LAB, LAB, down, ({ verification, closer }, kernel) => {
        expect(broken(verification).map((c) => cellKey(c.cell))).toEqual([
          'a -> b (ipv4)',
          'a -> b (ipv6)',
          'b -> a (ipv4)',
          'b -> a (ipv6)',
        ]);
        const byCell = new Map(verification.cells.map((c) => [cellKey(c.cell), c.measured]));
        expect(byCell.get('a -> b (ipv4)')?.stage).toBe('neighbour-unheard');
        expect(byCell.get('b -> a (ipv4)')?.stage).toBe('no-route');
        expect(byCell.get('b -> a (broadcast)')?.stage).toBe('unsent');
        const text = verifyText(verification, { on: 'it', seed: 1, all: false });
        expect(text).toContain('expected a -> b (ipv4): an ARP request for 192.168.7.2 from a/eth0 did not get to b');

        const bytes = captureOf(kernel, closer?.measured ?? { outcomes: [], frames: [] }, 'test');
        const { packets, interfaces } = readPcapng(Buffer.concat(bytes));
        expect(interfaces.map((i) => i.name)).toContain('a/eth0');
        const probe = packets.find((p) => markOf(p.data) !== null && p.comments.length > 0);
        expect(probe?.comments[0]).toMatch(/^\w+ -> \w+ \(\w+\)$/);
        const script = rebuildScript(parseLab(LAB, 'lab.yaml'), broken(verification), ['what it is']);
        expect(script).toContain('ip link add link p0 name eth0 netns a address 02:');
        expect(script).toContain('ip netns exec a ping -c 1 -W 1 192.168.7.2');
      });
    });

    test('who has the address of another is not taken for him', async ({ expect }) => {
      const twice = LAB.replace('far: { addresses: [192.168.7.99/24]', 'far: { addresses: [192.168.7.2/24]');
      const { verification } = await verified(twice.replace('mode: bridge', 'mode: private'), PRIVATE);
      const cell = verification.cells.find((c) => cellKey(c.cell) === 'a -> b (ipv4)');
      expect(cell?.measured).toMatchObject({ reached: false, stage: 'other-answered' });
    });
  });
}

plain('frames that a cable loses are sent again', async () => {
  const [model] = ARMS;
  const lab = parseLab(LAB.replace('between: [p0, far/eth0]', 'between: [p0, far/eth0], loss: 20%'), 'lab.yaml');
  const on = await model.open(lab);
  const { verification } = await verifyLab(on.kernel, { model: modelOf(lab), lab }, lab, {
    measure: { tries: 12, waitNs: 5e6 },
  });
  on.close();
  expect(different(verification)).toEqual([]);
  expect(verification.cells.some((c) => c.measured.reached && c.measured.tries > 1)).toBe(true);
});
