// doctor on the model: every scenario; and what no veth can show, on NICs and on snapshots of machines that we do not have.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { NodeHost, Quiet } from '../../src/cli/host.ts';
import { CHECKS, confirmed, diagnose } from '../../src/lab/doctor/catalogue.ts';
import { findingsText } from '../../src/lab/doctor/doctor-text.ts';
import { type Finding, finding } from '../../src/lab/doctor/finding.ts';
import { treat } from '../../src/lab/doctor/treat.ts';
import { parseMachine } from '../../src/lab/machine-yaml.ts';
import { modelMeasure } from '../../src/lab/measure/kernel.ts';
import { createModel, type Model } from '../../src/lab/model.ts';
import { readSnapshot } from '../../src/lab/snapshot/read.ts';
import type { SnapLink, Snapshot } from '../../src/lab/snapshot/snapshot.ts';
import { Session } from '../../src/shell/session.ts';
import { PRELUDE, SCENARIOS } from './scenarios.ts';

async function run(model: Model, text: string): Promise<number> {
  const quiet = new Quiet();
  const session = new Session({ kernel: model, terminal: quiet, host: new NodeHost(false, false) });
  model.os.nsOfPid = (pid) => session.computer.nsOfPid(pid);
  const exitCode = await session.run(text);
  expect(session.failure).toBe(null);
  expect(quiet.stderr).toBe('');
  return exitCode;
}

const names = (findings: readonly Finding[]): string[] => findings.map((f) => `${f.code} ${f.where}`);

describe('each finding is provoked, and each fix cures it', () => {
  for (const { name, script, finds, after, works, notOn, cure } of SCENARIOS) {
    const skip = notOn?.arm === 'model';
    test.skipIf(skip)(`${name}${skip ? ` (skipped: ${notOn.why})` : ''}`, async () => {
      const model = createModel({ seed: 1 });
      const kernel = modelMeasure(model);
      await run(model, PRELUDE + script);
      await kernel.pause(3e9);
      const read = (): Snapshot => readSnapshot(kernel);
      const findings = diagnose(read());
      expect(names(findings)).toEqual(finds);
      if (cure !== undefined) expect(findings[0].cure).toBe(cure);
      expect(findings.some((f) => f.fix !== null)).toBe(after !== undefined);
      if (after !== undefined) {
        if (works !== undefined) expect(await tried(model, works)).not.toBe(0);
        const reports = await treat(kernel, read, [], findings);
        expect(reports.map((r) => r.error)).toEqual(reports.map(() => null));
        expect(names(diagnose(read()))).toEqual(after);
        if (works !== undefined) expect(await tried(model, works)).toBe(0);
      }
      model.close();
    });
  }
});

/** The exit code; what it prints does not matter. */
function tried(model: Model, command: string): Promise<number> {
  return run(model, `{ ${command}; } > /dev/null 2>&1`);
}

/** One NIC with a cable to somebody. */
function nic(profile: string): Model {
  const far = 'cables: [{ between: [eth0, x/eth0] }]\npeers: { x: { nic: {}, addresses: [192.168.9.9/24] } }';
  return createModel({ seed: 1, machine: parseMachine(`nics: { eth0: { profile: ${profile} } }\n${far}`, 'm.yaml') });
}

const ONE =
  'ip link set eth0 up; sleep 5; ip link add link eth0 name m0 address 02:00:00:00:00:01 type macvlan mode bridge; ip link set m0 up\n';

test('a NIC without a qdisc, and the qdisc that cures it', async () => {
  const model = nic('generic');
  const kernel = modelMeasure(model);
  await run(model, `${ONE}tc qdisc replace dev eth0 root noqueue`);
  const findings = diagnose(readSnapshot(kernel));
  expect(names(findings)).toEqual(['enetdown eth0']);
  await treat(kernel, () => readSnapshot(kernel), [], findings);
  expect(names(diagnose(readSnapshot(kernel)))).toEqual([]);
  model.close();
});

test('offload that is on and not used, and that is used', async () => {
  const model = nic('ixgbe');
  await run(model, `${ONE}ethtool -K eth0 l2-fwd-offload on`);
  expect(names(diagnose(readSnapshot(model.os)))).toEqual(['offload-unused m0']);
  await run(model, 'ip link set m0 down; ip link set m0 up; sleep 5');
  expect(names(diagnose(readSnapshot(model.os)))).toEqual([]);
  model.close();
});

