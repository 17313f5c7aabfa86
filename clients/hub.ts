import {
  create,
  toBinary,
  type DescMessage,
  type DescService,
  type MessageInitShape,
} from '@bufbuild/protobuf';
import { DataCenter } from '../proto/gen/zhengzhao/v1/data_center_pb.js';
import { Exchange } from '../proto/gen/zhengzhao/v1/exchange_pb.js';
import { RecordSchema } from '../proto/gen/zhengzhao/v1/record_pb.js';
import { RegistrationEventSchema } from '../proto/gen/zhengzhao/v1/registration_event_pb.js';
import { Registration } from '../proto/gen/zhengzhao/v1/registration_pb.js';
import { ScopeCatalog } from '../proto/gen/zhengzhao/v1/scope_catalog_pb.js';
import { Batches, type Source } from './batches.js';
import { submitInBatches } from './batch-submission.js';
import type { CallOptions, HubClient } from './client.js';
import { patientClient } from './patient-client.js';
import { Patience, type PatienceOptions } from './patience.js';
import { streamInto } from './record-stream.js';
import type { Settled } from './settled.js';

/** A registration event, or what makes one. */
export type RegistrationInit = MessageInitShape<typeof RegistrationEventSchema>;
/** A licence, filing, inspection or penalty, or what makes one. */
export type RecordInit = MessageInitShape<typeof RecordSchema>;

/**
 * A hub as its callers see it. Single calls have deadlines and are repeated where that is safe;
 * everything fails with HubClientError.
 */
export interface Hub {
  readonly scopeCatalog: HubClient<typeof ScopeCatalog>;
  readonly registration: HubClient<typeof Registration>;
  readonly exchange: HubClient<typeof Exchange>;
  readonly dataCenter: HubClient<typeof DataCenter>;
  /** Submits events in batches, in their order; each comes back when it is settled. */
  submitRegistrations<T extends RegistrationInit>(
    events: Source<T>,
    options?: CallOptions,
  ): AsyncIterable<Settled<T>>;
  /** Submits any number of records, over one stream where the transport has streams. */
  submitRecords<T extends RecordInit>(
    records: Source<T>,
    options?: CallOptions,
  ): AsyncIterable<Settled<T>>;
  /** Ends the connections. */
  close(): void;
}

/** What a hub is reached by. */
export interface HubLine {
  client<S extends DescService>(service: S): HubClient<S>;
  /** Whether records can be streamed. */
  readonly streams: boolean;
  close(): void;
}

/** The hub behind a line. */
export function hubOver(line: HubLine, options: PatienceOptions = {}): Hub {
  const patience = new Patience(options);
  const patient = <S extends DescService>(service: S): HubClient<S> =>
    patientClient(service, line.client(service), patience);
  const registration = line.client(Registration);
  const exchange = line.client(Exchange);
  return {
    scopeCatalog: patient(ScopeCatalog),
    registration: patient(Registration),
    exchange: patient(Exchange),
    dataCenter: patient(DataCenter),
    submitRegistrations: <T extends RegistrationInit>(events: Source<T>, call?: CallOptions) =>
      submitInBatches(
        new Batches<T>(events, sizeIn(RegistrationEventSchema)),
        async (batch) =>
          (await registration.batchSubmitRegistrations({ registrations: [...batch] }, call))
            .results,
        patience,
        call?.signal,
      ),
    submitRecords: <T extends RecordInit>(records: Source<T>, call: CallOptions = {}) => {
      const batches = new Batches<T>(records, sizeIn(RecordSchema));
      if (line.streams) return streamInto(exchange.streamRecords, batches, patience, call);
      return submitInBatches(
        batches,
        async (batch) => (await exchange.batchSubmitRecords({ records: [...batch] }, call)).results,
        patience,
        call.signal,
      );
    },
    close: line.close,
  };
}

function sizeIn<D extends DescMessage>(schema: D): (message: MessageInitShape<D>) => number {
  return (message) => toBinary(schema, create(schema, message)).length;
}
