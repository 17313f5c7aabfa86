import type { Exchange } from '#gen/zhengzhao/v1/exchange_pb.js';
import type { ServiceMethods } from '../doors/service.js';
import { createNodeMethods, type BetweenNodesParts } from './exchange/between-nodes.js';
import { createOperationMethods, type OperationsParts } from './exchange/operations.js';
import { createRecordMethods, type RecordParts } from './exchange/records.js';
import { createTracingMethods, type TracingParts } from './exchange/tracing.js';

/** What the service needs: the parts of its four rooms. */
export type ExchangeParts = RecordParts & BetweenNodesParts & TracingParts & OperationsParts;

/** The exchange service of a node. */
export function createExchange(parts: ExchangeParts): ServiceMethods<typeof Exchange> {
  return {
    ...createRecordMethods(parts),
    ...createNodeMethods(parts),
    ...createTracingMethods(parts),
    ...createOperationMethods(parts),
  };
}
