// Where the model still answers otherwise than the kernel of the captures: by scenario and step, with the reason.

export const KNOWN: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  ethtool: {
    'the family': 'it has fewer commands: EEE, FEC, modules, PHYs, cable tests and the like are not modelled',
    nlctrl: 'policies (CTRL_CMD_GETPOLICY) are not told',
  },
  rules: {
    '2: a name that is too long': 'the kernel says "Error parsing msg" of any attribute that fails',
    '10: a name that is too long': 'the kernel says "Error parsing msg" of any attribute that fails',
    '2: strict with a table': 'the header of a strict dump is not looked at',
    '10: strict with a table': 'the header of a strict dump is not looked at',
    '10: no table': 'the kernel refuses table 0 of IPv6 rules, the model makes one for it',
    '10: all': 'the rule without a table is there',
    '10: all, strict': 'the rule without a table is there',
    '10: at the end': 'the rule without a table is there',
    'a family that has none': 'EOPNOTSUPP, as of every message that nobody serves',
    'of every family': 'no rules for multicast routing (families 128 and 129), and the rule without a table is there',
  },
  sockets: {
    'one of 2/6': 'single sockets are not told: refused by name',
  },
  classes: {
    clsact: 'the kernel calls the hook that was not there a replaced one',
    'clsact away': 'it is counted as held',
    'an unknown classifier': 'chains are not modelled, so nobody hears of them',
    'no kind': 'chains are not modelled, so nobody hears of them',
    'no options': 'chains are not modelled; flags of the request are not repeated',
    'none to delete': 'chains are not modelled; flags of the request are not repeated',
    'none to get': 'chains are not modelled',
  },
  ethtoolSets: {
    'channels of all': 'a veth that is made without a number of receive queues on two CPUs, whose peer changed its own',
    'tsinfo of all': 'the kernel does not mark this one dump as of several messages',
  },
};
