import type { SubmissionResult } from '#gen/zhengzhao/v1/common_pb.js';
import type { CallOptions } from '../../clients/client.js';
import type { NodeCode } from '../stage/places.js';
import type { HubApi } from './hub-api.js';
import type { Letter } from './letter.js';

/** Records in one message of a stream. */
const STREAM_STEP = 25;

/** Letters that travel in one call, each of another enterprise. */
export interface Parcel {
  readonly to: NodeCode;
  readonly way: 'registrations' | 'records' | 'record stream';
  readonly letters: readonly Letter[];
}

/** Sorts letters into parcels. A change of a mark has no call for many: it is in no parcel. */
export function packParcels(letters: readonly Letter[], streamed: boolean): Parcel[] {
  const parcels = new Map<string, Parcel & { readonly letters: Letter[] }>();
  for (const letter of letters) {
    const { to, content } = letter;
    if (content.kind === 'change') continue;
    const records = streamed ? 'record stream' : 'records';
    const way = content.kind === 'registration' ? 'registrations' : records;
    const parcel = parcels.get(`${to} ${way}`) ?? { to, way, letters: [] };
    parcel.letters.push(letter);
    parcels.set(`${to} ${way}`, parcel);
  }
  return [...parcels.values()];
}

/** Sends a parcel once; results come in the order of its letters. Throws HubClientError, maybe after some. */
export async function* postParcel(
  { way, letters }: Parcel,
  { registration, exchange }: HubApi,
  options: CallOptions,
): AsyncGenerator<SubmissionResult> {
  switch (way) {
    case 'registrations':
      return yield* (
        await registration.batchSubmitRegistrations(
          { registrations: registrationsOf(letters) },
          options,
        )
      ).results;
    case 'records':
      return yield* (await exchange.batchSubmitRecords({ records: recordsOf(letters) }, options))
        .results;
    case 'record stream':
      for await (const { results } of exchange.streamRecords(steps(letters), options))
        yield* results;
  }
}

async function* steps(letters: readonly Letter[]) {
  for (let at = 0; at < letters.length; at += STREAM_STEP)
    yield await Promise.resolve({ records: recordsOf(letters.slice(at, at + STREAM_STEP)) });
}

function registrationsOf(letters: readonly Letter[]) {
  return letters.flatMap(({ content }) =>
    content.kind === 'registration' ? [content.registration] : [],
  );
}

function recordsOf(letters: readonly Letter[]) {
  return letters.flatMap(({ content }) => (content.kind === 'record' ? [content.record] : []));
}
