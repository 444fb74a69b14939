// The predicted matrix: what is shared between cells is what each would say alone, expectations are held against it, many parties
// stay readable, and a lab for a host is predicted from a snapshot of that host.

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { Stream } from '../../src/base/random.ts';
import { applyLab } from '../../src/lab/apply/apply.ts';
import type { Lab } from '../../src/lab/file/lab.ts';
import { parseLab } from '../../src/lab/file/lab-yaml.ts';
import { parseMachine } from '../../src/lab/machine-yaml.ts';
import { partiesOf } from '../../src/lab/measure/cells.ts';
import { createModel } from '../../src/lab/model.ts';
import type { ModelOs } from '../../src/lab/model-os.ts';
import { CODES } from '../../src/lab/reason/codes.ts';
import { foresee } from '../../src/lab/reason/foresee.ts';
import { pairsText } from '../../src/lab/reason/groups.ts';
import { predict, predictIn } from '../../src/lab/reason/predict.ts';
import { predictionData, predictionText } from '../../src/lab/reason/predict-text.ts';
import { reasonOf } from '../../src/lab/reason/reason.ts';
import type { SnapshotKernel } from '../../src/lab/snapshot/kernel.ts';
import { MACHINE } from './arm.ts';

const lab = (text: string): Lab => parseLab(text, 'lab.yaml');
const many = (n: number, network = ''): string =>
  Array.from(
    { length: n },
    (_, i) => `  e${i}: { addresses: [192.168.7.${i + 10}/24, "fd00:7::${i + 10}/64"]${network} }\n`,
  ).join('');

test('every code is in the docs, and no other', () => {
  const page = readFileSync(fileURLToPath(new URL('../../docs/plan.md', import.meta.url)), 'utf8');
  const listed = [...page.matchAll(/^\| `([\w-]+)` \| (?:yes|no) \|/gm)].map((m) => m[1]);
  expect(listed.sort()).toEqual(Object.keys(CODES).sort());
});

describe('a prediction', () => {
  test('is what it says in text', async () => {
    const it = lab(`${MACHINE}
networks: { lan: { lower: p0, hostShim: 192.168.7.250/24 }, alone: { lower: p1, mode: private } }
endpoints:
  blue: { network: lan, addresses: [192.168.7.1/24] }
  green: { network: lan, addresses: [192.168.7.2/24] }
  grey: { network: alone, addresses: [192.168.7.3/24] }
  black: { network: alone, addresses: [192.168.7.4/24] }
expect: [blue <-> green, grey -/> black, grey -> black (broadcast), blue -> far (multicast)]
`);
    expect(predictionText(await predict(it), it)).toBe(`\
reachability (from the row to the column: IPv4, broadcast, multicast; s in software, w over the wire, - not, blank: not both have such an address)
         blue  green  grey  black  host  far
  blue   .     ss     ww    ww     ws    www
  green  ss    .      ww    ww     ws    ww
  grey   ww    ww     .     --     ww    ww
  black  ww    ww     --    .      ww    ww
  host   ss    ss     ww    ww     .     ww
  far    ww    ww     ww    ww     ww    .

  s  ok in software, never on the wire
      blue <-> green: IPv4
  s  ok in software; a copy goes out by p0 too
      blue, green, host among themselves: broadcast
  w  ok over the wire
      grey, black <-> blue, green, host, far; green, host <-> far; far -> blue: IPv4, broadcast
      blue, green -> host: IPv4
      blue -> far: IPv4, broadcast, multicast
  s  ok in software, by lan-shim on the host
      host -> blue, green: IPv4
  -  private: siblings do not hear each other (cure: "mode: bridge")
      grey <-> black: IPv4, broadcast

expectations: 1 of 5 broken
  met    blue -> green
  met    green -> blue
  met    grey -/> black
  BROKEN grey -> black (broadcast): private: siblings do not hear each other
  met    blue -> far (multicast)
`);
  });

  test('meets or breaks what is expected', async () => {
    const it = lab(`${MACHINE}
networks: { lan: { lower: p0, mode: vepa } }
endpoints: { a: { addresses: [192.168.7.1/24] }, b: { addresses: [192.168.7.2/24] } }
expect: [a -> b, a -/> far, a -> far (multicast), b -/> a]
`);
    const { expectations } = await predict(it, { onlyExpected: true });
    expect(expectations.map((e) => [e.met, e.reason.code])).toEqual([
      [false, 'no-hairpin'],
      [false, 'ok-wire'],
      [true, 'ok-wire'],
      [true, 'no-hairpin'],
    ]);
  });

  test('says of many parties in few lines', async () => {
    const it = lab(`${MACHINE}\nnetworks: { lan: { lower: p0, mode: private } }\nendpoints:\n${many(20)}`);
    const prediction = await predict(it);
    const text = predictionText(prediction, it);
    expect(text.split('\n').length).toBeLessThan(30);
    expect(text).toContain(`\
          e0 +19  host  far
  e0 +19  ---     - -   w w
  host    - -     .     - w
  far     w w     - w   .
  e0 +19: all endpoints
`);
    expect(text).toContain('all endpoints among themselves: IPv4, IPv6, broadcast');
    expect(text).toContain('all endpoints <-> far: IPv4, broadcast');
    const data = predictionData(prediction) as { cells: { from: string; reason: { code: string } }[] };
    expect(data.cells).toHaveLength(prediction.cells.length);
    expect(JSON.parse(JSON.stringify(data))).toEqual(data);
  });
});

