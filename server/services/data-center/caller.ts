import type { DataCenter } from '#gen/zhengzhao/v1/data_center_pb.js';
import type { ServiceMethods } from '../../doors/service.js';
import { ROLE_NAMES } from '../../domain/access/principal.js';
import type { DataCenterParts } from '../data-center.js';

/** 调用方: who somebody is here, by what it showed, and whom it asked. */
export function callerMethods({
  node,
}: Pick<DataCenterParts, 'node'>): Pick<ServiceMethods<typeof DataCenter>, 'getCaller'> {
  return {
    async getCaller(_request, { principal: { role, code } }) {
      const { zh, en } = ROLE_NAMES[role];
      return { role, roleZh: zh, roleEn: en, code, node };
    },
  };
}
