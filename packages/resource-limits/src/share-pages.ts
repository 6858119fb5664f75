import {turnQueue} from './turn-queue.ts';

/** Someone who takes pages in proportion to `weight` until `room` is full. */
export interface Claim {
  /** Breaks ties, so that the order of claims never matters. */
  readonly name: string;
  /** Whole number, at least 1. */
  readonly weight: number;
  readonly room: number;
}

interface Share {
  readonly claim: Claim;
  /** When the room is full, if everyone grows with its weight. */
  readonly fullAt: number;
  pages: number;
}

/** Exact: the product may be above 2^53. */
function proportion(pages: number, weight: number, weights: number): number {
  const product = pages * weight;
  if (product <= Number.MAX_SAFE_INTEGER) return Math.floor(product / weights);
  return Number((BigInt(pages) * BigInt(weight)) / BigInt(weights));
}

/** Of those whose turn is the same the heavier is first, then the one that is first by name. */
function byRank({claim: a}: Share, {claim: b}: Share): number {
  return b.weight - a.weight || (a.name < b.name ? -1 : 1);
}

/** Smallest for the one with the most weight per page, when it would get another one: who gets the next. */
const turnOf = ({claim, pages}: Share): number => (pages + 1) / claim.weight;

/** Hands out `left` pages one by one. */
function takeTurns(shares: readonly Share[], left: number): void {
  if (left <= 0) return;
  const ranked = shares.filter(({claim, pages}) => pages < claim.room).toSorted(byRank);
  const queue = turnQueue(Float64Array.from(ranked, turnOf));
  for (let pages = left; pages > 0; pages--) {
    const first = queue.first();
    if (first === undefined) return;
    const next = ranked[first]!;
    next.pages++;
    queue.change(next.pages < next.claim.room ? turnOf(next) : undefined);
  }
}

/** Whether the room is full before, or just when, everyone's share has grown with its weight to take `left` pages. */
function isFull({room, weight}: Claim, left: number, weights: number): boolean {
  const [needed, given] = [room * weights, left * weight];
  if (Math.max(needed, given) <= Number.MAX_SAFE_INTEGER) return needed <= given;
  return BigInt(room) * BigInt(weights) <= BigInt(left) * BigInt(weight);
}

/**
 * Shares `total` pages out by weight, never above anyone's room: the shares that are whole at once, the few pages left one
 * by one (d'Hondt's method). Unlike CID's rounds of rounding down, one page more in `total` never takes a page from anyone.
 * With `spare` one page stays free where nobody's room is full and the shares are not whole: then those of two claims are CID's.
 * The pages stand in the order of the claims.
 */
export function sharePages(
  total: number,
  claims: readonly Claim[],
  {spare = false}: {readonly spare?: boolean} = {},
): number[] {
  const shares = claims.map((claim): Share => ({claim, fullAt: claim.room / claim.weight, pages: 0}));
  const byRoom = shares.toSorted((a, b) => a.fullAt - b.fullAt);
  let weights = claims.reduce((sum, {weight}) => sum + weight, 0);
  let left = total;
  let full = 0;
  for (const share of byRoom) {
    if (!isFull(share.claim, left, weights)) break;
    share.pages = share.claim.room;
    left -= share.pages;
    weights -= share.claim.weight;
    full++;
  }
  const open = byRoom.slice(full);
  const proportional = left;
  for (const share of open) {
    share.pages = Math.min(share.claim.room, proportion(proportional, share.claim.weight, weights));
    left -= share.pages;
  }
  takeTurns(open, spare && full === 0 ? left - 1 : left);
  return shares.map(({pages}) => pages);
}
