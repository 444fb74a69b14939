// The version of this package, which the build writes into it. Apart from index.ts, which brings the whole library.

declare const LOWERDEV_VERSION: string;

export const version: string = LOWERDEV_VERSION;
