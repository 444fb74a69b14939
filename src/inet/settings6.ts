// The numbers of one namespace that net.ipv6.* can change and IPv6 reads as it works. Defaults are Linux 6.18's.
// Linux: struct netns_sysctl_ipv6.

export class Settings6 {
  anycastSrcEchoReply = 0;
  autoFlowlabels = 1;
  bindv6only = 0;
  flowlabelConsistency = 1;
  flowlabelReflect = 0;
  flowlabelStateRanges = 0;
  fwmarkReflect = 0;
  idgenDelayS = 1;
  idgenRetries = 3;
  ipNonlocalBind = 0;
  fragHighThresh = 4194304;
  fragLowThresh = 3145728;
  fragTimeS = 60;
  maxHbhNumber = 8;
  maxHbhLength = 0x7fffffff;
  maxDstNumber = 8;
  maxDstLength = 0x7fffffff;
  /** icmp/: ms between errors to one host; types that are limited, as in the file. */
  icmpRatelimitMs = 100;
  icmpEchoIgnoreAll = 0;
  icmpEchoIgnoreMulticast = 0;
  icmpEchoIgnoreAnycast = 0;
  icmpErrorAnycastAsUnicast = 0;
  icmpErrorsExtensionMask = 0;
  /** One bit per type, 0 to 255; icmp/ratemask is its text. */
  readonly icmpRatemask = ratemaskDefault();
  /** route/ */
  mtuExpiresS = 600;
  minAdvmss = 1220;
  skipNotifyOnDevDown = 0;
  mldMaxMsf = 64;
  mldQrv = 2;
}

/** `0-1,3-127`: all errors but packet too big. */
function ratemaskDefault(): Uint8Array {
  const m = new Uint8Array(256);
  m.fill(1, 0, 128);
  m[2] = 0;
  return m;
}
