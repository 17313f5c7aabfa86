import { ReformMode } from '#gen/zhengzhao/v1/common_pb.js';
import type { Record } from '#gen/zhengzhao/v1/record_pb.js';
import { otherProvince, type Cast } from './cast.js';
import { GUANGDONG, NATIONAL, ZHEJIANG, type NodeCode } from './nodes.js';
import type { PlannedRecord, Subject } from './plan.js';
import {
  filing,
  inspection,
  kindOf,
  licence,
  makeSecret,
  penalty,
  type RecordForm,
} from './record-forms.js';
import { formerNameOf } from './registrations.js';

type Way = Partial<Pick<PlannedRecord, 'naming' | 'publicity' | 'secret' | 'waits'>>;

/** A record and its way: public and attributed by itself unless `way` says something else. */
export function plannedRecord(
  at: NodeCode,
  { province }: Pick<Subject, 'province'>,
  record: Record,
  way: Way = {},
): PlannedRecord {
  return {
    kind: kindOf(record),
    at,
    home: province,
    record,
    naming: 'by itself',
    publicity: 'public',
    secret: '',
    waits: false,
    ...way,
  };
}

/** What provincial departments report of their own enterprises: the bulk (R40). */
export function provincialRecords(cast: Cast): PlannedRecord[] {
  const everybody = [cast.star, cast.renamed, ...cast.zhejiang, ...cast.guangdong];
  return everybody.flatMap((subject, index) => [
    ...permitsOf(subject),
    ...(index % 2 === 0 ? [regulated(cast, subject, inspection)] : []),
    ...(index % 5 === 0 ? [regulated(cast, subject, penalty)] : []),
  ]);
}

/** One licence or filing for each item that the scope implies (R11–R15). */
function permitsOf(subject: Subject): PlannedRecord[] {
  return subject.items.flatMap((item) => {
    const [by] = item.departments;
    if (!by || item.mode === ReformMode.CANCELLED) return [];
    const form: RecordForm = { at: subject.province, by, about: subject };
    const record = item.mode === ReformMode.FILING ? filing(form, item) : licence(form, item);
    return [plannedRecord(subject.province, subject, record)];
  });
}

function regulated(
  cast: Cast,
  subject: Subject,
  make: (form: RecordForm) => Record,
): PlannedRecord {
  const by = cast.regulators[subject.province];
  const form: RecordForm = { at: subject.province, by, about: subject };
  return plannedRecord(subject.province, subject, make(form));
}

/** What 总局 and other central departments decide: down, attributed, up, published (R19, R36–R38). */
export function nationalRecords(cast: Cast): PlannedRecord[] {
  const { nationalItem, centralItem } = cast;
  const by = nationalItem.by;
  const licensed = [...cast.zhejiang.slice(0, 8), ...cast.guangdong.slice(0, 6)];
  const judged = [...cast.zhejiang.slice(8, 10), ...cast.guangdong.slice(6, 8)];
  const central = [...cast.zhejiang.slice(10, 11), ...cast.guangdong.slice(8, 9)];
  return [
    ...licensed.map((about) =>
      national(about, licence({ at: NATIONAL, by, about }, nationalItem.item)),
    ),
    ...judged.flatMap((about) => [
      national(about, penalty({ at: NATIONAL, by, about })),
      national(about, inspection({ at: NATIONAL, by, about })),
    ]),
    ...central.map((about) =>
      national(about, licence({ at: NATIONAL, by: centralItem.by, about }, centralItem.item)),
    ),
  ];
}

function national(subject: Subject, record: Record, way: Way = {}): PlannedRecord {
  return plannedRecord(NATIONAL, subject, record, way);
}

/** The licence whose life line is told. */
export function starLicence({ star, nationalItem }: Cast): PlannedRecord {
  const form = { at: NATIONAL, by: nationalItem.by, about: star } as const;
  return national(star, licence(form, nationalItem.item));
}

/** From a department of one province for an enterprise of the other: always two hops (R52, R53). */
export function recordsAcrossProvinces(cast: Cast): PlannedRecord[] {
  const { provincialItem } = cast;
  const abouts = [...cast.zhejiang.slice(11, 14), ...cast.guangdong.slice(9, 11)];
  return abouts.flatMap((about) => {
    const at = otherProvince(about.province);
    const form: RecordForm = { at, by: cast.regulators[at], about };
    return [
      // Until the national node has taken it, it waits at a province that does not know the enterprise.
      plannedRecord(at, about, licence(form, provincialItem), { waits: true }),
      plannedRecord(at, about, penalty(form), { waits: true }),
    ];
  });
}

