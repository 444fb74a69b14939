import { expect, test } from 'vitest';
import { MacTable } from './mactable.ts';
import { Stream } from './random.ts';

test('a MacTable does what a Map does, through growth, deletion and reuse', () => {
  const seed = 11;
  const chance = new Stream(seed, 'mactable');
  const table = new MacTable();
  const map = new Map<number, number>();
  const keys = Array.from({ length: 600 }, () => chance.mac());
  for (let i = 0; i < 60_000; i++) {
    const key = keys[chance.below(keys.length)];
    switch (chance.below(3)) {
      case 0:
        table.setKey(key, i);
        map.set(key, i);
        break;
      case 1:
        expect(table.deleteKey(key), `seed ${seed} step ${i}`).toBe(map.delete(key));
        break;
      default:
        expect(table.getKey(key), `seed ${seed} step ${i}`).toBe(map.get(key) ?? -1);
    }
    if (table.size !== map.size) expect(table.size, `seed ${seed} step ${i}`).toBe(map.size);
  }
});
