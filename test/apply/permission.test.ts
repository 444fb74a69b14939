// Who may not: without CAP_NET_ADMIN, without CAP_SYS_ADMIN (as in most containers), with a /run that is read-only, with a namespace
// that cannot be entered. Each time the error is clear, the exit code is 4 and nothing was changed.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CliBundle, NOT_FOR_EVERYBODY } from './cli-bundle.ts';
import { whyNoNamespaces } from './namespaces.ts';

const skip = whyNoNamespaces();
const HOST = (where: string): string => `
lab: web
host: true
networks: { lan: { lower: p0 } }
endpoints: { blue: { ${where}, mac: "02:00:00:00:00:01", addresses: [192.168.7.1/24] } }
`;
const SEEN =
  'seen() { ip -o link; ip netns; find /run -printf "%p %m %s|"; ip -n closed -o link; } 2>/dev/null; seen > before';
const SAME = 'seen | cmp - before && echo unchanged';

describe.skipIf(skip !== null)(`not allowed${skip === null ? '' : ` (skipped: ${skip})`}`, () => {
  let cli: CliBundle;
  beforeAll(async () => {
    cli = await CliBundle.make();
    cli.file('named.yaml', HOST('device: eth0'));
    cli.file('here.yaml', HOST('netns: host, device: m0'));
    cli.file('path.yaml', HOST('netns: { path: /run/netns/closed }'));
    cli.file(
      'machine.yaml',
      'lab: web\nmachine: { nics: { p0: {} } }\nnetworks: { lan: { lower: p0 } }\nendpoints: { blue: {} }',
    );
  });
  afterAll(() => cli?.remove());

  const tried = (who: string, ...files: string[]): string =>
    cli.script(`nic; mkdir -p /run/netns; ${SEEN}
      for lab in ${files.join(' ')}; do as "${who}" lowerdev apply --engine linux --yes $lab; done
      ${SAME}`);

  test('without CAP_NET_ADMIN', () => {
    const said = tried('--bounding-set=-net_admin --inh-caps=-all', 'named.yaml', 'here.yaml');
    expect(said.match(/EPERM .*CAP_(NET|SYS)_ADMIN/g)).toHaveLength(2);
    expect(said.match(/everything is as it was before\nexit 4/g)).toHaveLength(2);
    expect(said).toMatch(/unchanged\n$/);
  });

  test('as a user, who owns nothing here', ({ skip }) => {
    skip(!cli.forEverybody, NOT_FOR_EVERYBODY);
    const said = tried('$NOBODY', 'named.yaml', 'here.yaml');
    expect(said.match(/EPERM/g)).toHaveLength(2);
    expect(said.match(/exit 4/g)).toHaveLength(2);
    expect(said).toMatch(/unchanged\n$/);
  });

  test('in a container: CAP_NET_ADMIN without CAP_SYS_ADMIN makes no namespaces, and does the rest', () => {
    const said = cli.script(`nic; mkdir -p /run/netns; ip netns add closed; ${SEEN}
      CONTAINER="--bounding-set=-sys_admin --inh-caps=-all"
      as "$CONTAINER" lowerdev apply --engine linux --yes named.yaml
      as "$CONTAINER" lowerdev apply --engine linux --yes path.yaml
      ${SAME}
      as "$CONTAINER" lowerdev apply --engine linux --yes here.yaml
      ip -br link show m0 | cut -d' ' -f1
      as "$CONTAINER" lowerdev destroy --engine linux --yes web
      ${SAME}`);
    expect(said).toMatch(/namespace blue: cannot make a network namespace: EPERM.*\n.*as it was before\nexit 4/);
    expect(said).toMatch(/cannot enter the network namespace \/run\/netns\/closed: EPERM.*\nexit 4\nunchanged/);
    expect(said).toMatch(/web: 1 made\nexit 0\nm0@p0\n/);
    expect(said).toContain('namespace closed was not looked at: cannot enter the network namespace closed: EPERM');
    expect(said).toMatch(/web: 1 removed\nexit 0\nunchanged\n$/);
  });

  test('a path that is no namespace', () => {
    const said = cli.script(`nic; mkdir -p /run/netns; touch /run/netns/closed; ${SEEN}
      lowerdev apply --engine linux --yes path.yaml
      ${SAME}`);
    expect(said).toMatch(
      /^lowerdev: cannot enter the network namespace \/run\/netns\/closed: EINVAL: .*\nexit 4\nunchanged\n$/,
    );
  });

  test('a read-only /run: no names, no record; what needs neither is done', () => {
    const said = cli.script(`nic; mount -t tmpfs -o ro none /run; ${SEEN}
      lowerdev apply --engine linux --yes named.yaml
      lowerdev apply machine.yaml
      ${SAME}
      lowerdev apply --engine linux --yes here.yaml
      lowerdev apply --engine linux --yes here.yaml
      lowerdev plan --engine sandbox machine.yaml
      lowerdev destroy --engine linux --yes web
      ${SAME}`);
    expect(said).toMatch(/namespace blue: EROFS.*\n.*as it was before\nexit 4/);
    expect(said).toMatch(/the sandbox cannot be kept, nothing was made: EROFS.*\nexit 4\nunchanged/);
    expect(said).toMatch(
      /not recorded, and applied all the same: EROFS.*\n.*\nweb: 1 made\nexit 0\nweb: nothing to do\nexit 0/,
    );
    expect(said).toMatch(/web: 2 to make, 1 to change\n[\s\S]*exit 1\n.*\nweb: 1 removed\nexit 0\nunchanged\n$/);
  });

  test('a namespace known by its path is found again without the lab file', () => {
    const said = cli.script(`nic; mkdir -p /run/netns; touch other; unshare --net=other true
      sed -i 's,/run/netns/closed,${cli.dir}/other,' path.yaml; ${SEEN}
      lowerdev apply --engine linux --yes path.yaml
      lowerdev destroy --engine linux --yes web
      nsenter --net=other ip -br link | wc -l
      ${SAME}; umount other`);
    expect(said).toMatch(
      /web: 1 made\nexit 0\n {2}- .*\/other\/eth0: macvlan\nweb: 1 removed\nexit 0\n1\nunchanged\n$/,
    );
  });
});