describe('what this machine cannot be', () => {
  const base = async (): Promise<Snapshot> => {
    const model = nic('ixgbe');
    await run(model, ONE);
    const snapshot = readSnapshot(model.os);
    model.close();
    return snapshot;
  };
  const withEth0 = (snapshot: Snapshot, change: (link: SnapLink) => Partial<SnapLink>): Snapshot => ({
    ...snapshot,
    namespaces: snapshot.namespaces.map((ns) => ({
      ...ns,
      links: ns.links.map((l) => (l.name === 'eth0' ? { ...l, ...change(l) } : l)),
    })),
  });
  const dmi = { vendor: null, product: null, bios: null, hypervisor: null };

  test.each([
    [{ vendor: 'VMware, Inc.', product: 'VMware7,1' }, 'VMware'],
    [{ vendor: 'Amazon EC2', product: 'm5.large' }, 'Amazon EC2'],
    [{ vendor: 'Google', product: 'Google Compute Engine' }, 'Google Compute Engine'],
    [{ vendor: 'Microsoft Corporation', product: 'Virtual Machine' }, 'Hyper-V or Azure'],
  ])('%o', async (environment, upstream) => {
    const [found, ...more] = diagnose({ ...(await base()), environment: { ...dmi, ...environment } });
    expect([found.code, found.text.startsWith(upstream), more.length]).toEqual(['upstream-filter', true, 0]);
  });

  test('a bare machine, and a virtual one whose host forwards everything', async () => {
    for (const vendor of ['Dell Inc.', 'QEMU', 'Google']) {
      expect(diagnose({ ...(await base()), environment: { ...dmi, vendor } })).toEqual([]);
    }
  });

  test('Wi-Fi', async () => {
    expect(names(diagnose(withEth0(await base(), () => ({ wireless: true }))))).toEqual(['wireless-lower eth0']);
  });

  test('an offload that was asked for in vain', async () => {
    const vain = withEth0(await base(), ({ features }) => ({
      features: features === null ? null : { ...features, wanted: ['l2-fwd-offload'] },
    }));
    expect(names(diagnose(vain))).toEqual(['offload-refused eth0']);
  });

  test('an mtu that the lowerdev has not', async () => {
    expect(names(diagnose(withEth0(await base(), () => ({ mtu: 1400 }))))).toEqual(['mtu-above-lower m0']);
  });

  test('a broadcast queue that is short, and drops', async () => {
    const short = (rxDropped: number, used: number, asked = used): Promise<Snapshot> =>
      base().then((snapshot) => ({
        ...snapshot,
        namespaces: snapshot.namespaces.map((ns) => ({
          ...ns,
          links: ns.links.map((l) => ({
            ...l,
            stats: { ...l.stats, rxDropped },
            macvlan: l.macvlan === null ? null : { ...l.macvlan, bcQueueLen: asked, bcQueueLenUsed: used },
          })),
        })),
      }));
    expect(names(diagnose(await short(7, 50)))).toEqual(['bc-queue-short eth0']);
    expect(diagnose(await short(7, 50, 10))[0].evidence[0]).toContain('set at a macvlan that is not seen');
    expect(diagnose(await short(0, 50))).toEqual([]);
    expect(diagnose(await short(7, 1000))).toEqual([]);
  });

  test('a device that a lab wants: missing, a port of a bridge, an ipvlan', async () => {
    const snapshot = await base();
    expect(names(diagnose(snapshot, ['eth0', 'eth9']))).toEqual(['lower-missing eth9']);
    const lo = snapshot.namespaces[0].links.findIndex((l) => l.name === 'lo');
    const index = snapshot.namespaces[0].links[lo].index;
    const held = withEth0(snapshot, () => ({ master: index }));
    expect(names(diagnose(held, ['eth0']))).toContain('lower-held eth0');
  });

  test('a macvlan whose lowerdev is in a namespace that is not seen', async () => {
    const snapshot = await base();
    const alone = {
      ...snapshot,
      namespaces: snapshot.namespaces.map((ns) => ({
        ...ns,
        links: ns.links.filter((l) => l.name !== 'eth0').map((l) => (l.name === 'm0' ? { ...l, linkNsid: 0 } : l)),
      })),
    };
    expect(names(diagnose(alone))).toEqual(['unseen-lower m0']);
  });
});

test('what only passes by is no finding', () => {
  const found = (code: string, where: string, text: string): Finding => finding('error', code, where, text);
  const first = [
    found('no-carrier', 'eth0', 'a'),
    found('filter-lost', 'eth0', 'm1'),
    found('lower-down', 'eth1', 'x'),
  ];
  const second = [
    found('no-carrier', 'eth0', 'b'),
    found('filter-lost', 'eth0', 'm2'),
    found('lower-down', 'eth2', 'x'),
  ];
  expect(names(confirmed(first, second))).toEqual(['no-carrier eth0']);
});

test('a name that a terminal would take for an order is shown, and does nothing', () => {
  const model = createModel({ seed: 1 });
  const text = findingsText(readSnapshot(model.os), [finding('note', 'mtu', 'a', 'a\x1b[2J is odd')], true);
  expect(text).toContain('note mtu: a?[2J is odd\n');
  model.close();
});

test('docs/doctor.md lists every code, and no other', () => {
  const text = readFileSync(join(import.meta.dirname, '../../docs/doctor.md'), 'utf8');
  const listed = [...text.matchAll(/^\| `([a-z0-9-]+)` \| (?:error|warning|note) \|/gm)].map((m) => m[1]);
  const codes = CHECKS.flatMap((c) => c.codes);
  expect([...listed].sort()).toEqual([...codes].sort());
});
