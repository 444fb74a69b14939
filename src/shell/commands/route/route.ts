// route: the routing table as old scripts show and change it. IPv4. Linux tool: net-tools 2.10, route.c.

import { wordTable } from '../../../base/word-table.ts';
import type { Command, Proc } from '../../process.ts';
import { change } from './change.ts';
import { showRoutes } from './show.ts';

const SYNOPSIS = `Usage: route [-nNvee] [-FC] [<AF>]           List kernel routing tables
       route [-v] [-FC] {add|del|flush} ...  Modify routing table for AF.

       route {-h|--help} [<AF>]              Detailed usage syntax for specified AF.
       route {-V|--version}                  Display version/author and exit.

        -v, --verbose            be verbose
        -n, --numeric            don't resolve names
        -e, --extend             display other/more information
        -F, --fib                display Forwarding Information Base (default)
        -C, --cache              display routing cache instead of FIB

  <AF>=Use -4, -6, '-A <af>' or '--<af>'; default: inet
  List of possible address families (which support routing):
`;
const FAMILIES = `    inet (DARPA Internet) inet6 (IPv6) ax25 (AMPR AX.25) 
    netrom (AMPR NET/ROM) rose (AMPR ROSE) ipx (Novell IPX) 
    ddp (Appletalk DDP) x25 (CCITT X.25) 
`;
const VERSION = `net-tools 2.10
+NEW_ADDRT +RTF_IRTT +RTF_REJECT +I18N +SELINUX
AF: (inet) +UNIX +INET +INET6 +IPX +AX25 +NETROM +X25 +ATALK +ECONET +ROSE -BLUETOOTH
HW:  +ETHER +ARC +SLIP +PPP +TUNNEL -TR +AX25 +NETROM +X25 +FR +ROSE +ASH +SIT +FDDI +HIPPI +HDLC/LAPB +EUI64 
`;

export const route: Command = {
  name: 'route',
  summary: 'show and change the routing table (net-tools)',
  async run(proc) {
    let extended = 0;
    let cache = false;
    let at = 0;
    for (; at < proc.argv.length && proc.argv[at].startsWith('-'); at++) {
      const arg = proc.argv[at];
      const letters = arg.startsWith('--') ? (LONG[arg] ?? '?') : arg.slice(1);
      if (arg === '-net' || arg === '-host') break;
      for (const letter of letters) {
        if (letter === 'e') extended++;
        else if (letter === 'C') cache = true;
        else if (letter === 'V') return say(proc, VERSION);
        else if (letter === 'h') return help(proc, 0);
        else if (letter === '6') return refuse(proc, 'the table of IPv6 is shown by: ip -6 route');
        else if (letter === 'A') {
          if (!['inet', undefined].includes(proc.argv[++at]))
            return refuse(proc, `only the family inet is there; for others: ip route`);
        } else if (!'nNvF4'.includes(letter)) {
          proc.err(`route: invalid option -- '${letter}'\n`);
          return help(proc, 0);
        }
      }
    }
    const [verb, ...words] = proc.argv.slice(at);
    if (verb === undefined) return showRoutes(proc, extended, cache);
    if (verb === 'add' || verb === 'del' || verb === 'delete') return change(proc, verb === 'add', words);
    if (verb === 'flush') return refuse(proc, 'flushing is not supported by net-tools either; see: ip route flush');
    proc.err(`${SYNOPSIS}${FAMILIES}`);
    return 3;
  },
};

const LONG = wordTable<string>({
  '--extend': 'e',
  '--verbose': 'v',
  '--numeric': 'n',
  '--fib': 'F',
  '--cache': 'C',
  '--version': 'V',
  '--help': 'h',
  '--inet': '4',
  '--inet6': '6',
});

function say(proc: Proc, text: string): number {
  proc.out(text);
  return 0;
}

function help(proc: Proc, code: number): number {
  proc.err(FAMILIES);
  proc.out(SYNOPSIS);
  return code;
}

function refuse(proc: Proc, message: string): number {
  proc.err(`route: ${message}\n`);
  return 1;
}
