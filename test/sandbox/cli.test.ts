// --engine sandbox as a user calls it: scripts with the real tools, a lab that is kept from apply to destroy, with root and without,
// many at once, and what is said where no sandbox can be had. All of it in namespaces of the test's own.

import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CliBundle, NOT_FOR_EVERYBODY } from '../apply/cli-bundle.ts';
import { whyNoNamespaces } from '../apply/namespaces.ts';

const skip = whyNoNamespaces();
const LAB = `
lab: web
machine:
  nics: { p0: {}, p1: {} }
  cables: [ { between: [p0, p1] } ]
networks: { lan: { lower: p0 } }
endpoints:
  blue: { mac: "02:00:00:00:00:01", addresses: [192.168.7.1/24] }
  green: { mac: "02:00:00:00:00:02", addresses: [192.168.7.2/24] }
`;
const MADE = '  + blue/eth0: macvlan on p0, mode bridge, 02:00:00:00:00:01, 192.168.7.1/24\n';
const MACHINE = `
nics: { eth0: { mac: "02:00:00:00:00:99" } }
cables: [ { between: [eth0, sw/a] }, { between: [sw/b, far/eth0] } ]
switches: { sw: { ports: [a, b] } }
peers: { far: { addresses: [10.0.0.9/24] } }
`;
const SCRIPT = `echo "$1 $NAME"
sudo ip netns add x
sudo ip link add m0 link eth0 address 02:00:00:00:00:77 type macvlan mode bridge
ip link set m0 netns x; ip link set eth0 up
ip -n x address add 10.0.0.1/24 dev m0; ip -n x link set m0 up
ip netns exec x ping -c 2 -i 0.2 -W 20 10.0.0.9 | grep -o ' 0% packet loss'
ip netns exec x ip -o link show m0 | grep -o 02:00:00:00:00:77
ls /sys/class/net; ip netns; sleep 1000 & exit 7
`;
const RAN = 'hello there\n 0% packet loss\n02:00:00:00:00:77\neth0\nlo\nx (id: 1)\nexit 7\n';
/** Whatever lowerdev could have left in this process namespace: its holders, and what ran in them. */
const LEFT = `left() { ps -e -o comm= | grep -xE 'unshare|sleep|nsenter'; }
  for i in $(seq 100); do left > /dev/null || break; sleep 0.1 & wait; done
  left; find /run -mindepth 1 -not -path /run/netns -not -path '/run/mount*'; echo clean`;

