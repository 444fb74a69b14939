// Names of settings, for devices with odd names.

import { expect, test } from 'vitest';
import { confName } from './conf-name.ts';

test('a dot of a device is a slash; what a shell would take for its own is quoted', () => {
  expect(confName(4, 'eth0.10', 'rp_filter')).toBe('net.ipv4.conf.eth0/10.rp_filter');
  expect(confName(6, 'a;b', 'accept_ra')).toBe("'net.ipv6.conf.a;b.accept_ra'");
});
