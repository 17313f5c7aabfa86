import type { MessageInitShape } from '@bufbuild/protobuf';
import { ErrorReason } from '#gen/zhengzhao/v1/error_reason_pb.js';
import type {
  ImpliedPermitItemSchema,
  ResolveScopeRequest,
  ScopeCatalog,
} from '#gen/zhengzhao/v1/scope_catalog_pb.js';
import { resolveScope, type ImpliedItem } from '../../domain/catalog/scope-resolution.js';
import { HubError } from '../../domain/errors.js';
import type { ServiceMethods } from '../../doors/service.js';
import { provinceOf } from '../../reference/region-codes.js';
import { indexZones } from '../../reference/zone-index.js';
import type { ScopeCatalogDeps } from '../scope-catalog.js';
import { viewOn } from './view-on.js';

type ResolveMethods = Pick<ServiceMethods<typeof ScopeCatalog>, 'resolveScope'>;

const MAX_CODES = 200;
const REGION = /^\d{6}$/;

/** ResolveScope: what a registrar needs while ticking boxes (R8, R21, R22, R24). */
export function resolveMethods(deps: ScopeCatalogDeps): ResolveMethods {
  const zoneOf = indexZones(deps.reference.freeTradeZones.values());
  return {
    async resolveScope(request) {
      if (request.scopeEntryCodes.length > MAX_CODES) throw tooManyCodes(request);
      const view = viewOn(deps, request.onDate);
      const { regionCode } = request;
      const answer = resolveScope(
        { ...request, province: REGION.test(regionCode) ? provinceOf(regionCode) : undefined },
        {
          view,
          zoneOf,
          isKnownCode: (code) => deps.shelf.current().knowsEntry(code),
          pilotEverywhere: deps.pilotEverywhere ?? false,
        },
      );
      return {
        opScope: answer.opScope,
        entries: [...answer.entries],
        items: answer.items.map(impliedItem),
        licenseSeparationFlag: answer.licenseSeparationFlag,
        catalogVersion: view.version,
        provisional: view.provisional,
        findings: [...answer.findings],
        stale: deps.isStale(),
      };
    },
  };
}

function impliedItem(implied: ImpliedItem): MessageInitShape<typeof ImpliedPermitItemSchema> {
  const { item, nextStep } = implied;
  return {
    permitItemCode: item.permitItemCode,
    permitItemName: item.name,
    reformMode: item.reformMode,
    setLevel: item.setLevel,
    scopeEntryCodes: [...implied.entryCodes],
    receivingDepartments: [...implied.receivers],
    nextStepZh: nextStep.zh,
    nextStepEn: nextStep.en,
    clause: nextStep.clause,
  };
}

function tooManyCodes(request: ResolveScopeRequest): HubError {
  const actual = request.scopeEntryCodes.length;
  return new HubError(
    ErrorReason.TOO_MANY_ITEMS,
    {
      zh: `一次最多解析 ${MAX_CODES} 个条目，现有 ${actual} 个。`,
      en: `At most ${MAX_CODES} entries can be resolved at once; there are ${actual}.`,
    },
    { metadata: { limit: String(MAX_CODES), actual: String(actual) } },
  );
}
