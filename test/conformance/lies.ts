import { clone } from '@bufbuild/protobuf';
import {
  DestinationKind,
  NamingState,
  RouteOutcome,
  type Destination,
  type Finding,
  type Receipt,
} from '#gen/zhengzhao/v1/common_pb.js';
import type { PermitItem } from '#gen/zhengzhao/v1/catalog_pb.js';
import { ReformMode } from '#gen/zhengzhao/v1/common_pb.js';
import { RecordSchema, type Record as EnterpriseRecord } from '#gen/zhengzhao/v1/record_pb.js';
import type { Enterprise } from '#gen/zhengzhao/v1/registration_pb.js';
import type { Lie } from './falsifier.js';

/** A node that gives one wrong answer, and the checks that must see it. */
export interface KnownLie {
  readonly why: string;
  readonly fails: readonly string[];
  readonly lie: Lie;
}

/** Leaves out the findings of some fields; without errors the message is acceptable. */
function overlooks(...fields: readonly string[]): Lie {
  return {
    checkRegistration: (answer) => {
      const findings = answer['findings'] as Finding[];
      answer['findings'] = findings.filter(
        ({ field }) => !fields.some((one) => field.startsWith(one)),
      );
    },
  };
}

/** Says what becomes of the destinations of registrations. */
function sends(change: (destinations: Destination[]) => Destination[]): Lie {
  return {
    checkRegistration: (answer) => {
      answer['destinations'] = change(answer['destinations'] as Destination[]);
    },
  };
}

function sendsRecords(change: (one: Destination) => Destination | undefined): Lie {
  return {
    checkRecord: (answer) => {
      answer['destinations'] = (answer['destinations'] as Destination[]).flatMap(
        (one) => change(one) ?? [],
      );
    },
  };
}

const without =
  (kind: DestinationKind) =>
  (destinations: Destination[]): Destination[] =>
    destinations.filter((one) => one.kind !== kind);

/** A node that forgets the departments of items of one reform mode. */
function forgets(mode: ReformMode): Lie {
  let codes: readonly string[] = [];
  return {
    listPermitItems: (answer) => {
      codes = (answer['items'] as PermitItem[])
        .filter(({ reformMode }) => reformMode === mode)
        .map(({ permitItemCode }) => permitItemCode);
    },
    checkRegistration: (answer) => {
      for (const one of answer['destinations'] as Destination[])
        one.permitItemCodes = one.permitItemCodes.filter((code) => !codes.includes(code));
    },
  };
}

