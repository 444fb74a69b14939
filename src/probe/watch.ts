// Several listeners on one trace point: the core has one slot each, and this fills it with a list. A point whose last
// listener leaves costs a null check again.

import type { Kernel } from '../net/kernel.ts';
import type { TracePoints } from '../net/trace.ts';

type Point = keyof TracePoints;
type Listener<P extends Point> = NonNullable<TracePoints[P]>;
type AnyListener = (...args: unknown[]) => void;

const lists = new WeakMap<TracePoints, Map<Point, AnyListener[]>>();

/** Calls `listener` at that point; the function that comes back ends it. */
export function watch<P extends Point>(kernel: Kernel, point: P, listener: Listener<P>): () => void {
  const trace = kernel.trace;
  let points = lists.get(trace);
  if (points === undefined) lists.set(trace, (points = new Map()));
  let list = points.get(point);
  if (list === undefined) {
    list = trace[point] === null ? [] : [trace[point] as AnyListener];
    points.set(point, list);
  }
  const all = list;
  all.push(listener as AnyListener);
  (trace as Record<Point, AnyListener | null>)[point] = (...args) => {
    for (const fn of all) fn(...args);
  };
  return () => {
    const at = all.indexOf(listener as AnyListener);
    if (at >= 0) all.splice(at, 1);
    if (all.length > 0) return;
    (trace as Record<Point, AnyListener | null>)[point] = null;
    lists.get(trace)?.delete(point);
  };
}

/** A time for people: `12.3us`. */
export function timeText(ns: number): string {
  return `${(ns / 1000).toFixed(1)}us`;
}
