// Frames that were recorded while cells were measured, as pcapng: an interface a device, in the order of time, each probe with
// the cell that it asks for as its comment.

import { DIR_INBOUND, DIR_OUTBOUND, PcapngWriter } from '../../wire/pcapng.ts';
import { markOf } from './frames.ts';
import type { MeasureKernel } from './kernel.ts';
import type { Recorded } from './station.ts';
import { type Look, probesOf } from './verify-lab.ts';

/** Bytes of both MAC addresses. */
const ADDRESSES = 12;

/** The chunks of the file. `application`: who writes it. */
export function captureOf(
  kernel: Pick<MeasureKernel, 'nowNs' | 'wallNs'>,
  look: Look,
  application: string,
): Uint8Array[] {
  const chunks: Uint8Array[] = [];
  // The frames' times count from the kernel's start; the file's from 1970, whole seconds apart.
  const startNs = kernel.wallNs() - kernel.nowNs();
  const epochSec = Math.floor(startNs / 1e9);
  const writer = new PcapngWriter((chunk) => chunks.push(chunk), { application, epochSec });
  const cells = probesOf(look);
  const ids = new Map<string, number>();
  for (const frame of [...look.frames].sort((a, b) => a.tsNs - b.tsNs)) {
    let ifId = ids.get(frame.device);
    if (ifId === undefined) {
      ifId = writer.addInterface({ name: frame.device });
      ids.set(frame.device, ifId);
    }
    writer.packet({
      ifId,
      tsNs: frame.tsNs + (startNs - epochSec * 1e9),
      data: asOnTheWire(frame),
      direction: frame.outgoing ? DIR_OUTBOUND : DIR_INBOUND,
      comment: commentOf(frame, cells),
    });
  }
  return chunks;
}

/** With its tag behind the addresses. */
function asOnTheWire({ data, vlan }: Recorded): Uint8Array {
  if (vlan === null || data.length < ADDRESSES) return data;
  const out = new Uint8Array(data.length + 4);
  out.set(data.subarray(0, ADDRESSES));
  out.set([vlan.tpid >> 8, vlan.tpid & 0xff, vlan.tci >> 8, vlan.tci & 0xff], ADDRESSES);
  out.set(data.subarray(ADDRESSES), ADDRESSES + 4);
  return out;
}

function commentOf({ data }: Recorded, cells: ReadonlyMap<number, string>): string | undefined {
  const mark = markOf(data);
  return mark === null ? undefined : cells.get(mark.probe);
}
