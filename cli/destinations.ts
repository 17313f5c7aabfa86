import {
  DestinationKindSchema,
  RouteOutcomeSchema,
  type Destination,
} from '#gen/zhengzhao/v1/common_pb.js';
import { tableOf } from './table.js';
import { nameOf } from './words.js';

/** Where a message goes, and by which clause; '' when it goes nowhere. */
export function destinationsTable(destinations: readonly Destination[]): string {
  return tableOf(
    ['去向 to', '名称 name', '结果 outcome', '规则 rule', '条款 clause', '理由 why'],
    destinations.map((one) => [
      one.code || nameOf(DestinationKindSchema, one.kind),
      one.name,
      nameOf(RouteOutcomeSchema, one.outcome),
      one.rule,
      one.clause,
      `${one.reasonZh}\n${one.reasonEn}`,
    ]),
  );
}
