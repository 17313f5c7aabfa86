import { MessageKind } from '#gen/zhengzhao/v1/common_pb.js';
import { orgCodeCheckDigit } from '../../server/domain/identifiers/org-code.js';
import { usccCheckDigit } from '../../server/domain/identifiers/uscc.js';
import { recordName, type Deed } from '../oracle/history.js';
import type { Random } from '../random.js';
import { NATIONAL, NODES, PROVINCES, type NodeCode, type Province } from '../stage/places.js';
import type { Authorities } from './authorities.js';
import { publicityChange, record, registration, type RecordClass } from './forms.js';
import { digestOf, type Content, type Letter } from './letter.js';

/** Stands in the text of records that are never public: at the national node it must be nowhere. */
export const SECRET_WORD = '混沌绝密文字';

const CLASSES: readonly RecordClass[] = [
  MessageKind.LICENCE,
  MessageKind.INSPECTION,
  MessageKind.PENALTY,
];

interface OpenRecord {
  readonly at: NodeCode;
  readonly kind: RecordClass;
  readonly key: string;
  /** Marked from its first version and for ever. */
  readonly secret: boolean;
  version: number;
  changes: number;
  marked: boolean;
}

/** An enterprise in the hands of one client, which sends what happens to it one by one. */
export class Enterprise {
  readonly uscc: string;
  readonly home: Province;
  readonly #records: OpenRecord[] = [];
  readonly #past: Letter[] = [];
  #names = 0;
  #keys = 0;

  constructor(
    private readonly number: number,
    private readonly authorities: Authorities,
    private readonly random: Random,
  ) {
    this.home = random.pick(PROVINCES);
    this.uscc = usccOf(number, this.#registrar.district.code);
  }

  /** Messages so far. */
  get length(): number {
    return this.#past.length;
  }

  /** What happens next: its establishment first, then anything. */
  next(): Letter {
    const { random } = this;
    if (this.#names === 0 || random.onceIn(5)) return this.#register();
    const open = this.#records.filter(({ secret }) => !secret);
    const known = this.#records.length > 0 ? random.pick(this.#records) : undefined;
    if (open.length > 0 && random.onceIn(4)) return this.#changeMark(random.pick(open));
    if (known && random.onceIn(4)) return this.#revise(known);
    return this.#decide();
  }

  /** A message of before, to be sent the same again. */
  earlier(): Letter | undefined {
    return this.#past.length > 0 ? this.random.pick(this.#past) : undefined;
  }

  get #registrar() {
    const registrar = this.authorities.registrars.get(this.home);
    if (!registrar) throw new Error(`Nobody registers in ${this.home}.`);
    return registrar;
  }

  #nameAt(version: number): string {
    return `混沌测试${this.number}号第${version}版餐饮管理有限公司`;
  }

  #register(): Letter {
    this.#names += 1;
    const name = this.#nameAt(this.#names);
    const messageId = this.#newId();
    const event = registration({
      node: this.home,
      messageId,
      uscc: this.uscc,
      name,
      formerName: this.#names > 1 ? this.#nameAt(this.#names - 1) : undefined,
      procedure: `HD-${this.uscc}-B${this.#names}`,
      registrar: this.#registrar,
    });
    const content: Content = { kind: 'registration', registration: event };
    return this.#letter(this.home, messageId, { type: 'registration', name }, content);
  }

  /** Most records are decided in the own province, some in the other one or by 总局. */
  #decide(): Letter {
    const { random } = this;
    const at = random.onceIn(6) ? random.pick(NODES) : this.home;
    const provincial = at !== NATIONAL;
    // A licence of 总局 needs an item that 总局 decides; its inspections and penalties do not.
    const kind = random.pick(provincial ? CLASSES : CLASSES.slice(1));
    const secret = provincial && random.onceIn(8);
    this.#keys += 1;
    const opened: OpenRecord = {
      at,
      kind,
      key: `HD-${this.uscc}-${this.#keys}`,
      secret,
      version: 0,
      changes: 0,
      marked: secret || (provincial && random.onceIn(8)),
    };
    this.#records.push(opened);
    return this.#revise(opened);
  }

  /** The next version of a record; without the mark when that was set by a change of its own. */
  #revise(open: OpenRecord): Letter {
    open.version += 1;
    const { at, kind, key, version, secret } = open;
    const messageId = this.#newId();
    const marked = secret || (version === 1 && open.marked);
    const by = this.#decider(at);
    const content: Content = {
      kind: 'record',
      record: record({
        node: at,
        messageId,
        key,
        version,
        kind,
        by,
        item: this.authorities.item,
        about: {
          uscc: this.uscc,
          name: this.#nameAt(this.#names),
          regOrg: this.#registrar.district.code,
        },
        nonPublic: marked,
        text: secret ? SECRET_WORD : `第${version}版`,
      }),
    };
    const name = recordName(kind, by.code, key);
    return this.#letter(at, messageId, { type: 'record', record: name, version, marked }, content);
  }

  #changeMark(open: OpenRecord): Letter {
    if (open.at === NATIONAL) return this.#revise(open);
    open.changes += 1;
    open.marked = !open.marked;
    const { at, kind, key, changes: version, marked: nonPublic } = open;
    const messageId = this.#newId();
    const ownerOrg = this.#decider(at).code;
    const change = publicityChange({
      node: at,
      messageId,
      version,
      kind,
      ownerOrg,
      key,
      nonPublic,
    });
    const name = recordName(kind, ownerOrg, key);
    const deed: Deed = { type: 'mark', record: name, version, nonPublic };
    return this.#letter(at, messageId, deed, { kind: 'change', change });
  }

  #decider(at: NodeCode) {
    const decider = this.authorities.deciders.get(at);
    if (!decider) throw new Error(`Nobody decides at ${at}.`);
    return decider;
  }

  #letter(to: NodeCode, messageId: string, deed: Deed, content: Content): Letter {
    const { uscc: enterprise, home } = this;
    const digest = digestOf(content);
    const letter = { to, sent: { enterprise, home, at: to, messageId, digest, deed }, content };
    this.#past.push(letter);
    return letter;
  }

  /** A UUID of the run's own choosing, so that a seed gives the same ids. */
  #newId(): string {
    const hex = (digits: number): string =>
      Array.from({ length: digits }, () => this.random.between(0, 15).toString(16)).join('');
    return `${hex(8)}-${hex(4)}-4${hex(3)}-8${hex(3)}-${hex(12)}`;
  }
}

/** A valid credit code that no real enterprise has: the run's numbers are its own. */
function usccOf(number: number, district: string): string {
  const body = `MA${String(number).padStart(6, '0')}`;
  const first17 = `91${district}${body}${orgCodeCheckDigit(body) ?? ''}`;
  return first17 + (usccCheckDigit(first17) ?? '');
}
