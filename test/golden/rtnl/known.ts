// Where the model still answers otherwise than the kernel of the captures: by scenario and step, with the reason.

export const KNOWN: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  ethtool: {
    'the family': 'it has fewer commands: EEE, FEC, modules, PHYs, cable tests and the like are not modelled',
    nlctrl: 'policies (CTRL_CMD_GETPOLICY) are not told',
  },
  rules: {
    'of every family': 'no rules for multicast routing (families 128 and 129)',
  },
};
