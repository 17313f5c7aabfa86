import { createHash } from 'node:crypto';
import type { Knex } from 'knex';
import { fromBinary, toBinary } from '@bufbuild/protobuf';
import type { PublicityChange, Record } from '#gen/zhengzhao/v1/record_pb.js';
import type { RegistrationEvent } from '#gen/zhengzhao/v1/registration_event_pb.js';
import { blankCitations } from '../domain/disclosure.js';
import { citationsOf, endingsIn } from '../domain/record/citation.js';
import { AS_KNOWN } from '../domain/unknown-fields.js';
import { findHiddenNumbers } from '../storage/hidden-numbers.js';
import type { ClaimedDelivery } from '../storage/delivery-claims.js';
import {
  findAcknowledged,
  findStatedDigests,
  noteSentCopies,
  type SentCopy,
} from '../storage/sent-copies.js';
import {
  contentSchemaOf,
  holdsUnjudged,
  mayCite,
  needsReading,
  putMark,
  toDelivery,
  type LeavingContent,
  type Outgoing,
} from './outgoing.js';

/** A claimed delivery with its content read. */
interface Read {
  readonly claimed: ClaimedDelivery;
  readonly content: Record | RegistrationEvent | PublicityChange;
}

/** What leaves of a claimed delivery, and whether that is not what is stored. */
interface Rewritten {
  readonly claimed: ClaimedDelivery;
  readonly payload: Uint8Array;
  readonly rewritten: boolean;
}

/**
 * What leaves upward of claimed deliveries that may leave, but not as they are stored: with the mark of
 * today and without the basis of any other, without citations of licences that are not public (D5), and
 * without what nobody could judge (`holdsUnjudged`). By the id of the delivery; what can't be read is left out. A few statements for all of
 * them, most often none.
 *
 * A copy has no field that this version has not: what is blanked in those that it knows could stand in others
 * as well.
 *
 * A copy goes under a digest of its own: by that of the original, what was blanked could be found out by
 * trying. The digest under which a node first knew a message stays, because it takes no other; where
 * that is the original's, the node has had the original.
 */
export async function prepareCopies(
  knex: Knex,
  destination: string,
  claimed: readonly ClaimedDelivery[],
): Promise<ReadonlyMap<number, LeavingContent>> {
  const read = claimed.filter((one) => needsReading(one, true)).flatMap(readContent);
  if (read.length === 0) return new Map();
  const hidden = await findHiddenNumbers(
    knex,
    read.flatMap(({ content }) =>
      isRecord(content) ? citationsOf(content).flatMap(endingsIn) : [],
    ),
  );
  const rewritten = read.map((one) => rewrite(one, hidden));
  const digests = await stateDigests(knex, destination, rewritten);
  return new Map(
    rewritten.map(({ claimed: one, payload }) => {
      const digest = digests.get(one.messageSeq) ?? one.digest;
      const redacted = one.redacted || payload !== one.payload || !one.digest.equals(digest);
      return [one.id, { payload, digest, redacted }];
    }),
  );
}

/**
 * What leaves upward, as it may leave now: since it was prepared another call took its time, and a licence
 * that it cites may have become not public in it (D5). Of what can't cite nothing is asked.
 */
export async function withCopiesOfNow(
  knex: Knex,
  node: string,
  destination: string,
  outgoing: readonly Outgoing[],
): Promise<Outgoing[]> {
  const citing = outgoing.map(({ claimed }) => claimed).filter(mayCite);
  const copies = await prepareCopies(knex, destination, citing);
  return outgoing.map((one) => {
    const copy = copies.get(one.claimed.id);
    return copy ? { ...one, delivery: toDelivery(one.claimed, node, true, copy) } : one;
  });
}

function readContent(claimed: ClaimedDelivery): Read[] {
  // A withdrawal has no content.
  if (!claimed.payload) return [];
  try {
    return [{ claimed, content: fromBinary(contentSchemaOf(claimed), claimed.payload, AS_KNOWN) }];
  } catch {
    return [];
  }
}

function isRecord(content: Read['content']): content is Record {
  return content.$typeName === 'zhengzhao.v1.Record';
}

/** It is this message that is looked at, which need not be the newest version of its record. */
function rewrite({ claimed, content }: Read, hidden: readonly string[]): Rewritten {
  const changed = isRecord(content) && changeRecord(claimed, content, hidden);
  if (changed || holdsUnjudged(claimed))
    return { claimed, payload: toBinary(contentSchemaOf(claimed), content), rewritten: true };
  return { claimed, payload: claimed.payload ?? new Uint8Array(), rewritten: false };
}

function changeRecord(
  { nonPublic, hiddenLicenceNos }: ClaimedDelivery,
  record: Record,
  hidden: readonly string[],
): boolean {
  const remarked = putMark(record, nonPublic === true);
  const blanked = blankCitations(record, [...hiddenLicenceNos, ...hidden]);
  return remarked || blanked;
}

/** The digests under which copies leave, noted before they do. */
async function stateDigests(
  knex: Knex,
  destination: string,
  all: readonly Rewritten[],
): Promise<ReadonlyMap<number, Buffer>> {
  const seqs = (some: readonly Rewritten[]): number[] =>
    some.map(({ claimed }) => claimed.messageSeq);
  const stated = await findStatedDigests(knex, destination, seqs(all));
  const copies = all.filter((one) => one.rewritten || stated.has(one.claimed.messageSeq));
  const fresh = copies.filter(
    ({ claimed }) => !stated.has(claimed.messageSeq) && !hasBeenAt(destination, claimed),
  );
  const known = await findAcknowledged(knex, destination, seqs(fresh));
  const ofItsOwn = new Set(seqs(fresh).filter((seq) => !known.has(seq)));
  return noteSentCopies(
    knex,
    destination,
    copies.map(({ claimed, payload }): SentCopy => {
      const copy = createHash('sha256').update(payload).digest();
      const own = ofItsOwn.has(claimed.messageSeq);
      const { messageSeq, id: deliveryId } = claimed;
      return { messageSeq, deliveryId, copy, digest: own ? copy : claimed.digest };
    }),
  );
}

/** Whether a message came by way of a node, which then has the original and its digest itself. */
function hasBeenAt(node: string, { sourceNode, hops }: ClaimedDelivery): boolean {
  return sourceNode === node || hops.some((hop) => hop.node === node);
}
