// What opening a namespace or generic netlink took is given back when it fails.

import { expect, test } from 'vitest';
import { createModel } from '../model.ts';
import type { NlProtocol, NsRef } from '../os.ts';
import { Access, type LabKernel } from './access.ts';

/** A model's kernel that counts netlink sockets, and fails at one place. */
function counting(fails: 'nsOpen' | 'genl'): { kernel: LabKernel; open(): number } {
  const { os } = createModel({ seed: 1 });
  let open = 0;
  const kernel = Object.assign(Object.create(os) as typeof os, {
    nsOpen: (ns: NsRef) => {
      if (fails === 'nsOpen') throw new Error('no');
      return os.nsOpen(ns);
    },
    netlink: (ns: NsRef, protocol: NlProtocol) => {
      const socket = os.netlink(ns, protocol);
      open++;
      const send = (bytes: Uint8Array): void => {
        if (fails === 'genl' && protocol === 16) throw new Error('no');
        socket.send(bytes);
      };
      const close = (): void => {
        open--;
        socket.close();
      };
      return Object.assign(Object.create(socket) as typeof socket, { send, close, recv: () => socket.recv() });
    },
  });
  return { kernel, open: () => open };
}

test('a namespace that cannot be opened', () => {
  const { kernel, open } = counting('nsOpen');
  expect(() => new Access(kernel)).toThrow('no');
  expect(open()).toBe(0);
});

test('a kernel whose ethtool does not answer', () => {
  const { kernel, open } = counting('genl');
  const access = new Access(kernel);
  for (let i = 0; i < 3; i++) expect(() => access.ethtool).toThrow('no');
  access.close();
  expect(open()).toBe(0);
});
