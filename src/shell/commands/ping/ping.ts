// ping: the command, for both families. The run itself is session.ts and ping6.ts.
// Linux tool: iputils 20221126, ping/ping.c, main().

import type { Command, Proc } from '../../process.ts';
import { resolveHost } from '../hosts.ts';
import { die, PingExit, parsePing } from './options.ts';
import { Session6 } from './ping6.ts';
import { Session } from './session.ts';

export const ping: Command = {
  name: 'ping',
  summary: 'send ICMP echo requests (iputils)',
  run: (proc) => main(proc, proc.argv),
};

export const ping6: Command = {
  name: 'ping6',
  summary: 'ping -6 (iputils)',
  run: (proc) => main(proc, ['-6', ...proc.argv]),
};

async function main(proc: Proc, argv: readonly string[]): Promise<number> {
  try {
    const options = parsePing(argv, (text) => proc.err(text));
    const { pattern } = options;
    if (pattern !== null) proc.out(`PATTERN: 0x${pattern.map((b) => b.toString(16).padStart(2, '0')).join('')}\n`);
    if (options.verbose) proc.err(sockets(options.family));
    const target = await resolveHost(proc, options.target, options.family);
    if (target.ip6 !== null) {
      return await new Session6(proc, options, target).run();
    }
    if (options.recordRoute) die('the model kernel has no record route option (-R) yet', 1);
    return await new Session(proc, options, target).run();
  } catch (e) {
    if (!(e instanceof PingExit)) throw e;
    if (e.toStdout) proc.out(e.text);
    else proc.err(e.text);
    return e.code;
  }
}

/** -v: what was opened. */
function sockets(family: 0 | 4 | 6): string {
  const [raw, none] = ['(socktype: SOCK_RAW)', '-1 (socktype: 0)'];
  const hints = family === 0 ? 'AF_UNSPEC' : family === 4 ? 'AF_INET' : 'AF_INET6';
  const sock4 = family === 6 ? none : `3 ${raw}`;
  const sock6 = family === 4 ? none : `${family === 6 ? 3 : 4} ${raw}`;
  return `ping: sock4.fd: ${sock4}, sock6.fd: ${sock6}, hints.ai_family: ${hints}\n\n`;
}
