// When a descriptor has something to read: libuv's own poll, since Node has no way to watch a netlink or packet socket.
// In a Worker there is no way to its loop, so there the descriptor is asked every few milliseconds.

import { createRequire } from 'node:module';
import { isMainThread } from 'node:worker_threads';

type Koffi = typeof import('koffi');

const UV_POLL = 8;
const UV_READABLE = 1;
const EVERY_MS = 5;

/** Calls `listener` when `fd` is readable, again and again until the function that comes back is called. */
export function watchReadable(fd: number, listener: () => void): () => void {
  if (!isMainThread) {
    const timer = setInterval(listener, EVERY_MS);
    return () => clearInterval(timer);
  }
  const uv = libuv();
  const handle = uv.koffi.alloc('uint8_t', uv.size(UV_POLL));
  const called = uv.koffi.register(() => void listener(), uv.pollCallback);
  const release = (): void => {
    uv.koffi.unregister(called);
    uv.koffi.free(handle);
  };
  const close = (): void => {
    const closed = uv.koffi.register(() => {
      setImmediate(() => {
        uv.koffi.unregister(closed);
        release();
      });
    }, uv.closeCallback);
    uv.close(handle, closed);
  };
  // A handle that was not initialised must not be closed; one that was, must.
  check(uv.init(uv.defaultLoop(), handle, fd), release);
  check(uv.start(handle, UV_READABLE, called), close);
  return () => {
    uv.stop(handle);
    close();
  };
}

function check(rc: number, undo: () => void): void {
  if (rc >= 0) return;
  undo();
  throw new Error(`uv_poll: error ${rc}`);
}

interface Uv {
  koffi: Koffi;
  defaultLoop: () => unknown;
  size: (type: number) => number;
  init: (loop: unknown, handle: unknown, fd: number) => number;
  start: (handle: unknown, events: number, callback: unknown) => number;
  stop: (handle: unknown) => number;
  close: (handle: unknown, callback: unknown) => void;
  pollCallback: ReturnType<Koffi['pointer']>;
  closeCallback: ReturnType<Koffi['pointer']>;
}

let loaded: Uv | null = null;

function libuv(): Uv {
  if (loaded !== null) return loaded;
  const koffi = createRequire(import.meta.url)('koffi') as Koffi;
  const node = koffi.load(null);
  const poll = koffi.proto('void lowerdev_uv_poll_cb(void *handle, int status, int events)');
  const close = koffi.proto('void lowerdev_uv_close_cb(void *handle)');
  const [pollCallback, closeCallback] = [koffi.pointer(poll), koffi.pointer(close)];
  loaded = {
    koffi,
    pollCallback,
    closeCallback,
    defaultLoop: node.func('void *uv_default_loop()'),
    size: node.func('size_t uv_handle_size(int type)'),
    init: node.func('int uv_poll_init(void *loop, void *handle, int fd)'),
    start: node.func('int uv_poll_start(void *handle, int events, lowerdev_uv_poll_cb *callback)'),
    stop: node.func('int uv_poll_stop(void *handle)'),
    close: node.func('void uv_close(void *handle, lowerdev_uv_close_cb *callback)'),
  };
  return loaded;
}
