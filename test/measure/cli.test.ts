// lowerdev verify as a user calls it, in namespaces of a test's own: exit codes, what is left behind, and that nothing is changed.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isPcapng, readPcapng } from '../../src/wire/pcapng-read.ts';
import { CliBundle } from '../apply/cli-bundle.ts';
import { whyNoNamespaces } from '../apply/namespaces.ts';

const skip = whyNoNamespaces();
const ENDS = `
networks: { lan: { lower: p0 } }
endpoints:
  blue: { addresses: [192.168.7.1/24] }
  green: { addresses: [192.168.7.2/24] }
expect: [blue <-> green]
`;
const HOST = `lab: web\nhost: true${ENDS}`;
const MACHINE = `lab: sand\nmachine: { nics: { p0: {} }, peers: { far: { addresses: [192.168.7.9/24] } }, cables: [{ between: [p0, far/eth0] }] }${ENDS}`;

describe.skipIf(skip !== null)(`on a machine${skip === null ? '' : ` (skipped: ${skip})`}`, () => {
  let cli: CliBundle;
  beforeAll(async () => {
    cli = await CliBundle.make();
    cli.file('web.yaml', HOST);
    cli.file('sand.yaml', MACHINE);
  });
  afterAll(() => cli?.remove());

  test('as applied: agrees, and leaves no trace', () => {
    const said = cli.script(`nic
      lowerdev verify web.yaml
      lowerdev apply --engine linux --yes web.yaml > /dev/null
      seen() { for n in blue green; do ip -n $n -o addr | sed 's/[0-9]*sec//g'; ip -n $n neigh; ip -n $n route; done; ip -o link; }
      for i in $(seq 200); do seen | grep -q tentative || break; sleep 0.1; done; seen > before; lowerdev verify web.yaml | tail -2; seen | cmp before - && echo unchanged`);
    expect(said).toBe(
      'lowerdev: web is not applied here: lowerdev apply --engine linux --yes web.yaml\nexit 3\n' +
        'web: 16 cells, this machine and the model agree, and all that is expected holds (2) (seed 1)\nexit 0\nunchanged\n',
    );
  });

  test('changed behind its back: says so, and leaves what it takes to see it again', () => {
    const said = cli.script(`nic
      lowerdev apply --engine linux --yes web.yaml > /dev/null
      ip -n green link set eth0 type macvlan mode private
      lowerdev verify --reproducer again web.yaml 2> err | tail -3; cat err; ls again
      lowerdev verify --json --reproducer again web.yaml > out.json 2> /dev/null; grep -c '"differs": true' out.json
      lowerdev verify --reproducer web.yaml/no web.yaml 2>&1 | tail -2
      lowerdev verify --tries 0 web.yaml
      lowerdev destroy --engine linux --yes web.yaml > /dev/null; sed -i 's/^sleep 3$//' again/rebuild.sh
      sh again/rebuild.sh | grep -c '1 received'`);
    expect(said).toBe(
      `note: not as the lab says: ~ green/eth0: mode private -> bridge
web: 16 cells, 6 differ between this machine and the model, 2 of 2 expectations do not hold (seed 1)
exit 1
lowerdev: to see it again: again
lab.yaml
measured.pcapng
predicted.pcapng
rebuild.sh
seed
verify.json
6
lowerdev: the reproducer, web.yaml/no: ENOTDIR: not a directory, mkdir 'web.yaml/no'
exit 2
lowerdev: --tries wants 1 or more, not 0
exit 2
2
`,
    );
    const files = ['measured.pcapng', 'predicted.pcapng'].map((name) => readFileSync(join(cli.dir, 'again', name)));
    expect(files.every(isPcapng)).toBe(true);
    const [measured, predicted] = files.map((file) => readPcapng(file));
    const devices = [measured, predicted].map((f) => f.interfaces.map((i) => i.name));
    for (const names of devices) expect(names).toEqual(expect.arrayContaining(['blue/eth0', 'green/eth0', 'p0']));
    const times = measured.packets.map((p) => p.sec * 1e9 + p.nsec);
    expect(times).toEqual([...times].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0)));
    const comments = new Set(measured.packets.flatMap((p) => p.comments));
    expect([...comments]).toContain('blue -> green (broadcast)');
  });

  test('in a sandbox that it makes, and in the model', () => {
    const said = cli.script(
      `for e in sandbox model; do lowerdev verify --engine $e sand.yaml | tail -2; done; ip -o link | wc -l`,
    );
    expect(said).toBe(
      'sand: 33 cells, the sandbox and the model agree, and all that is expected holds (2) (seed 1)\nexit 0\n' +
        'sand: 33 cells, a second model and the model agree, and all that is expected holds (2) (seed 1)\nexit 0\n1\n',
    );
  });
});
