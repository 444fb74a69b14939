// What a lab comes to, where that is more than what the file says; and what it cannot come to. VLAN devices and l2-fwd-offload
// are applied to the model here: few kernels that tests run on have them.

import { expect, test } from 'vitest';
import { parseLab, parseWholeLab } from '../file/lab-yaml.ts';
import { parseMachine } from '../machine-yaml.ts';
import { createModel } from '../model.ts';
import { applyLab, destroyLab, planLab } from './apply.ts';
import { desiredOf } from './desired.ts';
import type { Plan } from './plan.ts';

const lab = (text: string) => parseLab(`host: true\n${text}`, 'x.yaml');
const texts = (plan: Plan): string[] => plan.steps.map((s) => `${s.sign} ${s.text}`);
const model = () =>
  createModel({ seed: 1, machine: parseMachine('nics: { p0: { profile: ixgbe }, p1: { offload: false } }', 'm') });

test('networks of one VLAN share a device; a route has no bits beyond its length, an address one spelling', () => {
  const d = desiredOf(
    lab(`
networks: { a: { lower: p0, vlan: 10, mtu: 1400 }, b: { lower: p0, vlan: 10, mode: private, mtu: 1450 } }
endpoints:
  x: { network: a, addresses: [FD00:0:0::1/64], routes: [10.1.2.3/20 via 10.0.0.1, fd00:1::5/33 via fd00::2] }
  y: { network: b, netns: x, device: eth1 }`),
  );
  expect(d.namespaces).toEqual(['x']);
  expect(d.links.map((l) => `${l.object} ${l.lower} ${l.mtu}`)).toEqual([
    'vlan/p0.10 p0 1450',
    'endpoint/x p0.10 1400',
    'endpoint/y p0.10 1450',
  ]);
  expect(d.links[1].addresses[0].address).toBe('fd00::1');
  expect(d.links[1].routes.map((r) => r.to?.address)).toEqual(['10.1.0.0', 'fd00:1::']);
});

test('a VLAN device carries macvlans, comes anew with its number, and goes', () => {
  const { os } = model();
  const text = (vlan: number): string => `
networks: { a: { lower: p0, vlan: ${vlan} } }
endpoints: { x: { addresses: [10.0.0.1/24] } }`;
  expect(texts(applyLab(os, lab(text(10)))).map((t) => t.split(',')[0])).toEqual([
    '~ p0: down -> up',
    '+ namespace x',
    '+ p0.10: vlan on p0',
    '+ x/eth0: macvlan on p0.10',
  ]);
  expect(texts(planLab(os, lab(text(10))))).toEqual([]);
  expect(texts(applyLab(os, lab(text(11)))).map((t) => t.split(',')[0])).toEqual([
    '- x/eth0: macvlan',
    '- p0.10: vlan',
    '+ p0.11: vlan on p0',
    '+ x/eth0: macvlan on p0.11',
  ]);
  expect(texts(planLab(os, lab(text(11))))).toEqual([]);
  expect(texts(destroyLab(os, 'x'))).toEqual(['- x/eth0: macvlan', '- p0.11: vlan', '- namespace x']);
});

test('l2-fwd-offload is turned on where it is asked for and offered, and is taken back with the rest', () => {
  const { os } = model();
  const text = (nic: string): string => `networks: { a: { lower: ${nic}, offload: true } }\nendpoints: { x: {} }`;
  expect(planLab(os, lab(text('p1'))).conflicts[0]).toMatch(/^p1 does not offer l2-fwd-offload/);
  const fail = {
    onAct: (_: unknown, action: { do: string }) => {
      if (action.do === 'link-add') throw new Error('no');
    },
  };
  expect(() => applyLab(os, lab(text('p0')), fail)).toThrow('no');
  expect(texts(planLab(os, lab(text('p0'))))[0]).toBe('~ p0: l2-fwd-offload off -> on');
  applyLab(os, lab(text('p0')));
  expect(os.offload().lowers.flatMap((l) => l.macvlans.map((m) => m.offloaded))).toEqual([true]);
  expect(texts(planLab(os, lab(text('p0'))))).toEqual([]);
});

test.each([
  ['networks: { a: { lower: p0, ipv6: false } }\nendpoints: { x: { addresses: ["fd00::1/64"] } }', 'has "ipv6: false"'],
  ['networks: { a: { lower: p0, mode: passthru } }\nendpoints: { x: { mac: 02:00:00:00:00:01 } }', 'in passthru mode'],
  [
    'networks: { a: { lower: p0 } }\nendpoints: { x: { mac: 02:00:00:00:00:01 }, y: { mac: 02:00:00:00:00:01 } }',
    'endpoint/x and endpoint/y have the same MAC address 02:00:00:00:00:01',
  ],
  ['networks: { a: { lower: p0, offload: true }, b: { lower: p0, offload: false } }', 'wants the opposite'],
  [
    'networks: { a: { lower: p0, broadcastCutoff: 2 }, b: { lower: p0, broadcastCutoff: 3 } }',
    'b: p0 has one "broadcastCutoff" for all its macvlans',
  ],
])('%s', (text, message) => {
  expect(() => desiredOf(lab(text))).toThrow(message);
  expect(() => parseWholeLab(`host: true\n${text}`, 'x.yaml')).toThrow(
    /^x\.yaml:\d+:\d+: (?:networks|endpoints)\.\w+\.\w+: /,
  );
});
