// The command line on machines that are not as they should be: names without namespaces, places that have gone, records and
// snapshots that somebody spoiled, output that cannot be written.

import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Records } from '../../src/linux/run-dir.ts';
import { CliBundle } from '../apply/cli-bundle.ts';
import { whyNoNamespaces } from '../apply/namespaces.ts';

const skip = whyNoNamespaces();
const LAB = `
lab: web
host: true
networks: { lan: { lower: p0 } }
endpoints:
  blue: { addresses: [192.168.7.1/24] }
  green: { addresses: [192.168.7.2/24] }
`;
const BY_PATH = `
lab: path
host: true
networks: { lan: { lower: p0 } }
endpoints: { blue: { netns: { path: /run/place }, addresses: [192.168.7.1/24] } }
`;

let cli: CliBundle;
beforeAll(async () => {
  cli = await CliBundle.make();
}, 60_000);
afterAll(() => cli?.remove());

test('a draft that is a link to something else is not written through', () => {
  const base = join(cli.dir, 'records');
  mkdirSync(join(base, 'labs'), { recursive: true, mode: 0o700 });
  const precious = cli.file('precious', 'as it was');
  symlinkSync(precious, join(base, 'labs/web.json.new'));
  const records = new Records<number>('labs', base);
  records.write('web', 1);
  expect([records.read('web'), readFileSync(precious, 'utf8')]).toEqual([1, 'as it was']);
});

