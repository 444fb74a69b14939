// iperf3: how much a path carries. Client and server with the real control protocol; every number comes from virtual time
// and the kernel's TCP_INFO. Linux tool: iperf 3.12.

import type { Command, Proc } from '../../process.ts';
import { runClient } from './client.ts';
import { Interrupted } from './control.ts';
import { IperfExit, type IperfOptions, parseIperf } from './options.ts';
import { runServer } from './server.ts';

export const iperf3: Command = {
  name: 'iperf3',
  summary: 'measure throughput over TCP and UDP (iperf 3.12)',
  async run(proc) {
    try {
      const o = parseIperf(proc.argv);
      if (o.daemon) return background(proc);
      proc.handleSignals(['SIGINT', 'SIGTERM', 'SIGHUP']);
      const out = await writer(proc, o);
      return o.role === 'client' ? await runClient(proc, o, out) : await runServer(proc, o, out);
    } catch (e) {
      if (e instanceof Interrupted) return 1;
      if (!(e instanceof IperfExit)) throw e;
      if (e.toStdout) proc.out(e.text);
      else proc.err(e.text);
      return e.code;
    }
  },
};

/** To standard output, or to the end of a file; -T in front of every line. */
async function writer(proc: Proc, o: IperfOptions): Promise<(text: string) => void> {
  const { title, logfile } = o;
  const titled = (text: string): string => (title === null || o.json ? text : text.replace(/^(?=.)/gm, `${title}:  `));
  if (logfile === null) return (text) => proc.out(titled(text));
  await proc.appendFile(logfile, '');
  return (text) => void proc.appendFile(logfile, titled(text));
}

/** -D: a server of its own, with nothing to write to but its log. */
function background(proc: Proc): number {
  const argv = proc.argv
    .filter((arg) => arg !== '-D' && arg !== '--daemon')
    .map((arg) => arg.replace(/^-([^-]*)D/, '-$1'));
  proc.spawn(['iperf3', ...argv], { out: () => {}, err: () => {} });
  return 0;
}
