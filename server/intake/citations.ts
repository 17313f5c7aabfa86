import { fromBinary } from '@bufbuild/protobuf';
import { MessageKind } from '#gen/zhengzhao/v1/common_pb.js';
import { RecordSchema } from '#gen/zhengzhao/v1/record_pb.js';
import type { NodeContext } from '../domain/decision/decision.js';
import type { World } from '../domain/decision/world.js';
import { recordKeyText, type RecordKey } from '../domain/message.js';
import { citationsOf, endingsIn, licenceNumbers } from '../domain/record/citation.js';
import type { RecordState } from '../domain/record/record-state.js';
import { insertCitationRecalls, insertCitations, type Citation } from '../storage/citations.js';
import type { Db } from '../storage/database.js';
import {
  insertHiddenNumbers,
  licenceContents,
  type LicenceContent,
  type LicenceNumber,
} from '../storage/hidden-numbers.js';
import { recordKeyOf } from './situation.js';
import type { Settled } from './write-batch.js';

/**
 * Keeps what D5 is decided by, in the transaction of a batch: the numbers of its licences that are not
 * public, of every version they had, and what its inspections and penalties cite. At a province the
 * licences are also noted, because something that cites them may have gone up before.
 */
export async function keepCitations(
  trx: Db,
  settled: readonly Settled[],
  world: World,
  context: NodeContext,
): Promise<void> {
  const hidden = hiddenLicences(settled, world);
  await insertHiddenNumbers(trx, numbersOf(await licenceContents(trx, hidden)));
  // Only upward is anything blanked (R54).
  if (context.level === 'national') return;
  await insertCitationRecalls(trx, hidden);
  await insertCitations(
    trx,
    settled.flatMap((one) => citationsIn(one, world)),
  );
}

/** Licences that the batch changed, or brought an older version of, and that are not public. */
function hiddenLicences(settled: readonly Settled[], world: World): RecordKey[] {
  const brought = settled.flatMap(({ submission, store }) => {
    const key = store && recordKeyOf(submission);
    return (key && world.record(key)) || [];
  });
  const hidden = [...world.changedRecords, ...brought].filter(isHiddenLicence);
  return [...new Map(hidden.map(({ key }) => [recordKeyText(key), key])).values()];
}

function isHiddenLicence({ key, nonPublic, state }: RecordState): boolean {
  return key.kind === MessageKind.LICENCE && nonPublic && state !== 'withdrawn';
}

/** The numbers in stored versions of licences. What can't be read has none. */
export function numbersOf(contents: readonly LicenceContent[]): LicenceNumber[] {
  return contents.flatMap(({ ownerOrg, businessKey, payload }) =>
    readNumbers(payload).map((number) => ({ ownerOrg, businessKey, number })),
  );
}

function readNumbers(payload: Uint8Array): string[] {
  try {
    const { body } = fromBinary(RecordSchema, payload);
    return body.case === 'licence' ? licenceNumbers(body.value) : [];
  } catch {
    return [];
  }
}

function citationsIn({ submission, seq, store }: Settled, world: World): Citation[] {
  const { message } = submission;
  if (!store || !message) return [];
  if (message.kind !== MessageKind.INSPECTION && message.kind !== MessageKind.PENALTY) return [];
  const key = recordKeyOf(submission);
  if (key && world.record(key)?.state === 'withdrawn') return [];
  const endings = citationsOf(message.record).flatMap(endingsIn);
  return [...new Set(endings)].map((ending) => ({ ending, messageSeq: seq }));
}
