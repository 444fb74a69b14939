// lowerdev schema: prints the JSON Schema of the lab file.

import { LAB_SCHEMA } from '../../lab/file/schema.ts';

export function schema(): number {
  process.stdout.write(`${JSON.stringify(LAB_SCHEMA, null, 2)}\n`);
  return 0;
}
