// The release of the model kernel, as uname -r and ethtool -i say it: the Linux that it is modelled on, and whose it is.

export const KERNEL_RELEASE = '6.18.0-lowerdev';
