// status and doctor as a user calls them: other places to look at, bad usage, and what is not allowed.

import { afterAll, beforeAll, expect, test } from 'vitest';
import { type OwnNamespaces, ownNamespaces, whyNoNamespaces } from '../own-namespaces.ts';

const skip = whyNoNamespaces();
let own: OwnNamespaces;
beforeAll(async () => {
  if (skip === null) own = await ownNamespaces();
}, 60_000);
afterAll(() => own?.close());

const named = (name: string): string => `${name}${skip === null ? '' : ` (skipped: ${skip})`}`;
const SET_UP = `
code() { "$@"; echo "exit $?"; }
ip link set lo up; ip link add eth0 address 02:00:00:00:00:f0 type veth peer name far; ip link set far up; ip link set eth0 up
ip netns add blue; ip link add link eth0 name m0 netns blue address 02:00:00:00:00:01 type macvlan mode bridge
ip -n blue link set m0 up; ip -n blue addr add 192.168.7.1/24 dev m0
`;

test.skipIf(skip !== null)(
  named('bad usage says what to do instead'),
  () => {
    const out = own.run(`${SET_UP}
    exec 2>&1
    code lowerdev status --interval 0
    code lowerdev status --engine model
    code lowerdev status --engine qemu
    code lowerdev status --snapshot nosuch
    echo '{"format": "other"}' > other; code lowerdev doctor --snapshot other
    code lowerdev doctor --yes
    code lowerdev doctor --fix --snapshot other
    printf 'lab: two\nmachine: { nics: { p0: {} } }\nnetworks: { lan: { lower: p0, mode: passthru } }\nendpoints: { a: {}, b: {} }\n' > two
    for verb in status doctor; do code lowerdev $verb --engine model --lab two; done`);
    expect(out).toBe(
      `lowerdev: --interval wants seconds, 0.1 to 3600, not '0'\nexit 2\n` +
        'lowerdev: --engine model looks at a lab: add --lab FILE\nexit 2\n' +
        "error: option '--engine <name>' argument 'qemu' is invalid. Allowed choices are linux, model, sandbox.\nexit 2\n" +
        'lowerdev: nosuch: No such file or directory\nexit 2\n' +
        'lowerdev: other: no snapshot: it has no "format": "lowerdev-snapshot"\nexit 2\n' +
        'lowerdev: --yes goes with --fix\nexit 2\n' +
        'lowerdev: a saved snapshot cannot be fixed\nexit 2\n' +
        'lowerdev: b/eth0: macvlan on p0, mode passthru: EINVAL (Invalid argument): a/eth0 has p0 to itself (passthru); remove it, or use another lower device\nlowerdev: everything is as it was before\nexit 3\n'.repeat(
          2,
        ),
    );
  },
  150_000,
);

test.skipIf(skip !== null)(
  named('a lab in the model, in its sandbox, and a saved snapshot'),
  () => {
    const out = own.run(`${SET_UP}
    cat > lab.yaml <<'EOT'
lab: web
machine: { nics: { p0: {} }, cables: [{ between: [p0, x/eth0] }], peers: { x: { nic: {}, addresses: [192.168.7.9/24] } } }
networks: { lan: { lower: p0 } }
endpoints: { red: { addresses: [192.168.7.1/24] } }
EOT
    cut_off() { sed 's/ .*//' | head -2 | tail -1; }
    lowerdev status --engine model --lab lab.yaml | cut_off
    lowerdev status --engine sandbox --lab lab.yaml | cut_off
    code lowerdev doctor --engine sandbox --lab lab.yaml | tail -1
    lowerdev snapshot > saved.json; ip netns del blue
    lowerdev status | cut_off; lowerdev status --snapshot saved.json | cut_off
    code lowerdev doctor --snapshot saved.json | tail -1
    cat > host.yaml <<'EOT'
lab: web
host: true
networks: { lan: { lower: eth7 } }
endpoints: { red: { addresses: [192.168.7.1/24] } }
EOT
    lowerdev doctor --lab host.yaml | head -1
    ip link add br0 type bridge; ip link set far master br0; sed -i s/eth7/far/ host.yaml
    lowerdev doctor --lab host.yaml | head -1`);
    expect(out).toBe(
      'red\nred\nexit 0\nno\nblue\nexit 0\nerror lower-missing: the lab wants eth7, and the host has no such device\n' +
        'error lower-held: far is a port of the bridge br0, which takes all that it receives: it can carry no macvlan\n',
    );
  },
  150_000,
);

test.skipIf(skip !== null)(
  named('a fix that is not allowed changes nothing and says so'),
  () => {
    const out = own.run(`${SET_UP}
    ip addr add 192.168.7.10/24 dev eth0; ip link > before
    code setpriv --bounding-set=-net_admin --inh-caps=-net_admin "\${LOWERDEV[@]}" doctor --fix --yes 2>&1 | grep -E '^(host-isolated|lowerdev|exit)'
    ip link | cmp - before && echo same
    code lowerdev doctor --fix 2>&1 | tail -2
    ip link | cmp - before && echo same`);
    expect(out).toBe(
      'host-isolated eth0: not done: EPERM (Operation not permitted)\n' +
        'lowerdev: this takes root, or CAP_NET_ADMIN and CAP_NET_RAW\nexit 4\nsame\n' +
        'lowerdev: nothing was changed; --yes does it\nexit 1\nsame\n',
    );
  },
  150_000,
);