describe.skipIf(skip !== null)(`--engine sandbox${skip === null ? '' : ` (skipped: ${skip})`}`, () => {
  let cli: CliBundle;
  beforeAll(async () => {
    cli = await CliBundle.make();
    cli.file('lab.yaml', LAB);
    cli.file('other.yaml', LAB.replace('p1: {} }', 'p1: {}, p2: {} }'));
    cli.file('more.yaml', LAB.replace('p0 }', 'p0, mode: private }'));
    cli.file('machine.yaml', MACHINE);
    cli.file('x.sh', SCRIPT);
  });
  afterAll(() => cli?.remove());

  test('a script runs with the real tools, sees its machine and nothing else, and leaves nothing', () => {
    const said = cli.script(`lowerdev run --engine sandbox --set NAME=there x.sh hello
      echo 'ip -br link | wc -l; echo "$1"' | lowerdev run --engine sandbox --machine machine.yaml - arg
      echo 'kill -TERM $$' | lowerdev run --engine sandbox -
      lowerdev run --engine sandbox nosuch.sh; ${LEFT}; ip -br link | wc -l`);
    expect(said.replace(/id: \d/, 'id: 1')).toBe(
      `${RAN}2\narg\nexit 0\nexit 143\nbash: nosuch.sh: No such file or directory\nexit 127\nclean\n1\n`,
    );
  });

  test('a lab is kept from apply to destroy, changed in between, and looked at', () => {
    const said = cli.script(`lowerdev apply lab.yaml; lowerdev apply lab.yaml; lowerdev apply - < more.yaml | grep mode
      ip netns; ls /run/lowerdev
      echo 'ip netns exec blue ping -c 1 -W 20 -q 192.168.7.2 | grep -o "1 received"; ip -d -n blue link | grep -o "macvlan mode [a-z]*"' > in.sh
      lowerdev apply lab.yaml > /dev/null; lowerdev run --engine sandbox --in web in.sh
      lowerdev plan --engine sandbox --json lab.yaml | grep -c '"sign"'
      lowerdev apply other.yaml
      lowerdev destroy web; lowerdev destroy web; lowerdev destroy lab.yaml; ${LEFT}`);
    expect(said).toContain(`  ~ p0: down -> up\n  + namespace blue\n  + namespace green\n${MADE}`);
    expect(said).toContain(
      'web: 4 made, 1 changed\nexit 0\nweb: nothing to do\nexit 0\n  ~ blue/eth0: mode bridge -> private\n  ~ green/eth0: mode bridge -> private\nsandbox\n',
    );
    expect(said).toMatch(
      /mode bridge\nexit 0\n0\nlowerdev: the machine of web is not the one .*destroy --engine sandbox web\nexit 3\n/,
    );
    expect(said).toMatch(
      /web: its sandbox has ended, .*\nexit 0\nlowerdev: where\? .*\nexit 2\nlowerdev: there is no such sandbox\nexit 0\nclean\n$/,
    );
  });

  test('a dead holder is noticed; one that is killed while it is made leaves nothing', () => {
    const said = cli.script(`lowerdev apply lab.yaml > /dev/null; 
      kill -9 $(grep -o '"pid":[0-9]*' /run/lowerdev/sandbox/web.json | grep -o '[0-9]*$')
      lowerdev gc; lowerdev gc --yes; lowerdev apply lab.yaml | tail -2
      kill -9 $(grep -o '"pid":[0-9]*' /run/lowerdev/sandbox/web.json | grep -o '[0-9]*$'); lowerdev apply lab.yaml | tail -2
      lowerdev destroy --engine sandbox --all
      for i in 0.05 0.1 0.15 0.2 0.3 0.5; do lowerdev apply lab.yaml > /dev/null & sleep $i; kill -9 $(pgrep -x node) 2>/dev/null; wait; done 2> /dev/null
      lowerdev apply lab.yaml | tail -1; lowerdev destroy web; ${LEFT}`);
    expect(said).toContain('  - the record of the sandbox of web, which is dead\n1 to remove\n');
    expect(said).toContain('1 removed\nexit 0\nweb: 4 made, 1 changed\nexit 0\nweb: 4 made, 1 changed\nexit 0\n');
    expect(said).toMatch(/exit 0\nweb: its sandbox has ended, .*\nexit 0\nclean\n$/);
  });

  test('eight at once: one makes it, the others find it made', () => {
    const said = cli.script(`for i in 1 2 3 4 5 6 7 8; do lowerdev apply lab.yaml > out.$i & done; wait
      cat out.* | grep -E '^(web|exit)' | sort | uniq -c
      lowerdev destroy web; ${LEFT}`);
    expect(said).toMatch(/^ +8 exit 0\n +1 web: 4 made, 1 changed\n +7 web: nothing to do\nweb: its sandbox has ended/);
    expect(said).toMatch(/clean\n$/);
  });

  test('a signal ends the script, and what it started', () => {
    const signals = join(import.meta.dirname, 'signals.mjs');
    const said = cli.script(`for how in 'SIGINT group' 'SIGTERM process' 'SIGKILL process'; do
        "${process.execPath}" ${signals} "${cli.main}" $how; done; ${LEFT}`);
    expect(said).toBe('SIGINT group go 130\nSIGTERM process go trapped 9\nSIGKILL process go SIGKILL\nclean\n');
  });

  test('without root: the same', ({ skip }) => {
    skip(!cli.forEverybody, NOT_FOR_EVERYBODY);
    const said = cli.script(`mkdir -m 700 /run/own; chown 65534 /run/own; export XDG_RUNTIME_DIR=/run/own
      as "$NOBODY" lowerdev run --engine sandbox --set NAME=there x.sh hello
      as "$NOBODY" lowerdev apply lab.yaml; as "$NOBODY" lowerdev apply lab.yaml; ls /run/own/lowerdev/sandbox
      as "$NOBODY" lowerdev destroy lab.yaml; ls /run/own; rmdir /run/own; ${LEFT}`);
    expect(said.replace(/id: \d/, 'id: 1')).toContain(RAN);
    expect(said).toMatch(
      /web: 4 made, 1 changed\nexit 0\nweb: nothing to do\nexit 0\nweb.json\nweb: its sandbox has ended/,
    );
    expect(said).toMatch(/exit 0\nclean\n$/);
  });

  test('where no namespaces can be had, it says why and what to do', () => {
    const said =
      cli.script(`unshare -Ur bash -c 'echo 0 > /proc/sys/user/max_net_namespaces; "$@"; echo "exit $?"' sh ${process.execPath} ${cli.main} apply lab.yaml
      lowerdev apply --engine model lab.yaml | tail -1
      printf '#!/bin/sh\\necho "unshare: write failed /proc/self/uid_map: Operation not permitted" >&2; exit 1' > unshare
      chmod 755 unshare; PATH=.:$PATH lowerdev apply lab.yaml; PATH=/nowhere lowerdev run --engine sandbox x.sh; ${LEFT}`);
    expect(said).toBe(
      'lowerdev: no sandbox here: user.max_net_namespaces is 0: sysctl -w user.max_net_namespaces=15000, as root (--engine model needs nothing of all this)\nexit 4\nexit 0\n' +
        'lowerdev: no sandbox here: unshare: write failed /proc/self/uid_map: Operation not permitted: this process may not make namespaces. In a container, it has to be started with CAP_SYS_ADMIN and without the seccomp filter (docker run --privileged) (--engine model needs nothing of all this)\nexit 4\n' +
        'lowerdev: no sandbox here: unshare and nsenter are missing: install util-linux (--engine model needs nothing of all this)\nexit 4\nclean\n',
    );
  });

  test('the variable that says so makes no sandbox of a host, nor do a sandbox’s files without its network', () => {
    const said = cli.script(`mkdir -p /run/netns; ip -br link > before; export LOWERDEV_INSIDE_SANDBOX
      for LOWERDEV_INSIDE_SANDBOX in fresh 'kept 0'; do
        lowerdev apply lab.yaml; lowerdev run --engine sandbox x.sh; done
      unset LOWERDEV_INSIDE_SANDBOX; lowerdev apply lab.yaml > /dev/null
      pid=$(grep -o '"pid":[0-9]*' /run/lowerdev/sandbox/web.json | grep -o '[0-9]*$')
      LOWERDEV_INSIDE_SANDBOX=fresh nsenter -t $pid -m -p "${process.execPath}" "${cli.main}" apply "$PWD/lab.yaml"; echo "exit $?"
      lowerdev destroy web > /dev/null; ip -br link | cmp - before && ip netns && echo unchanged`);
    const refused =
      'lowerdev: LOWERDEV_INSIDE_SANDBOX is set, and this is no sandbox: nothing was changed; unset LOWERDEV_INSIDE_SANDBOX\nexit 4\n';
    expect(said).toBe(`${refused.repeat(5)}unchanged\n`);
  });

  test('a machine and a lab that can be read once', () => {
    const said = cli.script(`echo 'ls /sys/class/net; cat' > ls.sh
      cat machine.yaml | lowerdev run --engine sandbox --machine /dev/stdin ls.sh
      echo input | lowerdev run --engine sandbox --machine <(cat machine.yaml) ls.sh
      cat lab.yaml | lowerdev apply /dev/stdin | tail -1; lowerdev destroy web; ${LEFT}`);
    expect(said).toMatch(
      /^eth0\nlo\nexit 0\neth0\nlo\ninput\nexit 0\nexit 0\nweb: its sandbox has ended, .*\nexit 0\nclean\n$/,
    );
  });

  test('what only the model has is refused by name', () => {
    const options = [
      '--pcap f',
      '--trace',
      '--trace-filter icmp',
      '--trace-count 1',
      '--timeline f',
      '--json',
      '--realtime',
      '--max-events 1',
      '--max-commands 1',
      '--check',
    ];
    const said = cli.script(options.map((o) => `lowerdev run --engine sandbox ${o} x.sh`).join('\n'));
    for (const option of options)
      expect(said).toContain(`lowerdev: ${option.split(' ')[0]} is not for --engine sandbox: `);
    expect(said.match(/exit 2/g)).toHaveLength(options.length);
  });
});