/** Records that name the enterprise otherwise than its registration does now (VR25). */
export function misnamedRecords(cast: Cast): PlannedRecord[] {
  const { renamed, nationalItem } = cast;
  const [zhejiang] = cast.zhejiang.slice(14);
  const [guangdong] = cast.guangdong.slice(11);
  if (!zhejiang || !guangdong) throw new Error('The sample has too few enterprises.');
  const former = { ...renamed, name: formerNameOf(renamed) };
  const wrong = (about: Subject): Subject => ({ ...about, name: '名称不符（演示）有限公司' });
  const by = nationalItem.by;
  return [
    regulated(cast, former, inspection),
    national(former, licence({ at: NATIONAL, by, about: former }, nationalItem.item)),
    { ...regulated(cast, wrong(zhejiang), penalty), naming: 'never', waits: true },
    national(zhejiang, penalty({ at: NATIONAL, by, about: wrong(zhejiang) }), {
      naming: 'by hand',
    }),
    { ...regulated(cast, wrong(guangdong), inspection), naming: 'sent back', waits: true },
  ];
}

/** Records that come before the registration of their enterprise, and go on by themselves (R36). */
export function earlyRecords(cast: Cast): PlannedRecord[] {
  const { late, nationalItem } = cast;
  // Without the registration authority the national node can not know the province (D3).
  const unplaced = { ...late, event: { ...late.event, regOrg: '' } };
  const form: RecordForm = { at: NATIONAL, by: nationalItem.by, about: unplaced };
  return [
    national(late, licence(form, nationalItem.item), { waits: true }),
    { ...regulated(cast, late, penalty), waits: true },
  ];
}

/** Records that are not public from the start: they stay in their province (R54, R55). */
export function nonPublicRecords(cast: Cast): PlannedRecord[] {
  const [a, b, c] = cast.zhejiang.slice(15);
  const [d, e] = cast.guangdong.slice(12);
  if (!a || !b || !c || !d || !e) throw new Error('The sample has too few enterprises.');
  const item = cast.provincialItem;
  return [
    ...[a, b, d].map((about) =>
      secretly(cast, about, about.province, (form) => licence(form, item)),
    ),
    secretly(cast, c, ZHEJIANG, (form) => filing(form, filingItemOf(cast))),
    secretly(cast, b, ZHEJIANG, inspection),
    secretly(cast, e, GUANGDONG, penalty),
    // Of another province: it may not even go to the national node to be sent on.
    secretly(cast, c, GUANGDONG, (form) => licence(form, item)),
  ];
}

function secretly(
  cast: Cast,
  about: Subject,
  at: typeof ZHEJIANG | typeof GUANGDONG,
  make: (form: RecordForm) => Record,
): PlannedRecord {
  const secret = makeSecret();
  const form = { at, by: cast.regulators[at], about, secret, nonPublic: true };
  const naming = about.province === at ? 'by itself' : 'never';
  const waits = naming === 'never';
  return plannedRecord(at, about, make(form), { publicity: 'non-public', secret, naming, waits });
}

function filingItemOf(cast: Cast): { code: string; name: string } {
  const item = cast.zhejiang
    .flatMap(({ items }) => items)
    .find(({ mode }) => mode === ReformMode.FILING);
  if (!item) throw new Error('No enterprise of the sample has an item of mode 2.');
  return item;
}

/** A national licence that is not public goes down and is attributed, but not up again (D8). */
export function nonPublicNationalRecord(cast: Cast): PlannedRecord {
  const [about] = cast.zhejiang.slice(18);
  if (!about) throw new Error('The sample has too few enterprises.');
  const secret = makeSecret();
  const form = { at: NATIONAL, by: cast.nationalItem.by, about, secret, nonPublic: true } as const;
  return national(about, licence(form, cast.nationalItem.item), {
    publicity: 'non-public',
    secret,
  });
}

/** A public penalty that cites a licence which is not public: the citation must not go up (D5). */
export function penaltyCiting(cast: Cast, hidden: PlannedRecord, about: Subject): PlannedRecord {
  const { body } = hidden.record;
  const number = body.case === 'licence' ? body.value.licNo : '';
  const form: RecordForm = { at: hidden.home, by: cast.regulators[hidden.home], about };
  return plannedRecord(hidden.home, about, penalty(form, number));
}

/** Licences that are public at first and marked after they went up: withdrawn (D7, F20). */
export function recordsMarkedLater(cast: Cast): PlannedRecord[] {
  const abouts = [...cast.zhejiang.slice(19, 21), ...cast.guangdong.slice(14, 15)];
  return abouts.map((about, index) => {
    const secret = makeSecret();
    const form = { at: about.province, by: cast.regulators[about.province], about, secret };
    const publicity = index === 0 ? 'marked and cleared' : 'marked later';
    return plannedRecord(about.province, about, licence(form, cast.provincialItem), {
      publicity,
      secret,
    });
  });
}
