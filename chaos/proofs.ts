import type pg from 'pg';
import type { Receipt } from '#gen/zhengzhao/v1/common_pb.js';

/**
 * What is wrong with a receipt's signature; empty when it verifies. Receipts carry no signature in
 * this release of the contract: what they state is compared with the database instead.
 */
export function signatureProblemOf(_receipt: Receipt): string {
  return '';
}

/** Breaks in a node's audit chain. The tables of this release hold no chain: none can be broken. */
export function readChainProblems(_db: pg.Client): Promise<readonly string[]> {
  return Promise.resolve([]);
}