export const LIES: readonly KnownLie[] = [
  {
    why: 'an item without a reform mode',
    fails: ['R3'],
    lie: {
      listPermitItems: (answer) => {
        const last = (answer['items'] as PermitItem[]).at(-1);
        if (last) last.reformMode = ReformMode.UNSPECIFIED;
      },
    },
  },
  {
    why: 'no catalogue',
    fails: ['R4'],
    lie: {
      getCatalogVersion: (answer) => {
        delete answer['catalogVersion'];
      },
    },
  },
  {
    why: 'an item without entries',
    fails: ['R6'],
    lie: {
      listPermitItems: (answer) => {
        const last = (answer['items'] as PermitItem[]).at(-1);
        if (last) last.scopeEntryCodes = [];
      },
    },
  },
  {
    why: 'a search that finds nothing',
    fails: ['R7'],
    lie: {
      searchScopeEntries: (answer) => {
        answer['matches'] = [];
      },
    },
  },
  {
    why: 'a scope without its text',
    fails: ['R8'],
    lie: {
      resolveScope: (answer) => {
        answer['opScope'] = '无';
      },
    },
  },
  {
    why: 'items that were abolished reach nobody',
    fails: ['R9'],
    lie: forgets(ReformMode.CANCELLED),
  },
  { why: 'filings reach nobody', fails: ['R11'], lie: forgets(ReformMode.FILING) },
  { why: 'commitments reach nobody', fails: ['R12'], lie: forgets(ReformMode.COMMITMENT) },
  { why: 'optimised items reach nobody', fails: ['R15'], lie: forgets(ReformMode.OPTIMISED) },
  {
    why: 'the flag is not looked at',
    fails: ['R21'],
    lie: overlooks('license_separation_flag'),
  },
  {
    why: 'what is right is refused',
    fails: ['R22'],
    lie: {
      checkRegistration: (answer) => {
        answer['acceptable'] = false;
      },
    },
  },
  { why: 'a scope by text alone is taken', fails: ['R24'], lie: overlooks('scope_entry_codes') },
  {
    why: 'a department too many is told',
    fails: ['R26'],
    lie: sends((destinations) => {
      const one = destinations.find(({ kind }) => kind === DestinationKind.DEPARTMENT);
      return one ? [...destinations, { ...one, code: '330000000M999' }] : destinations;
    }),
  },
  {
    why: 'registrations stay in the province',
    fails: ['R34'],
    lie: sends(without(DestinationKind.NATIONAL)),
  },
  { why: 'only the first error is told', fails: ['R42'], lie: overlooks('est_date') },
  { why: 'a zone without its area is taken', fails: ['R43'], lie: overlooks('ftz_area_name') },
  {
    why: 'licences are refused',
    fails: ['R13', 'R55'],
    lie: {
      checkRecord: (answer) => {
        answer['acceptable'] = false;
      },
    },
  },
  {
    why: 'a filing of any item is taken',
    fails: ['R44'],
    lie: {
      checkRecord: (answer) => {
        const findings = answer['findings'] as Finding[];
        answer['findings'] = findings.filter(({ field }) => !field.includes('permit_item_code'));
      },
    },
  },
  {
    why: 'records of others are kept back',
    fails: ['R52'],
    lie: sendsRecords((one) =>
      one.kind === DestinationKind.NATIONAL && one.outcome !== RouteOutcome.HELD_BACK
        ? undefined
        : one,
    ),
  },
  {
    why: 'what is not public goes up',
    fails: ['R55'],
    lie: sendsRecords((one) =>
      one.outcome === RouteOutcome.HELD_BACK ? { ...one, outcome: RouteOutcome.SEND } : one,
    ),
  },
  {
    why: 'a repetition gets another receipt',
    fails: ['R34 written'],
    lie: {
      submitRegistration: (answer) => {
        const receipt = answer['receipt'] as Receipt;
        if (receipt.duplicate) receipt.receiptNo += '1';
      },
    },
  },
  {
    why: 'no package waits',
    fails: ['R32 written'],
    lie: {
      listPackages: (answer) => {
        answer['packages'] = [];
      },
    },
  },
  {
    why: 'a licence is nobody’s',
    fails: ['R29 written'],
    lie: {
      getMessage: (answer) => {
        answer['namingState'] = NamingState.UNSPECIFIED;
      },
    },
  },
  {
    why: 'a public licence is not shown',
    fails: ['R41 written'],
    lie: {
      getDisclosure: (answer) => {
        answer['licences'] = [];
      },
    },
  },
  {
    why: 'a licence that is not public is shown',
    fails: ['R55 written'],
    lie: {
      getDisclosure: (answer) => {
        const licences = answer['licences'] as { record?: EnterpriseRecord }[];
        const [one] = licences;
        if (!one?.record) return;
        const leaked = clone(RecordSchema, one.record);
        if (leaked.envelope)
          leaked.envelope.businessKey = leaked.envelope.businessKey.replace('public', 'withheld');
        licences.push({ ...one, record: leaked });
      },
    },
  },
  {
    why: 'a cancelled enterprise lives on',
    fails: ['R30 written'],
    lie: {
      getEnterprise: (answer) => {
        (answer['enterprise'] as Enterprise).regState = '1';
      },
    },
  },
];
