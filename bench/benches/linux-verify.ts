// A matrix of 50 × 50 endpoints verified on this machine's kernel: predicted in a model that is made for it, measured, compared.
// The lab stands in namespaces without a name that the benchmark makes itself.

import { applyLab } from '../../src/lab/apply/apply.ts';
import { parseLab } from '../../src/lab/file/lab-yaml.ts';
import { different } from '../../src/lab/measure/verify.ts';
import { verifyLab } from '../../src/lab/measure/verify-lab.ts';
import { createModel } from '../../src/lab/model.ts';
import { LinuxOs } from '../../src/linux/linux-os.ts';
import { openSandbox } from '../../src/linux/sandbox/open.ts';
import { type Bench, Skip } from '../harness.ts';

const ENDPOINTS = 50;

/** IPv4, broadcast and multicast, and IPv6 where asked for. */
function labOf(count: number): ReturnType<typeof parseLab> {
  const ends = Array.from(
    { length: count },
    (_, i) => `  e${i}: { addresses: [10.9.0.${i + 1}/24, "fd00:9::${(i + 1).toString(16)}/64"] }`,
  );
  const machine =
    'machine: { nics: { p0: {} }, peers: { far: { addresses: [10.9.0.99/24] } }, cables: [{ between: [p0, far/eth0] }] }';
  return parseLab(
    `lab: bench\n${machine}\nnetworks: { lan: { lower: p0 } }\nendpoints:\n${ends.join('\n')}\n`,
    'bench.yaml',
  );
}

export const linuxVerifyBench: Bench = {
  name: 'linux-verify',
  what: `a matrix of ${ENDPOINTS} x ${ENDPOINTS}, IPv4, IPv6, broadcast, multicast`,
  unit: 'ms',
  better: 'lower',
  goal: { of: 'value', atMost: 10_000 },
  async prepare(scale) {
    if (process.platform !== 'linux') throw new Skip('needs Linux');
    if (process.getuid?.() !== 0) throw new Skip('needs root');
    const lab = labOf(Math.max(2, Math.round(ENDPOINTS * scale)));
    const { machine } = lab;
    if (machine === null) throw new Error('the lab has a machine');
    const linux = await LinuxOs.open();
    const sandbox = openSandbox(linux, machine);
    for (const ns of sandbox.hidden.values()) sandbox.os.nsHold(ns);
    applyLab(sandbox.os, lab);
    return {
      async value() {
        const from = performance.now();
        const model = createModel({ seed: 1, machine });
        applyLab(model.os, lab);
        const { verification } = await verifyLab(sandbox.os, { model, lab }, lab);
        model.close();
        if (different(verification).length > 0) throw new Error('the kernels differ');
        return performance.now() - from;
      },
      baseline: null,
      close: () => sandbox.close(),
    };
  },
};
