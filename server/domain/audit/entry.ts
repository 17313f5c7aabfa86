import { createHash } from 'node:crypto';
import { AuditKind } from '#gen/zhengzhao/v1/audit_pb.js';

/** One act, as it is recorded: ids, digests, rules, actors and times, never content. */
export interface AuditEntry {
  readonly kind: AuditKind;
  readonly atMs: number;
  readonly actor: string;
  readonly action: string;
  readonly messageId: string;
  readonly sourceNode: string;
  readonly digest: Uint8Array;
  readonly subject: string;
  readonly rules: readonly string[];
  readonly outcome: string;
}

/** Longest text of a field; of the rules together ten times that. */
const MOST_CHARACTERS = 200;

/** Line ends would make two entries look like one; NUL can't be stored. */
const CONTROL = /[\u0000-\u001f\u007f]/g;

function clean(text: string, limit = MOST_CHARACTERS): string {
  return text.replace(CONTROL, ' ').slice(0, limit);
}

/** An entry of which only some fields say something; texts are cut and cleaned. */
export function auditEntry(
  fields: Pick<AuditEntry, 'kind' | 'atMs' | 'actor' | 'action'> & Partial<AuditEntry>,
): AuditEntry {
  const rules = clean((fields.rules ?? []).join(' '), MOST_CHARACTERS * 10);
  return {
    kind: fields.kind,
    atMs: Math.trunc(fields.atMs),
    actor: clean(fields.actor),
    action: clean(fields.action),
    messageId: clean(fields.messageId ?? ''),
    sourceNode: clean(fields.sourceNode ?? ''),
    digest: fields.digest ?? new Uint8Array(),
    subject: clean(fields.subject ?? ''),
    rules: rules === '' ? [] : rules.split(' '),
    outcome: clean(fields.outcome ?? ''),
  };
}

function sha256(bytes: string | Uint8Array): Buffer {
  return createHash('sha256').update(bytes).digest();
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

/** Hash of an entry over its canonical bytes, the first version: see `AuditEntry` in the contract. */
export function entryHash(entry: AuditEntry): Buffer {
  const lines = [
    'zhengzhao-audit-entry/1',
    `kind=AUDIT_KIND_${AuditKind[entry.kind]}`,
    `at=${entry.atMs}`,
    `actor=${entry.actor}`,
    `action=${entry.action}`,
    `message_id=${entry.messageId}`,
    `source_node=${entry.sourceNode}`,
    `digest=${hex(entry.digest)}`,
    `subject=${entry.subject}`,
    `rules=${entry.rules.join(' ')}`,
    `outcome=${entry.outcome}`,
  ];
  return sha256(`${lines.join('\n')}\n`);
}

/** Hash over the hashes of a link's entries. */
export function entriesHash(leaves: Uint8Array): Buffer {
  return sha256(leaves);
}

/** What the hash of a link is made from. */
export interface LinkFacts {
  readonly node: string;
  readonly link: number;
  readonly atMs: number;
  readonly entriesHash: Uint8Array;
  /** Hash of the link before; empty for the first. */
  readonly previous: Uint8Array;
}

/** Hash of a link over its canonical bytes, the first version: see `AuditLink` in the contract. */
export function linkHash({ node, link, atMs, entriesHash, previous }: LinkFacts): Buffer {
  const lines = [
    'zhengzhao-audit-link/1',
    `node=${node}`,
    `link=${link}`,
    `at=${atMs}`,
    `entries=${hex(entriesHash)}`,
    `previous=${hex(previous)}`,
  ];
  return sha256(`${lines.join('\n')}\n`);
}
