// status --watch on this kernel, as a user calls it: what a change in any namespace comes to, and that it ends with Ctrl-C and
// keeps no namespace alive.

import { afterAll, beforeAll, expect, test } from 'vitest';
import { type OwnNamespaces, ownNamespaces, whyNoNamespaces } from '../own-namespaces.ts';

const skip = whyNoNamespaces();
let own: OwnNamespaces;
beforeAll(async () => {
  if (skip === null) own = await ownNamespaces();
}, 60_000);
afterAll(() => own?.close());

/** `until_line FILE TEXT` waits until a line of the file holds the text. */
const SET_UP = `
until_line() { for i in $(seq 200); do grep -q -- "$2" "$1" && return; sleep 0.1; done; echo "no line: $2"; }
ip link add eth0 type veth peer name far; ip link set far up; ip link set eth0 up
ip netns add blue; ip link add link eth0 name m0 netns blue address 02:00:00:00:00:01 type macvlan mode bridge
ip -n blue link set m0 addrgenmode none; ip -n blue link set m0 up
set -m # a job in the background hears SIGINT
`;

/** What bash says of its jobs is of no interest. */
function withoutJobs(out: string): string {
  return out.replace(/^\[1\].*\n/gm, '');
}

const named = `follows changes in every namespace, and ends with Ctrl-C${skip === null ? '' : ` (skipped: ${skip})`}`;

test.skipIf(skip !== null)(
  named,
  () => {
    const out = withoutJobs(
      own.run(`${SET_UP}
    "\${LOWERDEV[@]}" status --watch --interval 0.5 > seen & watcher=$!
    until_line seen 'blue/m0: macvlan bridge'
    ip -n blue link set m0 type macvlan mode private
    until_line seen 'blue/m0: mode bridge -> private'
    ip netns add green; ip link add link eth0 name m0 netns green type macvlan mode vepa
    until_line seen '+ green/m0: macvlan vepa'
    ip -n green addr add 192.168.7.2/24 dev m0
    until_line seen 'green/m0: addresses none -> 192.168.7.2/24'
    ip link set eth0 down
    until_line seen 'blue/m0: state up -> lower down'
    ip netns del green
    until_line seen '- green/m0'
    kill -INT $watcher; wait $watcher; echo "exit $?"
    cut -d' ' -f2- seen | grep -c green`),
    );
    expect(out).toBe('exit 0\n3\n');
  },
  150_000,
);

test.skipIf(skip !== null)(
  `--json is one document a change${skip === null ? '' : ` (skipped: ${skip})`}`,
  () => {
    const out = withoutJobs(
      own.run(`${SET_UP}
    "\${LOWERDEV[@]}" status --watch --json --interval 0.5 > seen & watcher=$!
    until_line seen '"present"'
    ip -n blue link set m0 mtu 1400
    until_line seen '"mtu":{"was":1500,"is":1400}'
    kill -TERM $watcher; wait $watcher; echo "exit $?"; cat seen`),
    );
    const [exit, ...lines] = out.trim().split('\n');
    expect(exit).toBe('exit 0');
    expect(lines.map((l) => JSON.parse(l)).map((c) => [c.change, c.device])).toEqual([
      ['present', 'blue/m0'],
      ['present', 'eth0'],
      ['changed', 'blue/m0'],
    ]);
  },
  150_000,
);
