// The errnos that IPv4 and its sockets give, as plain numbers for the hot path. Names as in uapi/errno.ts.

import { ERRNO } from '../uapi/errno.ts';

export const EPERM = ERRNO.EPERM[0];
export const ENOENT = ERRNO.ENOENT[0];
export const ESRCH = ERRNO.ESRCH[0];
export const EAGAIN = ERRNO.EAGAIN[0];
export const ENOMEM = ERRNO.ENOMEM[0];
export const EACCES = ERRNO.EACCES[0];
export const EFAULT = ERRNO.EFAULT[0];
export const EEXIST = ERRNO.EEXIST[0];
export const EXDEV = ERRNO.EXDEV[0];
export const ENODEV = ERRNO.ENODEV[0];
export const ENXIO = ERRNO.ENXIO[0];
export const EINVAL = ERRNO.EINVAL[0];
export const EBADF = ERRNO.EBADF[0];
export const EPROTO = ERRNO.EPROTO[0];
export const EDESTADDRREQ = ERRNO.EDESTADDRREQ[0];
export const EMSGSIZE = ERRNO.EMSGSIZE[0];
export const ENOPROTOOPT = ERRNO.ENOPROTOOPT[0];
export const EPROTONOSUPPORT = ERRNO.EPROTONOSUPPORT[0];
export const EOPNOTSUPP = ERRNO.EOPNOTSUPP[0];
export const EAFNOSUPPORT = ERRNO.EAFNOSUPPORT[0];
export const EADDRINUSE = ERRNO.EADDRINUSE[0];
export const EADDRNOTAVAIL = ERRNO.EADDRNOTAVAIL[0];
export const ENETDOWN = ERRNO.ENETDOWN[0];
export const ENETUNREACH = ERRNO.ENETUNREACH[0];
export const ENOBUFS = ERRNO.ENOBUFS[0];
export const EISCONN = ERRNO.EISCONN[0];
export const ENOTCONN = ERRNO.ENOTCONN[0];
export const ECONNREFUSED = ERRNO.ECONNREFUSED[0];
export const EHOSTDOWN = ERRNO.EHOSTDOWN[0];
export const EHOSTUNREACH = ERRNO.EHOSTUNREACH[0];
export const ENONET = ERRNO.ENONET[0];
