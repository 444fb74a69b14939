// Why there is no sandbox, told from the system's settings and from what unshare(1) said.

import { expect, test } from 'vitest';
import { type Limits, whyNoSandbox } from './why-not.ts';

const USER: Limits = {
  platform: 'linux',
  root: false,
  maxUserNs: 100,
  maxNetNs: 100,
  unprivilegedClone: null,
  apparmor: null,
};
const EPERM = 'unshare: unshare failed: Operation not permitted\n';

test.each<[string, string, Partial<Limits>, RegExp]>([
  ['no Linux', '', { platform: 'darwin' }, /this is darwin/],
  ['no util-linux', 'ENOENT unshare', {}, /install util-linux/],
  ['switched off', EPERM, { maxUserNs: 0 }, /sysctl -w user.max_user_namespaces=15000/],
  ['switched off for networks', EPERM, { maxNetNs: 0 }, /sysctl -w user.max_net_namespaces=15000/],
  ['Debian of old', EPERM, { unprivilegedClone: 0 }, /sysctl -w kernel.unprivileged_userns_clone=1/],
  [
    'Ubuntu',
    'unshare: write failed /proc/self/uid_map: Operation not permitted\n',
    { apparmor: 1 },
    /AppArmor .*sysctl -w kernel.apparmor_restrict_unprivileged_userns=0.* sudo/,
  ],
  ['AppArmor does not concern root', EPERM, { apparmor: 1, root: true }, /In a container/],
  ['a container', EPERM, {}, /Operation not permitted: this process may not make namespaces.*docker run --privileged/],
  ['too many', 'unshare: unshare failed: No space left on device\n', {}, /too many namespaces/],
  ['something else', 'mount: oops\nmount: /run: bad\n', {}, /no sandbox here: mount: \/run: bad/],
])('%s', (_name, said, limits, expected) => {
  const text = whyNoSandbox(said, { ...USER, ...limits });
  expect(text).toMatch(expected);
  expect(text).toContain('--engine model');
});