describe.skipIf(skip !== null)(`on a machine${skip === null ? '' : ` (skipped: ${skip})`}`, () => {
  const script = (text: string): string => {
    cli.file('lab.yaml', LAB);
    cli.file('path.yaml', BY_PATH);
    return cli.script(
      `nic; mkdir -p /run/netns; A="apply --engine linux --yes"; D="destroy --engine linux --yes"\n${text}`,
    );
  };

  test('status --watch lives with a name that stands for no namespace', () => {
    const said = script(`: > /run/netns/stale; lowerdev $A lab.yaml > /dev/null
      lowerdev status --watch > seen & for i in $(seq 600); do grep -q green/eth0 seen && break; sleep 0.05; done
      kill -INT $(pgrep -P $!); wait; tail -1 seen`);
    expect(said).toBe('exit 0\n');
  });

  test('verify of a lab whose namespace has gone is refused in one line', () => {
    const said = script(`lowerdev $A lab.yaml > /dev/null; ip netns del blue; lowerdev verify --engine linux lab.yaml`);
    expect(said).toMatch(/^lowerdev: .*blue.*\nexit 3\n$/);
    const left = script(`unshare --net sleep 1000 & P=$!; for i in $(seq 200); do
        [ "$(readlink /proc/$P/ns/net)" != "$(readlink /proc/self/ns/net)" ] && break; sleep 0.05; done
      sed "s/blue: {/blue: { netns: { pid: $P }, device: b0,/" lab.yaml > pid.yaml; lowerdev $A pid.yaml > /dev/null
      kill $P; wait $P; lowerdev verify --engine linux pid.yaml; lowerdev $D pid.yaml | tail -2`);
    expect(left).toMatch(/lowerdev: .*there is no namespace \/proc\/\d+\/ns\/net.*\nexit 3\nweb: 2 removed\nexit 0\n$/);
  });

  test('a place that was a namespace and is a file now is in nobody’s way', () => {
    const said = script(`ip netns add n; touch /run/place; mount --bind /run/netns/n /run/place; ip netns del n
      lowerdev $A lab.yaml > /dev/null; lowerdev $A path.yaml | tail -2; umount /run/place
      lowerdev gc; lowerdev $D path | tail -2; lowerdev $D --all | tail -2; lowerdev gc`);
    expect(said).toBe(
      'path: 1 made\nexit 0\n  - the record of path, of which nothing is left\n1 to remove\n' +
        'lowerdev: nothing was removed; --yes does it\nexit 3\npath: nothing to do\nexit 0\nweb: 4 removed\nexit 0\n' +
        'nothing is left over\nexit 0\n',
    );
  });

  test('a lab that was applied again from another file, or with a spoiled record, is not left over', () => {
    const said = script(`lowerdev $A lab.yaml > /dev/null; mv lab.yaml moved.yaml; lowerdev $A moved.yaml; lowerdev gc
      echo '{' > /run/lowerdev/labs/web.json; lowerdev $A moved.yaml; lowerdev gc; rm -r /run/lowerdev; lowerdev $A moved.yaml; lowerdev gc`);
    expect(said).toBe('web: nothing to do\nexit 0\nnothing is left over\nexit 0\n'.repeat(3));
  });

  test('destroy --all leaves what another tool has made, whatever it is called', () => {
    const said = script(`lowerdev $A lab.yaml > /dev/null
      G=$(ip -n blue -d -o link show eth0 | sed 's/.* group \\([0-9]*\\) .*/\\1/'); ip link add m0 link p0 type macvlan
      ip link add m1 link p0 type macvlan; ip link set m1 alias "my lowerdev:web:x"; ip link add m2 link p0 type macvlan
      ip link set m2 alias lowerdev; ip netns add other; ip -n other link add v0 type veth peer name v1
      ip -n other link set v0 group $G; ip -n other link add link v0 name eth0 type macvlan
      lowerdev $D --all | tail -2; ip -br link | cut -d' ' -f1 | cut -d@ -f1 | tr '\\n' ' '; ip -n other -br link | cut -d' ' -f1 | tr '\\n' ' '; echo; ip netns; echo $G`);
    expect(said).toMatch(
      /^web: 4 removed\nexit 0\n(?=.*\bm0 m1 m2 )(?=.*\bv1\b)(?=.*\bv0\b)(?=.*\beth0\b).*\nother.*\n\d{9,}\n$/,
    );
  });

  test('names that mean something to a shell mean nothing in a reproducer', () => {
    cli.file(
      'odd.yaml',
      LAB.replace('blue: {', 'blue: { device: "a;$(id>x)b",').replace('green: {', 'green: { device: "x`y&\'z",'),
    );
    const lines = script(`echo 'expect: [blue -/> green]' >> odd.yaml; lowerdev $A odd.yaml > /dev/null
      lowerdev verify --engine linux --reproducer repro odd.yaml > /dev/null; lowerdev $D web > /dev/null
      sed -i 's/^sleep 3/true/' repro/rebuild.sh; sh repro/rebuild.sh | grep received; ip -n blue -br link | grep -c 'a;$(id>x)b@'; ls x`);
    expect(lines).toMatch(/1 received.*\n1\nls: .*x.*\n$/);
  });

  test('what may not be looked at is not taken for nothing', () => {
    const said = script(`lowerdev $A lab.yaml > /dev/null
      as "$NOBODY" lowerdev $D web; as "$NOBODY" lowerdev verify --engine linux lab.yaml`);
    if (!cli.forEverybody) return;
    expect(said).toMatch(/^lowerdev: .*blue.*EPERM.*\nexit 4\nlowerdev: .*blue.*EPERM.*\nexit 4\n$/);
  });

  test('output that cannot be written is no difference, and no stack', () => {
    const said = script(`lowerdev $A lab.yaml > /dev/null
      for v in "status --json" "plan --engine linux --json lab.yaml" "doctor --json" schema; do "${process.execPath}" "${cli.main}" $v > /dev/full; echo "exit $?"; done`);
    expect(said).toBe(
      'lowerdev: the output could not be written: ENOSPC: no space left on device, write\nexit 74\n'.repeat(4),
    );
  });

  test('a snapshot that was cut or spoiled is told in one line', () => {
    const said = script(`lowerdev $A lab.yaml > /dev/null; lowerdev snapshot -o s.json > /dev/null`);
    expect(said).toMatch(/^s.json: 3 namespaces/);
    const whole = JSON.parse(readFileSync(join(cli.dir, 's.json'), 'utf8'));
    const spoil = (edit: (s: typeof whole) => void): string => {
      const copy = structuredClone(whole);
      edit(copy);
      writeFileSync(join(cli.dir, 'bad.json'), JSON.stringify(copy));
      return cli.script(
        'for v in "why --snapshot bad.json host blue" "status --snapshot bad.json"; do lowerdev $v; done',
      );
    };
    const both = (text: string): string => `lowerdev: bad.json: ${text}\nexit 2\n`.repeat(2);
    expect(spoil((s) => delete s.namespaces)).toBe(both('the snapshot is damaged: no list of namespaces'));
    expect(spoil((s) => delete s.namespaces[0].links)).toBe(
      both('the snapshot is damaged: no list of links in namespaces[0]'),
    );
    expect(spoil((s) => (s.namespaces[1].links[0] = null))).toBe(
      both('the snapshot is damaged: namespaces[1].links[0] is no link'),
    );
    expect(spoil((s) => (s.version = 99))).toBe(both('version 99 of a snapshot; this lowerdev reads 1'));
  });
});
