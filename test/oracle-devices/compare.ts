// The two records side by side, step by step. What a kernel's version or the guest decides is taken out of both first:
// nothing else may differ.

export interface Step {
  readonly command: string;
  readonly said: string;
}

export function stepsOf(scenario: string): string[] {
  return scenario.split('\n').filter((line) => line.trim() !== '' && !line.startsWith('#'));
}

/** A record, by step. */
export function parseRecord(text: string): Step[] {
  const parts = text.split(/^\$ /m).slice(1);
  return parts.map((part) => {
    const end = part.indexOf('\n');
    return { command: part.slice(0, end), said: part.slice(end + 1) };
  });
}

/** What legitimately differs between Debian's 6.1 and the 6.18 that the model follows. */
const NORMAL: ReadonlyArray<readonly [RegExp, string]> = [
  [/ addrgenmode \w+/g, ''],
  [/"inet6_addr_gen_mode":"\w+",?/g, ''],
  [/^\t(link {2}33:33|inet6 ).*\n/gm, ''], // groups of IPv6, which is off
  [/ numtxqueues [12] numrxqueues [12]\b/g, ''], // of a veth: by the number of CPUs
  [/"num_tx_queues":[12],"num_rx_queues":[12],/g, ''],
  [/^(\S+ [A-Z]+ 98 [0-9a-f]{24}0800)[0-9a-f]+/gm, '$1 (ping)'], // ids and times
  [/\bqdisc fq_codel\b/g, 'qdisc pfifo_fast'], // Debian's default
  [/"qdisc":"fq_codel"/g, '"qdisc":"pfifo_fast"'],
  [/^version: 6\..*/gm, 'version: (the kernel)'],
  [/^Ethernet Channel Bonding Driver: .*/gm, 'Ethernet Channel Bonding Driver'],
  [/[ \t]+$/gm, ''],
];

export function normal(text: string): string {
  return NORMAL.reduce((t, [from, to]) => t.replace(from, to), text);
}

/** Lines that tell of every difference; none: the arms agree. */
export function differences(kernel: readonly Step[], model: readonly Step[]): string[] {
  const out: string[] = [];
  const steps = Math.max(kernel.length, model.length);
  for (let i = 0; i < steps; i++) {
    const k = kernel[i];
    const m = model[i];
    if (k?.command !== m?.command)
      return [...out, `step ${i + 1}: ${k?.command ?? '(none)'} against ${m?.command ?? '(none)'}`];
    const a = normal(k.said).split('\n');
    const b = normal(m.said).split('\n');
    if (a.join('\n') === b.join('\n')) continue;
    out.push(`step ${i + 1}: ${k.command}`);
    for (const line of a) if (!b.includes(line)) out.push(`  kernel: ${line}`);
    for (const line of b) if (!a.includes(line)) out.push(`  model:  ${line}`);
    if (a.every((l) => b.includes(l)) && b.every((l) => a.includes(l)))
      out.push(`  order or number of lines:\n${k.said}  against\n${m.said}`);
  }
  return out;
}
