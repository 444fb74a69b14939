// The numbers of one namespace that sysctl can change and IPv4 reads as it works. Defaults are Linux 6.18's.
// Paths and texts: sysctl-table.ts. Linux: struct netns_ipv4, struct net's core part.

export class Settings {
  ipForward = 0;
  ipDefaultTtl = 64;
  ipNoPmtuDisc = 0;
  ipNonlocalBind = 0;
  ipForwardUsePmtu = 0;
  ipForwardUpdatePriority = 1;
  localPortMin = 32768;
  localPortMax = 60999;
  pingGroupMin = 1;
  pingGroupMax = 0;
  icmpEchoIgnoreAll = 0;
  icmpEchoIgnoreBroadcasts = 1;
  icmpIgnoreBogus = 1;
  icmpErrorsUseInbound = 0;
  icmpRatelimit = 1000;
  icmpRatemask = 6168;
  icmpMsgsPerSec = 1000;
  icmpMsgsBurst = 50;
  igmpMaxMemberships = 20;
  igmpQrv = 2;
  igmpLinkLocalReports = 1;
  fragHighThresh = 4194304;
  fragTimeS = 30;
  fragMaxDist = 64;
  minPmtu = 552;
  mtuExpiresS = 600;
  rmemDefault = 212992;
  wmemDefault = 212992;
  rmemMax = 4194304;
  wmemMax = 4194304;
  fwmarkReflect = 0;
}