/** Labs that mix what can make a difference. */
function randomLab(seed: number): string {
  const random = new Stream(seed, 'predict');
  const pick = <T>(items: readonly T[]): T => items[random.below(items.length)];
  const modes = ['private', 'vepa', 'bridge', 'bridge', 'source'] as const;
  const networks = ['x', 'y', 'z'].map((name) => {
    const mode = pick(modes);
    const more = [
      `lower: ${pick(['p0', 'p0', 'p1'])}`,
      `mode: ${mode}`,
      ...(random.below(4) === 0 ? [`vlan: ${pick([10, 20])}`] : []),
      ...(random.below(3) === 0 ? [`hostShim: { device: s${name}, addresses: [192.168.7.${200 + seed}/24] }`] : []),
    ];
    return { name, mode, text: `  ${name}: { ${more.join(', ')} }\n` };
  });
  const endpoints = Array.from({ length: 6 }, (_, i) => {
    const net = pick(networks);
    const sources = net.mode === 'source' && random.below(2) === 0 ? ', sources: ["02:fa:00:00:00:09"]' : '';
    const subnet = random.below(5) === 0 ? '10.0.0' : '192.168.7';
    const gateway = random.below(4) === 0 ? `, gateway: ${subnet}.9` : '';
    const six = random.below(2) === 0 ? `, "fd00:7::${i + 1}/64"` : '';
    return `  e${i}: { network: ${net.name}, addresses: [${subnet}.${i + 1}/24${six}]${sources}${gateway} }\n`;
  });
  const machine = MACHINE.replace(
    'ports: [a, b, c]',
    `ports: [a, b, c]${random.below(2) === 0 ? ', hairpin: [a]' : ''}`,
  );
  return `${machine.replace('far: {', 'far: { nic: { name: eth0, mac: "02:fa:00:00:00:09" },')}networks:\n${networks.map((n) => n.text).join('')}endpoints:\n${endpoints.join('')}`;
}

describe('what cells share', () => {
  test.each([1, 2, 3, 4, 5, 6, 7, 8])('lab %i: each alone says the same', async (seed) => {
    const it = lab(randomLab(seed));
    const model = createModel({ seed, machine: it.machine ?? undefined });
    applyLab(model.os, it);
    model.loop.runUntil(model.loop.now + 3e9);
    const parties = partiesOf(it);
    const { cells } = await predictIn(model, parties, []);
    const differ: string[] = [];
    for (const { cell, outcome, reason } of cells) {
      expect(reason.ok).toBe(outcome.reached);
      const alone = (await reasonOf(model, parties, cell)).reason;
      if (alone.text !== reason.text)
        differ.push(`${cell.from} ${cell.to} ${cell.traffic}: ${reason.text} / ${alone.text}`);
    }
    model.close();
    expect(differ).toEqual([]);
  });
});

describe('pairs in words', () => {
  const sets = [{ name: 'all of lan', members: ['a', 'b', 'c'] }];
  const clique = ['a', 'b', 'c'].flatMap((x) => ['a', 'b', 'c'].filter((y) => y !== x).map((y) => [x, y] as const));

  test.each([
    [[['a', 'b']], 'a -> b'],
    [[['a', 'b'], ['b', 'a']], 'a <-> b'],
    [[['a', 'x'], ['b', 'x']], 'a, b -> x'],
    [[['a', 'x'], ['x', 'a'], ['b', 'x'], ['x', 'b']], 'a, b <-> x'],
    [clique, 'all of lan among themselves'],
    [[...clique, ['a', 'x'], ['b', 'x'], ['c', 'x']], 'all of lan among themselves; all of lan -> x'],
  ] as [Array<[string, string]>, string][])('%j: %s', (pairs, text) => {
    expect(pairsText(pairs, sets)).toBe(text);
  });
}); // biome-ignore format: tables

