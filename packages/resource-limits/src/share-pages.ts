/** Someone who takes pages in proportion to `weight` until `room` is full. */
export interface Claim {
  /** Breaks ties, so that the order of claims never matters. */
  readonly name: string;
  /** Whole number, at least 1. */
  readonly weight: number;
  readonly room: number;
}

interface Share extends Claim {
  pages: number;
}

/** Who gets the next page is the one with the most weight per page; of equals the heavier, then the first by name. Sorts that one last. */
function byTurn(a: Share, b: Share): number {
  const later = a.weight * (b.pages + 1) - b.weight * (a.pages + 1);
  return later || a.weight - b.weight || (a.name < b.name ? 1 : -1);
}

/** Exact: the product may be above 2^53. */
function proportion(pages: number, weight: number, weights: number): number {
  return Number((BigInt(pages) * BigInt(weight)) / BigInt(weights));
}

/** Hands out `left` pages one by one. */
function takeTurns(shares: readonly Share[], left: number): void {
  const turns = shares.filter(({pages, room}) => pages < room).sort(byTurn);
  for (let pages = left; pages > 0; pages--) {
    const next = turns.pop();
    if (!next) return;
    next.pages++;
    if (next.pages === next.room) continue;
    let [low, high] = [0, turns.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (byTurn(turns[middle]!, next) < 0) low = middle + 1;
      else high = middle;
    }
    turns.splice(low, 0, next);
  }
}

/**
 * Shares `total` pages out by weight, never above anyone's room: the shares that are whole at once, the few pages left one
 * by one (d'Hondt's method). Unlike CID's rounds of rounding down, one page more in `total` never takes a page from anyone.
 * As in CID one page stays free where nobody's room is full and the shares are not whole.
 */
export function sharePages(total: number, claims: readonly Claim[]): Map<string, number> {
  const shares = claims.map((claim): Share => ({...claim, pages: 0}));
  const byRoom = shares.toSorted((a, b) => a.room / a.weight - b.room / b.weight);
  let weights = shares.reduce((sum, {weight}) => sum + weight, 0);
  let left = total;
  let full = 0;
  for (const share of byRoom) {
    if (BigInt(share.room) * BigInt(weights) > BigInt(left) * BigInt(share.weight)) break;
    share.pages = share.room;
    left -= share.room;
    weights -= share.weight;
    full++;
  }
  const open = byRoom.slice(full);
  const proportional = left;
  for (const share of open) {
    share.pages = Math.min(share.room, proportion(proportional, share.weight, weights));
    left -= share.pages;
  }
  takeTurns(open, full === 0 ? left - 1 : left);
  return new Map(shares.map(({name, pages}) => [name, pages]));
}
