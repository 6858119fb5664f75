/** Who has the smallest key is first; of equals the one with the smaller number. A heap, so that a change costs little among many. */
export interface TurnQueue {
  /** The number of the first one. */
  first(): number | undefined;
  /** The first one has this key now, which is not smaller than before; undefined: it leaves. */
  change(key: number | undefined): void;
}

/** @param keys of the numbers 0, 1, 2, …; are changed */
export function turnQueue(keys: Float64Array): TurnQueue {
  const heap = Int32Array.from(keys, (_, number) => number);
  let size = heap.length;
  const isBefore = (a: number, b: number) => keys[a]! < keys[b]! || (keys[a] === keys[b] && a < b);
  /** Moves the number at `from` down to where nobody below it comes first. */
  const sink = (from: number) => {
    const number = heap[from]!;
    let at = from;
    for (let child = 2 * at + 1; child < size; child = 2 * at + 1) {
      if (child + 1 < size && isBefore(heap[child + 1]!, heap[child]!)) child++;
      if (isBefore(number, heap[child]!)) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = number;
  };
  for (let at = (size >> 1) - 1; at >= 0; at--) sink(at);
  return {
    first: () => (size === 0 ? undefined : heap[0]),
    change(key) {
      if (size === 0) return;
      if (key === undefined) heap[0] = heap[--size]!;
      else keys[heap[0]!] = key;
      if (size > 0) sink(0);
    },
  };
}