/** A host that is a model, and what only a real one has beside it. */
function host(machine: string, more: Partial<SnapshotKernel> = {}): SnapshotKernel {
  const model = createModel({ seed: 1, machine: parseMachine(machine, 'machine.yaml') });
  const os: ModelOs & Partial<SnapshotKernel> = model.os;
  return Object.assign(Object.create(os), more, { initNs: os.initNs });
}

const HOST_LAB = `
host: true
networks: { lan: { lower: p0, mode: vepa } }
endpoints: { a: { addresses: [192.168.7.1/24] }, b: { addresses: [192.168.7.2/24] } }
expect: [a -> b]
`;
const HOST_MACHINE =
  'nics: { p0: {} }\ncables: [{ between: [p0, far/eth0] }]\npeers: { far: { addresses: [192.168.7.9/24] } }';

describe('a lab for a host', () => {
  test('is predicted from what the host is now', async () => {
    const { prediction, risks } = await foresee(lab(HOST_LAB), host(HOST_MACHINE));
    const there = prediction.cells.find((c) => c.cell.from === 'a' && c.cell.to === 'b' && c.cell.traffic === 'ipv4');
    expect(there?.reason).toMatchObject({ ok: false, code: 'no-hairpin' });
    expect(there?.reason.text).toBe('vepa: nothing that can be seen from here sends it back to p0');
    expect(prediction.expectations.map((e) => e.met)).toEqual([false]);
    expect(risks.map((r) => r.code)).not.toContain('upstream-filter');
  });

  test('does not say of a gateway beyond its NIC that there is none', async () => {
    const text = `
host: true
networks: { lan: { lower: p0 } }
endpoints: { a: { addresses: [192.168.7.1/24], gateway: 192.168.7.9 }, b: { addresses: [10.0.0.2/24] } }
expect: [a -> b]
`;
    const { prediction } = await foresee(lab(text), host(HOST_MACHINE), { matrix: false });
    expect(prediction.expectations[0].reason).toMatchObject({
      code: 'no-such-neighbour',
      text: 'nobody here has 192.168.7.9, the next hop; who is beyond p0 is not known',
    });
  });

  test('knows an upstream that filters by its DMI', async () => {
    const vmware = { vendor: 'VMware, Inc.', product: 'VMware Virtual Platform', bios: null, hypervisor: null };
    const { risks } = await foresee(lab(HOST_LAB), host(HOST_MACHINE, { environment: () => vmware }));
    const risk = risks.find((r) => r.code === 'upstream-filter');
    expect(risk).toMatchObject({ severity: 'warning', where: 'p0' });
    expect(risk?.cure).toContain('forged transmits');
  });

  test('counts addresses', async () => {
    const text = `host: true\nnetworks: { lan: { lower: p0 } }\nendpoints:\n${many(20)}`;
    const { risks } = await foresee(lab(text), host('nics: { p0: {} }'), { matrix: false });
    expect(risks.find((r) => r.code === 'mac-budget')).toMatchObject({ severity: 'note', where: 'p0' });
  });

  test('knows the condition of ENETDOWN, and what a VEB does to a mode', async () => {
    const machine = (nic: string): string => `machine: { macvlan: before-4.18, nics: { p0: ${nic} } }`;
    const network = (mode: string): string =>
      `\nnetworks: { lan: { lower: p0, offload: true, mode: ${mode} } }\nendpoints: { a: {} }`;
    const old = await foresee(lab(machine('{ profile: ixgbe }') + network('bridge')), null, { matrix: false });
    const enetdown = old.risks.find((r) => r.code === 'enetdown');
    expect(enetdown?.cure).toContain('root fq_codel');
    const veb = await foresee(lab(machine('{ profile: ice }') + network('private')), null, { matrix: false });
    expect(veb.risks.find((r) => r.code === 'offload')?.text).toContain('private mode, but the VEB');
  });

  test('says what a hairpin does to duplicate address detection, where it does', async () => {
    const machine = MACHINE.replace('ports: [a, b, c]', 'ports: [a, b, c], hairpin: [a]');
    const text = `${machine}networks: { lan: { lower: p0, mode: private } }\nendpoints: { a: { netns: host, device: m, addresses: ["fd00:7::1/64"] } }`;
    const codes = async (it: Lab): Promise<string[]> =>
      (await foresee(it, null, { matrix: false })).risks.map((r) => r.code);
    expect(await codes(lab(text))).not.toContain('dad-hairpin'); // enhanced_dad knows its own probe
  });
});
