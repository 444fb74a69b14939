// What verify keeps of its frames, and what it says of those that it lost.

import { expect, test } from 'vitest';
import { readPcapng } from '../../wire/pcapng-read.ts';
import { applyLab } from '../apply/apply.ts';
import { parseLab } from '../file/lab-yaml.ts';
import { createModel } from '../model.ts';
import type { NsRef, Socket, SocketKind } from '../os.ts';
import { captureOf } from './capture.ts';
import { modelMeasure } from './kernel.ts';
import type { Recorded } from './station.ts';
import { verifyLab } from './verify-lab.ts';

test('a tag that the kernel keeps beside the frame is in the file where it was on the wire', () => {
  const data = Uint8Array.from({ length: 60 }, (_, i) => i);
  const frame = { device: 'eth0', tsNs: 5, data, outgoing: false };
  const frames: Recorded[] = [
    { ...frame, vlan: null },
    { ...frame, vlan: { tci: 0x6064, tpid: 0x8100 } },
  ];
  const clock = { nowNs: () => 0, wallNs: () => 0 };
  const chunks = captureOf(clock, { outcomes: [], frames }, 'test');
  const [plain, tagged] = readPcapng(Buffer.concat(chunks)).packets.map((p) => [...p.data]);
  expect(plain).toEqual([...data]);
  expect(tagged).toEqual([...data.subarray(0, 12), 0x81, 0x00, 0x60, 0x64, ...data.subarray(12)]);
});

test('frames that were lost to the measuring are told', async () => {
  const lab = parseLab(
    'lab: t\nmachine: { nics: { p0: {} } }\nnetworks: { lan: { lower: p0 } }\nendpoints: { a: { addresses: [10.0.0.1/24] }, b: { addresses: [10.0.0.2/24] } }\n',
    't.yaml',
  );
  const [model, other] = [1, 2].map(() => {
    const made = createModel({ seed: 1, machine: lab.machine ?? undefined });
    applyLab(made.os, lab);
    return made;
  });
  const kernel = modelMeasure(model);
  const { socket } = kernel;
  kernel.socket = (ns: NsRef, kind: SocketKind, protocol: number): Socket | number => {
    const made = socket.call(kernel, ns, kind, protocol);
    if (typeof made !== 'number' && ns === kernel.nsByName('a')) Object.defineProperty(made, 'drops', { value: 3 });
    return made;
  };
  const { verification } = await verifyLab(kernel, { model: other, lab }, lab);
  expect(verification.notes).toEqual([
    expect.stringMatching(/^6 frames were lost at the packet sockets in a, whose queue was full: /),
  ]);
});
