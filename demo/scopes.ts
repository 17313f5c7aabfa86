import { create } from '@bufbuild/protobuf';
import {
  PermitItemRefSchema,
  type RegistrationEvent,
} from '#gen/zhengzhao/v1/registration_event_pb.js';
import { normaliseName } from '../server/domain/identifiers/text.js';
import { parseScopeText } from '../server/domain/catalog/scope-text.js';
import type { DemoNode } from './nodes.js';
import type { ImpliedItem } from './plan.js';

/** Entry code by the name in which names are compared. */
export type EntryCodes = ReadonlyMap<string, string>;

/** What a registrar writes into an event after ticking entries. */
export interface CodedScope {
  readonly items: readonly ImpliedItem[];
  readonly fields: Pick<
    RegistrationEvent,
    'opScope' | 'scopeEntryCodes' | 'catalogVersion' | 'licenseSeparationFlag' | 'permitItems'
  >;
}

const PAGE = 1000;

/** All entries that a node offers, asked page by page (F1). */
export async function readEntries({ catalog }: Pick<DemoNode, 'catalog'>): Promise<EntryCodes> {
  const codes = new Map<string, string>();
  let pageToken = '';
  do {
    const page = await catalog.listScopeEntries({ pageSize: PAGE, pageToken });
    for (const { name, scopeEntryCode } of page.entries)
      codes.set(normaliseName(name), scopeEntryCode);
    pageToken = page.nextPageToken;
  } while (pageToken !== '');
  return codes;
}

/** Codes of a text of which every expression is in the catalogue; undefined for any other text. */
export function codesOf(text: string, entries: EntryCodes): string[] | undefined {
  const expressions = parseScopeText(text);
  const codes = knownCodesOf(text, entries);
  const all = new Set(expressions.map(normaliseName)).size;
  return codes.length > 0 && codes.length === all ? codes : undefined;
}

/** Codes of those expressions of a text that are in the catalogue. */
export function knownCodesOf(text: string, entries: EntryCodes): string[] {
  const codes = parseScopeText(text).map((expression) => entries.get(normaliseName(expression)));
  return [...new Set(codes.filter((code) => code !== undefined))];
}

/** A free-trade zone as the registrar judged it (R43). */
export interface Zone {
  readonly ftz: string;
  readonly ftzArea: string;
}

/** What the node makes of ticked entries: text, permit items and their departments (R8, R22). */
export async function resolve(
  node: Pick<DemoNode, 'catalog'>,
  regionCode: string,
  scopeEntryCodes: readonly string[],
  onDate: string,
  zone: Partial<Zone> = {},
): Promise<CodedScope> {
  const answer = await node.catalog.resolveScope({
    regionCode,
    scopeEntryCodes: [...scopeEntryCodes],
    onDate,
    ...zone,
  });
  const items = answer.items.map((item): ImpliedItem => ({
    code: item.permitItemCode,
    name: item.permitItemName,
    mode: item.reformMode,
    departments: item.receivingDepartments.map(({ orgCode, orgName }) => ({
      code: orgCode,
      name: orgName,
    })),
  }));
  return {
    items,
    fields: {
      opScope: answer.opScope,
      scopeEntryCodes: [...scopeEntryCodes],
      catalogVersion: answer.catalogVersion,
      licenseSeparationFlag: items.length > 0,
      permitItems: answer.items.flatMap((item) =>
        item.receivingDepartments.map(({ orgCode, orgName }) =>
          create(PermitItemRefSchema, {
            permitItemCode: item.permitItemCode,
            permitItemName: item.permitItemName,
            receivingDeptCode: orgCode,
            receivingDeptName: orgName,
            scopeEntryCodes: item.scopeEntryCodes,
          }),
        ),
      ),
    },
  };
}
