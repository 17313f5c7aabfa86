import type { Filing, Inspection, Licence, Penalty, Record } from '#gen/zhengzhao/v1/record_pb.js';
import { given, joined, lastDay, named, period, yuan, type Fact } from './facts.js';
import type { Reader } from './reader.js';

/** What is shown of a record besides its day, title, authority and source. */
export function recordFacts({ body }: Record, reader: Reader): Fact[] {
  switch (body.case) {
    case 'licence':
      return licenceFacts(body.value, reader);
    case 'filing':
      return filingFacts(body.value, reader);
    case 'inspection':
      return inspectionFacts(body.value, reader);
    case 'penalty':
      return penaltyFacts(body.value, reader);
    case undefined:
      return [];
  }
}

function licenceFacts(licence: Licence, reader: Reader): Fact[] {
  const { words, names, language } = reader;
  const { fields, categories } = words;
  const category = { text: categories[licence.licCategory], language };
  return [
    ...given(fields.item, licence.permitItemName),
    ...given(fields.licenceNo, licence.licNo),
    ...given(fields.document, `${licence.licDocName} ${licence.licDocNo}`),
    ...named(fields.category, category),
    ...given(fields.content, licence.licItem),
    ...period(fields.validity, [licence.valFrom, licence.valTo, licence.longTerm], reader),
    ...(licence.commitmentFlag ? named(fields.commitment, names.value('reform_mode', '3')) : []),
    ...given(fields.endReason, licence.endReason),
  ];
}

function filingFacts({ filingNo }: Filing, { words: { fields } }: Reader): Fact[] {
  return given(fields.filingNo, filingNo);
}

function inspectionFacts(inspection: Inspection, { words: { fields }, names }: Reader): Fact[] {
  const { inspType, inspWay, taskNo, resultCodes, disposalCodes, permitItemCode } = inspection;
  const type = [
    names.value('inspection_type', inspType),
    ...(inspWay ? [names.value('inspection_way', inspWay)] : []),
  ];
  return [
    ...named(fields.inspectionType, joined(type)),
    ...given(fields.task, taskNo),
    ...named(
      fields.result,
      joined(resultCodes.map((one) => names.value('inspection_result', one))),
    ),
    ...given(fields.resultText, inspection.resultText),
    ...named(
      fields.disposal,
      joined(disposalCodes.map((one) => names.value('inspection_disposal', one))),
    ),
    ...(permitItemCode ? named(fields.item, names.permitItem(permitItemCode)) : []),
    ...given(fields.relatedLicence, inspection.relatedLicenceNo),
  ];
}

function penaltyFacts(penalty: Penalty, { words, names, language }: Reader): Fact[] {
  const { fields, penaltyStates } = words;
  const amount = (label: string, fen: bigint): Fact[] =>
    fen === 0n ? [] : named(label, { text: `${yuan(fen)} ${words.yuan}`, language });
  return [
    ...given(fields.decisionNo, penalty.penDecNo),
    ...given(fields.lerep, penalty.lerep),
    ...given(fields.illegalFact, penalty.illegalFact),
    ...given(fields.basis, penalty.basis),
    ...named(
      fields.penaltyTypes,
      joined(penalty.penTypes.map((one) => names.value('penalty_type', one))),
    ),
    ...given(fields.penalty, penalty.penContent),
    ...amount(fields.fine, penalty.fineFen),
    ...amount(fields.forfeit, penalty.forfeitFen),
    ...given(fields.forfeit, penalty.forfeitGoods),
    ...given(fields.seizedLicence, penalty.licenceNameNo),
    ...named(fields.penaltyState, { text: penaltyStates[penalty.state], language }),
    ...named(fields.publicUntil, { text: lastDay(penalty.publicityTo, words), language }),
    ...given(fields.relatedLicence, penalty.relatedLicenceNo),
  ];
}
