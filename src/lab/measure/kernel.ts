// A kernel in which reachability is measured: what applying a lab takes, packet sockets, and a way to let time pass. Linux'
// own (linux/linux-os.ts) is one as it is; a model becomes one here.

import type { LabKernel } from '../apply/access.ts';
import type { Model } from '../model.ts';
import type { ModelOs } from '../model-os.ts';
import type { NsRef, Os } from '../os.ts';

export interface MeasureKernel extends LabKernel, Pick<Os, 'socket' | 'nowNs' | 'wallNs'> {
  /** Lets so much time pass: the clock's on Linux, virtual time in the model. Nothing ends it early. */
  pause(ns: number): Promise<void>;
  /** The namespace of a peer of the machine, which the host cannot see. Null: no such peer. Absent: a kernel without any. */
  nsOfPeer?(name: string): NsRef | null;
}

/** The model's own calls, and time that passes when it is let. */
export function modelMeasure(model: Model): MeasureKernel & ModelOs {
  const { kernel, loop } = model;
  return Object.assign(Object.create(model.os) as ModelOs, {
    pause: async (ns: number) => loop.runUntil(loop.now + ns),
    nsOfPeer: (name: string) => kernel.namespaces.find((ns) => ns.hidden && ns.label === name) ?? null,
  });
}
