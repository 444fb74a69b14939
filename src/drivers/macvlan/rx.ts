// The rx handler of a lowerdev with macvlans: whose frame is it? Runs after the lowerdev's taps.
// Linux: drivers/net/macvlan.c, macvlan_handle_frame().

import { Drop } from '../../net/drop.ts';
import { RX_ANOTHER, RX_CONSUMED, RX_PASS, RX_SUCCESS } from '../../net/flags.ts';
import type { NetDevice } from '../../net/netdev.ts';
import { PKT_HOST, PKT_LOOPBACK, type Skb } from '../../net/skb.ts';
import { ETH_HLEN, ETH_P_IP, ethDstHi, ethDstLo, ethSrcHi, ethSrcLo, macIsMulticast } from '../../wire/ethernet.ts';
import { deliver, enqueueBroadcast, multicastRx } from './broadcast.ts';
import { countRx } from './count.ts';
import { ruleOf } from './modes.ts';
import type { MacvlanPort } from './port.ts';
import { forwardSource } from './source.ts';

export function macvlanHandleFrame(skb: Skb, dev: NetDevice): number {
  if (skb.pktType === PKT_LOOPBACK) return RX_PASS; // a loopback copy has no link header
  const port = dev.rxHandlerData as MacvlanPort;
  const trace = port.kernel.trace;
  if (trace.step !== null) trace.step('macvlan_handle_frame', skb, dev);
  if (macIsMulticast(skb.bytes, skb.mac)) return handleMulticast(port, skb, dev);

  const b = skb.bytes;
  const at = skb.mac;
  if (port.sources.size > 0 && forwardSource(port, skb, ethSrcHi(b, at), ethSrcLo(b, at))) {
    skb.slabs.free(skb, Drop.SourceConsumed);
    return RX_CONSUMED;
  }
  const vlan = port.passthru ? (port.vlans[0] ?? null) : port.lookup(ethDstHi(b, at), ethDstLo(b, at));
  if (vlan === null || !ruleOf(vlan.mode).byDestination) return RX_PASS;
  if (!vlan.dev.up) {
    skb.slabs.free(skb, Drop.DeviceDown);
    return RX_CONSUMED;
  }
  skb.dev = vlan.dev;
  skb.pktType = PKT_HOST;
  countRx(vlan, skb.len + ETH_HLEN, RX_SUCCESS, false);
  return RX_ANOTHER;
}

/** Broadcast and multicast: to those that should hear it, and (nearly always) to the host. */
function handleMulticast(port: MacvlanPort, given: Skb, dev: NetDevice): number {
  const kernel = port.kernel;
  let skb = given;
  if (skb.protocol === ETH_P_IP && kernel.hooks.defrag !== null) {
    const whole = kernel.hooks.defrag(skb, dev.ns);
    if (whole === null) return RX_CONSUMED; // a fragment that waits for the others
    skb = whole;
    if (skb !== given) kernel.rx.replaced = skb;
  }
  const b = skb.bytes;
  const at = skb.mac;
  const srcHi = ethSrcHi(b, at);
  const srcLo = ethSrcLo(b, at);
  if (port.sources.size > 0 && forwardSource(port, skb, srcHi, srcLo)) {
    skb.slabs.free(skb, Drop.SourceConsumed);
    return RX_CONSUMED;
  }
  const src = port.lookup(srcHi, srcLo);
  if (src !== null && ruleOf(src.mode).reflectedToSelf) {
    countRx(src, 0, deliver(src, skb), false);
    return RX_CONSUMED;
  }
  const hi = ethDstHi(b, at);
  const lo = ethDstLo(b, at);
  if (port.bcFilter.has(hi, lo)) enqueueBroadcast(port, src, skb);
  else if (port.mcFilter.has(hi, lo)) multicastRx(port, src, skb);
  return RX_PASS;
}
