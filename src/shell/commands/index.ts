// The catalogue: one line per command. The runner registers these beside the text tools of the interpreter.

import type { Command } from '../process.ts';
import { arp } from './arp/arp.ts';
import { arping } from './arping/arping.ts';
import { bridgeCommand } from './bridge/bridge.ts';
import { curl } from './curl/curl.ts';
import { date } from './date/date.ts';
import { busybox } from './dhcp/busybox.ts';
import { dhclient } from './dhcp/dhclient.ts';
import { dumpleases } from './dhcp/dumpleases.ts';
import { udhcpc } from './dhcp/udhcpc.ts';
import { udhcpd } from './dhcp/udhcpd.ts';
import { dmesg } from './dmesg/dmesg.ts';
import { ethtool } from './ethtool/ethtool.ts';
import { fileCommands } from './files/files.ts';
import { flood } from './flood/flood.ts';
import { frame } from './frame/frame.ts';
import { ifconfig } from './ifconfig/ifconfig.ts';
import { ipCommand } from './ip/ip.ts';
import { iperf3 } from './iperf3/iperf3.ts';
import { lowerdev } from './lowerdev/lowerdev.ts';
import { machineCommands } from './machine/machine.ts';
import { nc, netcat } from './nc/nc.ts';
import { nstat } from './nstat/nstat.ts';
import { ping, ping6 } from './ping/ping.ts';
import { route } from './route/route.ts';
import { env, passThrough, sudo } from './run/run.ts';
import { sleep } from './sleep/sleep.ts';
import { ss } from './ss/ss.ts';
import { sysctl } from './sysctl/sysctl.ts';
import { tcCommand } from './tc/tc.ts';
import { tcpdump } from './tcpdump/tcpdump.ts';
import { timeout } from './timeout/timeout.ts';
import { trace } from './trace/trace.ts';

export const commands: readonly Command[] = [
  ipCommand,
  bridgeCommand,
  tcCommand,
  ping,
  ping6,
  nc,
  netcat,
  iperf3,
  ss,
  nstat,
  curl,
  dhclient,
  udhcpc,
  udhcpd,
  dumpleases,
  busybox,
  arping,
  ifconfig,
  arp,
  route,
  dmesg,
  ethtool,
  sysctl,
  tcpdump,
  frame,
  sleep,
  timeout,
  trace,
  lowerdev,
  flood,
  date,
  sudo,
  env,
  ...passThrough,
  ...machineCommands,
  ...fileCommands,
];
