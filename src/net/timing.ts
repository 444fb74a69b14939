// How long things take in the model, in ns: the default timing profile. Frames cost time only at the points where
// Linux hands work over (softirq, wake-up, interrupt, line); docs/timing.md says where each number comes from.

export interface Timing {
  /** From netif_rx to the softirq that processes it. */
  softirqNs: number;
  /** From a message queued on a socket to its process running. */
  wakeNs: number;
  /** A system call that sends, until the frame reaches the device. */
  sendNs: number;
  /** Starting a program: fork, exec, dynamic linking. */
  execNs: number;
  /** From a work item queued to its worker running (link watch). */
  workNs: number;
  /** The same for macvlan's broadcast queue: the softirq that woke its worker carries all that follows from it first. */
  bcWorkNs: number;
  /** The NIC: doorbell to first bit on the line; last bit to interrupt; spread of the interrupt moderation. */
  nicTxNs: number;
  nicIrqNs: number;
  nicIrqSpreadNs: number;
  /** Store-and-forward of an external switch. */
  switchNs: number;
}

export const defaultTiming: Timing = {
  softirqNs: 19_000,
  wakeNs: 9_000,
  sendNs: 4_000,
  execNs: 1_000_000,
  workNs: 12_000,
  bcWorkNs: 80_000,
  nicTxNs: 4_000,
  nicIrqNs: 90_000,
  nicIrqSpreadNs: 16_000,
  switchNs: 3_000,
};
