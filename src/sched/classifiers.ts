// The kinds of filter there are: one line each. Linux: register_tcf_proto_ops().

import { matchall } from './cls-matchall.ts';
import { u32 } from './cls-u32.ts';
import type { ClassifierOps } from './filter.ts';

export const classifiers: ReadonlyMap<string, ClassifierOps> = new Map([matchall, u32].map((ops) => [ops.kind, ops]));
