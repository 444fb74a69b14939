// SPDX-License-Identifier: Apache-2.0
// Preloaded into unmodified programs (ip, bridge, tc, ethtool), this hands their AF_NETLINK sockets to the model kernel of
// server.ts over a Unix socket, and answers the few other questions that they ask a kernel: names of interfaces, network
// namespaces by name and descriptor, files under /proc/net, /proc/sys and /sys/class/net, SIOCETHTOOL. Nothing of it
// reaches the kernel below. LOWERDEV_SHIM names the socket, LOWERDEV_SHIM_NETNS the folder that stands for /run/netns.
//
// A connection begins with one request; frames are a length (u32, of what follows it), a type (one byte) and a payload.
//   H "PROTOCOL NS PID"  a netlink socket: answered by P (u32 port id); then D carries datagrams both ways, O (u32 option, u32
//                     on), J and L (u32 group joined, left) and B (u32 mask of groups) go up, E (u32 errno) may come down
//   Q text            a question: answered by R (i32 result, bytes)

#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/ethtool.h>
#include <linux/netlink.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define MAX_FD 1024
#define REAL(type, name, ...) \
  static type (*real)(__VA_ARGS__); \
  if (!real) real = (type(*)(__VA_ARGS__))dlsym(RTLD_NEXT, #name)

// What a descriptor of ours stands for.
static struct {
  int netlink; // 1: a netlink socket
  int ns;      // a namespace's number, plus one
  uint32_t port, groups;
  char *datagram; // received and not yet taken
  size_t length;
} fds[MAX_FD];

static int ours(int fd) { return fd >= 0 && fd < MAX_FD && fds[fd].netlink; }

static long fail(int error) {
  errno = error;
  return -1;
}

// The namespace that this process is in; passed on to programs that it starts.
static int current(void) {
  const char *text = getenv("LOWERDEV_SHIM_NS");
  return text ? atoi(text) : 0;
}

static void enter(int ns) {
  char text[16];
  snprintf(text, sizeof text, "%d", ns);
  setenv("LOWERDEV_SHIM_NS", text, 1);
}

static int put(int fd, char type, const void *data, uint32_t length) {
  char head[5];
  uint32_t all = length + 1;
  memcpy(head, &all, 4);
  head[4] = type;
  struct iovec iov[2] = {{head, 5}, {(void *)data, length}};
  size_t left = 5 + length;
  REAL(ssize_t, sendmsg, int, const struct msghdr *, int);
  while (left > 0) {
    struct msghdr message = {.msg_iov = iov, .msg_iovlen = 2};
    ssize_t n = real(fd, &message, MSG_NOSIGNAL);
    if (n < 0) return -1;
    left -= n;
    for (int i = 0; i < 2; i++) {
      size_t part = (size_t)n < iov[i].iov_len ? (size_t)n : iov[i].iov_len;
      iov[i].iov_base = (char *)iov[i].iov_base + part;
      iov[i].iov_len -= part;
      n -= part;
    }
  }
  return 0;
}

static int fill(int fd, void *to, size_t length) {
  REAL(ssize_t, read, int, void *, size_t);
  for (size_t at = 0; at < length;) {
    ssize_t n = real(fd, (char *)to + at, length - at);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return (int)fail(EIO);
    at += n;
  }
  return 0;
}

// One frame; its payload is the caller's to free.
static int get(int fd, char *type, char **data, size_t *length) {
  uint32_t all;
  if (fill(fd, &all, 4) < 0 || fill(fd, type, 1) < 0) return -1;
  *length = all - 1;
  *data = malloc(*length + 1);
  if (fill(fd, *data, *length) < 0) return -1;
  (*data)[*length] = 0;
  return 0;
}

static int dial(void) {
  REAL(int, socket, int, int, int);
  struct sockaddr_un to = {.sun_family = AF_UNIX};
  const char *path = getenv("LOWERDEV_SHIM");
  if (!path) return (int)fail(EAFNOSUPPORT);
  strncpy(to.sun_path, path, sizeof to.sun_path - 1);
  int fd = real(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd >= 0 && (fd >= MAX_FD || connect(fd, (struct sockaddr *)&to, sizeof to) < 0)) {
    close(fd);
    return (int)fail(ECONNREFUSED);
  }
  return fd;
}

// A question and its answer: the result, and the bytes that came with it (to free) where `data` is given.
static int ask(char **data, size_t *length, const char *format, ...) {
  char text[512], type;
  va_list list;
  va_start(list, format);
  vsnprintf(text, sizeof text, format, list);
  va_end(list);
  int fd = dial();
  if (fd < 0) return -EIO;
  char *answer = NULL;
  size_t got = 0;
  if (put(fd, 'Q', text, strlen(text)) < 0 || get(fd, &type, &answer, &got) < 0) got = 0;
  close(fd);
  if (got < 4) return -EIO;
  int32_t result;
  memcpy(&result, answer, 4);
  if (data) {
    *data = malloc(got - 4 + 1);
    memcpy(*data, answer + 4, got - 4);
    (*data)[got - 4] = 0;
    *length = got - 4;
  }
  free(answer);
  return result;
}

// --- netlink sockets

int socket(int domain, int type, int protocol) {
  REAL(int, socket, int, int, int);
  if (domain != AF_NETLINK) return real(domain, type, protocol);
  char text[64], kind, *data;
  size_t length;
  int fd = dial();
  if (fd < 0) return fd;
  snprintf(text, sizeof text, "%d %d %d", protocol, current(), getpid());
  put(fd, 'H', text, strlen(text));
  if (get(fd, &kind, &data, &length) < 0 || kind != 'P') {
    close(fd);
    return (int)fail(EPROTONOSUPPORT);
  }
  memset(&fds[fd], 0, sizeof fds[fd]);
  fds[fd].netlink = 1;
  memcpy(&fds[fd].port, data, 4);
  free(data);
  return fd;
}

int close(int fd) {
  REAL(int, close, int);
  if (fd >= 0 && fd < MAX_FD) {
    if (fds[fd].ns) ask(NULL, NULL, "ns-close %d %d", getpid(), fd);
    free(fds[fd].datagram);
    memset(&fds[fd], 0, sizeof fds[fd]);
  }
  return real(fd);
}

int bind(int fd, const struct sockaddr *address, socklen_t length) {
  REAL(int, bind, int, const struct sockaddr *, socklen_t);
  if (!ours(fd)) return real(fd, address, length);
  fds[fd].groups = ((const struct sockaddr_nl *)address)->nl_groups;
  return fds[fd].groups ? put(fd, 'B', &fds[fd].groups, 4) : 0;
}

int getsockname(int fd, struct sockaddr *address, socklen_t *length) {
  REAL(int, getsockname, int, struct sockaddr *, socklen_t *);
  if (!ours(fd)) return real(fd, address, length);
  struct sockaddr_nl name = {.nl_family = AF_NETLINK, .nl_pid = fds[fd].port, .nl_groups = fds[fd].groups};
  memcpy(address, &name, *length < sizeof name ? *length : sizeof name);
  *length = sizeof name;
  return 0;
}

int setsockopt(int fd, int level, int option, const void *value, socklen_t length) {
  REAL(int, setsockopt, int, int, int, const void *, socklen_t);
  if (!ours(fd)) return real(fd, level, option, value, length);
  if (level != SOL_NETLINK) return 0;
  uint32_t words[2] = {(uint32_t)option, *(const uint32_t *)value};
  if (option == NETLINK_ADD_MEMBERSHIP) return put(fd, 'J', &words[1], 4);
  if (option == NETLINK_DROP_MEMBERSHIP) return put(fd, 'L', &words[1], 4);
  return put(fd, 'O', words, 8);
}

int getsockopt(int fd, int level, int option, void *value, socklen_t *length) {
  REAL(int, getsockopt, int, int, int, void *, socklen_t *);
  return ours(fd) ? (int)fail(ENOPROTOOPT) : real(fd, level, option, value, length);
}

ssize_t sendmsg(int fd, const struct msghdr *message, int flags) {
  REAL(ssize_t, sendmsg, int, const struct msghdr *, int);
  if (!ours(fd)) return real(fd, message, flags);
  size_t length = 0;
  for (size_t i = 0; i < message->msg_iovlen; i++) length += message->msg_iov[i].iov_len;
  char *all = malloc(length + 1), *at = all;
  for (size_t i = 0; i < message->msg_iovlen; i++) at = mempcpy(at, message->msg_iov[i].iov_base, message->msg_iov[i].iov_len);
  int rc = put(fd, 'D', all, length);
  free(all);
  return rc < 0 ? -1 : (ssize_t)length;
}

ssize_t sendto(int fd, const void *data, size_t length, int flags, const struct sockaddr *to, socklen_t size) {
  REAL(ssize_t, sendto, int, const void *, size_t, int, const struct sockaddr *, socklen_t);
  if (!ours(fd)) return real(fd, data, length, flags, to, size);
  return put(fd, 'D', data, length) < 0 ? -1 : (ssize_t)length;
}

ssize_t send(int fd, const void *data, size_t length, int flags) {
  REAL(ssize_t, send, int, const void *, size_t, int);
  return ours(fd) ? sendto(fd, data, length, flags, NULL, 0) : real(fd, data, length, flags);
}

ssize_t recvmsg(int fd, struct msghdr *message, int flags) {
  REAL(ssize_t, recvmsg, int, struct msghdr *, int);
  if (!ours(fd)) return real(fd, message, flags);
  if (!fds[fd].datagram) {
    struct pollfd wait = {fd, POLLIN, 0};
    if ((flags & MSG_DONTWAIT) && poll(&wait, 1, 0) == 0) return fail(EAGAIN);
    char type, *data;
    size_t length;
    if (get(fd, &type, &data, &length) < 0) return -1;
    if (type == 'E') {
      uint32_t error;
      memcpy(&error, data, 4);
      free(data);
      return fail((int)error);
    }
    fds[fd].datagram = data;
    fds[fd].length = length;
  }
  size_t at = 0, length = fds[fd].length;
  for (size_t i = 0; i < message->msg_iovlen && at < length; i++) {
    size_t part = length - at < message->msg_iov[i].iov_len ? length - at : message->msg_iov[i].iov_len;
    memcpy(message->msg_iov[i].iov_base, fds[fd].datagram + at, part);
    at += part;
  }
  message->msg_flags = at < length ? MSG_TRUNC : 0;
  message->msg_controllen = 0;
  if (message->msg_name && message->msg_namelen >= sizeof(struct sockaddr_nl)) {
    struct sockaddr_nl from = {.nl_family = AF_NETLINK};
    memcpy(message->msg_name, &from, sizeof from);
    message->msg_namelen = sizeof from;
  }
  if (!(flags & MSG_PEEK)) {
    free(fds[fd].datagram);
    fds[fd].datagram = NULL;
  }
  return (ssize_t)((flags & MSG_TRUNC) ? length : at);
}

ssize_t recv(int fd, void *to, size_t length, int flags) {
  REAL(ssize_t, recv, int, void *, size_t, int);
  if (!ours(fd)) return real(fd, to, length, flags);
  struct iovec iov = {to, length};
  struct msghdr message = {.msg_iov = &iov, .msg_iovlen = 1};
  return recvmsg(fd, &message, flags);
}

// --- interfaces by name and number

unsigned int if_nametoindex(const char *name) {
  int index = ask(NULL, NULL, "index %d %s", current(), name);
  if (index > 0) return (unsigned)index;
  errno = ENODEV;
  return 0;
}

char *if_indextoname(unsigned int index, char name[IF_NAMESIZE]) {
  char *data = NULL;
  size_t length;
  int rc = ask(&data, &length, "name %d %u", current(), index);
  if (rc == 0) snprintf(name, IF_NAMESIZE, "%s", data);
  free(data);
  errno = ENXIO;
  return rc == 0 ? name : NULL;
}

// --- namespaces: a folder of files stands for /run/netns

static const char *moved(const char *path, char *to, size_t size) {
  const char *rest = NULL;
  if (!strncmp(path, "/var/run/netns", 14)) rest = path + 14;
  else if (!strncmp(path, "/run/netns", 10)) rest = path + 10;
  if (!rest || (*rest && *rest != '/')) return path;
  snprintf(to, size, "%s%s", getenv("LOWERDEV_SHIM_NETNS"), rest);
  return to;
}

static const char *nsName(const char *path) {
  if (!strncmp(path, "/var/run/netns/", 15)) return path + 15;
  return strncmp(path, "/run/netns/", 11) ? NULL : path + 11;
}

// After a file was opened: does it stand for a namespace? Then the server learns of this descriptor.
static int noted(const char *path, int fd) {
  const char *name = nsName(path);
  int pid = 0, whole = 0;
  if (fd < 0 || fd >= MAX_FD) return fd;
  if (name && *name && *name != '.') {
    int ns = ask(NULL, NULL, "ns-open %d %d %s", getpid(), fd, name);
    if (ns >= 0) fds[fd].ns = ns + 1;
  } else if (!strcmp(path, "/proc/self/ns/net") || (sscanf(path, "/proc/%d/ns/net%n", &pid, &whole) == 1 && !path[whole])) {
    int ns = ask(NULL, NULL, "ns-open-number %d %d %d", getpid(), fd, pid == 0 || pid == getpid() ? current() : 0);
    if (ns >= 0) fds[fd].ns = ns + 1;
  }
  return fd;
}

#define OPEN(name) \
  int name(const char *path, int flags, ...) { \
    REAL(int, name, const char *, int, ...); \
    char to[256]; \
    va_list list; \
    va_start(list, flags); \
    mode_t mode = (flags & (O_CREAT | O_TMPFILE)) ? va_arg(list, mode_t) : 0; \
    va_end(list); \
    if (!strcmp(path, "/dev/net/tun")) return (int)fail(ENOENT); \
    return noted(path, real(moved(path, to, sizeof to), flags, mode)); \
  }
OPEN(open)
OPEN(open64)

DIR *opendir(const char *path) {
  REAL(DIR *, opendir, const char *);
  char to[256];
  return real(moved(path, to, sizeof to));
}

int mkdir(const char *path, mode_t mode) {
  REAL(int, mkdir, const char *, mode_t);
  char to[256];
  return real(moved(path, to, sizeof to), mode);
}

int unlink(const char *path) {
  REAL(int, unlink, const char *);
  char to[256];
  const char *name = nsName(path);
  if (name) ask(NULL, NULL, "ns-unbind %s", name);
  return real(moved(path, to, sizeof to));
}

int stat64(const char *path, struct stat64 *to) {
  REAL(int, stat64, const char *, struct stat64 *);
  char other[256];
  int rc = real(moved(path, other, sizeof other), to);
  const char *name = nsName(path);
  if (rc == 0 && name && *name) to->st_ino = (ino_t)ask(NULL, NULL, "ns-inode-name %s", name);
  return rc;
}

int fstat64(int fd, struct stat64 *to) {
  REAL(int, fstat64, int, struct stat64 *);
  char other[256];
  int rc = real(fd, to);
  if (rc == 0 && fd < MAX_FD && fds[fd].ns) {
    struct stat64 folder; // all names live on one device
    to->st_ino = (ino_t)ask(NULL, NULL, "ns-inode %d", fds[fd].ns - 1);
    if (stat64(moved("/run/netns", other, sizeof other), &folder) == 0) to->st_dev = folder.st_dev;
  }
  return rc;
}

int inotify_add_watch(int fd, const char *path, uint32_t mask) {
  REAL(int, inotify_add_watch, int, const char *, uint32_t);
  char to[256];
  return real(fd, moved(path, to, sizeof to), mask);
}

int setns(int fd, int type) {
  if (fd < 0 || fd >= MAX_FD || !fds[fd].ns) return (int)fail(EINVAL);
  enter(fds[fd].ns - 1);
  return 0;
}

int unshare(int flags) {
  if (flags & CLONE_NEWNET) enter(ask(NULL, NULL, "ns-new"));
  return 0;
}

int mount(const char *source, const char *target, const char *type, unsigned long flags, const void *data) {
  const char *name = nsName(target);
  if (source && !strncmp(source, "/proc/", 6) && access(source, F_OK) < 0) return -1;
  if (name && *name && (flags & MS_BIND) && source && strstr(source, "/ns/net")) {
    int rc = ask(NULL, NULL, "ns-bind %d %s", current(), name);
    if (rc < 0) return (int)fail(-rc);
  }
  return 0;
}

int umount2(const char *target, int flags) { return 0; }

// --- files of the kernel

static FILE *kernelFile(const char *path, int *mine) {
  *mine = !strncmp(path, "/proc/net/", 10) || !strncmp(path, "/proc/sys/", 10) || !strncmp(path, "/sys/class/net/", 15);
  if (!strcmp(path, "/proc/net/psched")) *mine = 0; // the machine's clock, not the network's
  if (!*mine) return NULL;
  char *data = NULL;
  size_t length = 0;
  int rc = ask(&data, &length, "read %d %s", current(), path);
  FILE *file = rc < 0 ? NULL : tmpfile();
  if (file) {
    fwrite(data, 1, length, file);
    rewind(file);
  }
  free(data);
  if (rc < 0) errno = -rc;
  return file;
}

#define FOPEN(name) \
  FILE *name(const char *path, const char *mode) { \
    REAL(FILE *, name, const char *, const char *); \
    int mine; \
    FILE *file = *mode == 'r' ? kernelFile(path, &mine) : (mine = 0, NULL); \
    return mine ? file : real(path, mode); \
  }
FOPEN(fopen)
FOPEN(fopen64)

// --- SIOCETHTOOL: the driver's name and its statistics have no netlink form

static int ethtool(const char *name, void *data) {
  uint32_t command = *(uint32_t *)data;
  char *text = NULL;
  size_t length = 0;
  if (command == ETHTOOL_GDRVINFO) {
    struct ethtool_drvinfo *info = data;
    int rc = ask(&text, &length, "drvinfo %d %s", current(), name);
    if (rc < 0) return (int)fail(-rc);
    char *field[5], *rest = text;
    for (int i = 0; i < 5; i++) field[i] = strsep(&rest, "\n");
    memset(info, 0, sizeof *info);
    info->cmd = command;
    snprintf(info->driver, sizeof info->driver, "%s", field[0]);
    snprintf(info->version, sizeof info->version, "%s", field[1]);
    snprintf(info->fw_version, sizeof info->fw_version, "%s", field[2]);
    snprintf(info->bus_info, sizeof info->bus_info, "%s", field[3]);
    info->n_stats = (uint32_t)atoi(field[4]);
    free(text);
    return 0;
  }
  int count = ask(&text, &length, "drvstats %d %s", current(), name); // lines: value, blank, name
  if (count < 0) return (int)fail(-count);
  char *rest = text;
  if (command == ETHTOOL_GSSET_INFO) {
    struct ethtool_sset_info *info = data;
    info->sset_mask &= 1ull << ETH_SS_STATS;
    info->data[0] = (uint32_t)count;
  } else if (command == ETHTOOL_GSTRINGS) {
    struct ethtool_gstrings *strings = data;
    strings->len = (uint32_t)count;
    for (int i = 0; i < count; i++) {
      char *line = strsep(&rest, "\n");
      strncpy((char *)strings->data + i * ETH_GSTRING_LEN, strchr(line, ' ') + 1, ETH_GSTRING_LEN);
    }
  } else if (command == ETHTOOL_GSTATS) {
    struct ethtool_stats *stats = data;
    stats->n_stats = (uint32_t)count;
    for (int i = 0; i < count; i++) stats->data[i] = strtoull(strsep(&rest, "\n"), NULL, 10);
  } else {
    free(text);
    return (int)fail(EOPNOTSUPP);
  }
  free(text);
  return 0;
}

int ioctl(int fd, unsigned long request, ...) {
  REAL(int, ioctl, int, unsigned long, ...);
  va_list list;
  va_start(list, request);
  void *data = va_arg(list, void *);
  va_end(list);
  if (request < 0x8900 || request > 0x89ff) return real(fd, request, data);
  struct ifreq *ifr = data;
  if (request == SIOCETHTOOL) return ethtool(ifr->ifr_name, ifr->ifr_data);
  if (request == SIOCGIFTXQLEN) {
    char *text = NULL;
    size_t length;
    int rc = ask(&text, &length, "read %d /sys/class/net/%s/tx_queue_len", current(), ifr->ifr_name);
    if (rc < 0) return (int)fail(ENODEV);
    ifr->ifr_qlen = atoi(text);
    free(text);
    return 0;
  }
  if (request == SIOCGIFINDEX) {
    ifr->ifr_ifindex = (int)if_nametoindex(ifr->ifr_name);
    return ifr->ifr_ifindex == 0 ? -1 : 0;
  }
  return (int)fail(EOPNOTSUPP);
}
