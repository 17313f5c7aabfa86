import type { Finding } from '#gen/zhengzhao/v1/common_pb.js';
import { choicesText } from '../../server/dictionary/choice-codes.js';
import type { Misfit } from '../../server/dictionary/from-row.js';
import type { Field } from '../../server/dictionary/field.js';
import { errorFinding } from '../../server/domain/finding.js';
import { quote } from '../../server/domain/validation/quotation.js';
import type { RowFault } from './source.js';

/** The finding for a value that its field can't take, with what it can (R51). */
export function misfitFinding({ column, value }: Misfit): Finding {
  const { term, name, type } = column.field;
  const { zh, en } = quote(value);
  const wanted = wantedOf(column.field);
  const [rule, code] = type === 'choice' ? ['VR10', 'CODE_UNKNOWN'] : ['R51', 'COLUMN_VALUE'];
  return errorFinding(rule ?? '', column.fieldPath, code ?? '', {
    zh: `${term}(${name})不能为“${zh}”,应为${wanted.zh}。`,
    en: `${name} can't be "${en}"; write ${wanted.en}.`,
  });
}

function wantedOf(field: Field): { readonly zh: string; readonly en: string } {
  switch (field.type) {
    case 'choice': {
      const choices = choicesText(field.values);
      return { zh: `以下名称或代码之一:${choices}`, en: `a name or code of ${choices}` };
    }
    case 'flag':
      return { zh: '“是”或“否”', en: 'true or false' };
    case 'instant':
      return { zh: '时间,如 2019-12-16 09:30:00', en: 'a time such as 2019-12-16 09:30:00' };
    case 'fen':
      return { zh: '金额,精确到分', en: 'an amount, whole in 分' };
    case 'whole':
      return { zh: '整数', en: 'a whole number' };
    case 'part':
      return { zh: 'JSON 对象的列表', en: 'a JSON list of objects with the columns as keys' };
    default:
      return { zh: '文字', en: 'text' };
  }
}

/** The finding for a row that is wrong as a whole, or for one of its columns. */
export function faultFinding({ column, code, zh, en }: RowFault): Finding {
  return errorFinding('R51', column, code, { zh, en });
}
