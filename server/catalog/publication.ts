import type { Knex } from 'knex';
import type { CatalogRelease, CatalogVersion } from '#gen/zhengzhao/v1/catalog_pb.js';
import { administered } from '../domain/audit/administration.js';
import type { AuditEntry } from '../domain/audit/entry.js';
import { CENTRAL_LAYER } from '../domain/catalog/layer.js';
import type { ReleaseLibrary } from '../domain/catalog/library.js';
import { checkRelease, type ReleaseContext } from '../domain/catalog/release-check.js';
import type { FindingList } from '../domain/catalog/release-findings.js';
import { type Locate, type ReleaseFindings } from '../domain/catalog/release-findings.js';
import { appendAudit } from '../storage/audit.js';
import { insertRelease, type NewRelease } from '../storage/catalog-releases.js';
import { digestOf, storedForm, versionMessage } from './stored-form.js';

/** A release that somebody wants to publish. */
export interface ReleaseDraft {
  readonly release: CatalogRelease;
  /** What was already found while reading it. */
  readonly findings: FindingList;
  /** Says where a field of it stands. */
  readonly locate: Locate;
  /** Who publishes it, for the audit. Unset: the program itself, at its first start. */
  readonly by?: string;
}

/** What came of it. */
export interface Publication {
  /** False after a dry run, or when a finding is an error. */
  readonly published: boolean;
  /** The release as it is, or would be, stored. */
  readonly version: CatalogVersion;
  readonly findings: ReleaseFindings;
  /** The release of the layer that it replaces. Undefined: none. */
  readonly replaces: CatalogRelease | undefined;
}

/** What publishing needs to know of the node. */
export interface PublicationContext {
  readonly knex: Knex;
  /** The node's own code. */
  readonly node: string;
  readonly library: ReleaseLibrary;
  readonly provinceOf: (regionCode: string) => string | undefined;
  readonly today: () => string;
}

/** Largest release that still fits into one answer of `GetCatalogVersion`. */
const MAX_RELEASE_BYTES = 8 * 1024 * 1024;

/**
 * Checks a release against the laws and what is held, and stores it whole or not at all (R4, R6, R9,
 * R25). The same content again is no error and changes nothing.
 * @throws HubError RELEASE_EXISTS when the version is stored with other content.
 */
export async function publishRelease(
  context: PublicationContext,
  { release, findings, locate, by }: ReleaseDraft,
  dryRun: boolean,
): Promise<Publication> {
  const against = releaseContext(context, release);
  findings.addUnlocated(checkRelease(release, against, locate));
  const form = storedForm(release);
  const field = locate({ table: 'release', row: 0, column: 'version' });
  checkSize(findings, field, form);
  if (dryRun) checkFree(findings, field, context.library, form);
  const publish = !dryRun && !findings.hasErrors;
  if (publish) await storeAudited(context, form, by);
  const version = versionMessage(form, false);
  return { published: publish, version, findings, replaces: against.previous };
}

/** The same content again changes nothing and is not recorded again. */
async function storeAudited(
  { knex, node }: PublicationContext,
  form: NewRelease,
  by = `node:${node}`,
): Promise<void> {
  await knex.transaction(async (trx) => {
    if (!(await insertRelease(trx, form))) return;
    await appendAudit(trx, node, [releaseEntry('catalogue.publish', by, form)]);
  });
}

/** What is recorded of a release. */
export function releaseEntry(action: string, by: string, form: NewRelease): AuditEntry {
  const subject = `${form.layer}/${form.version}`;
  return administered(action, by, Date.now(), { subject, digest: form.digest });
}

/** What the release is held against: the central layer under it, and its own predecessor. */
function releaseContext(context: PublicationContext, release: CatalogRelease): ReleaseContext {
  const { library } = context;
  const from = release.effectiveFrom;
  const below = library.inForce(CENTRAL_LAYER, from);
  const later = library.releasesOf(CENTRAL_LAYER).filter((held) => held.effectiveFrom > from);
  return {
    central: release.layer === CENTRAL_LAYER ? [] : [...(below ? [below] : []), ...later],
    previous: library
      .releasesOf(release.layer)
      .findLast((held) => held.effectiveFrom <= from && held.version !== release.version),
    today: context.today(),
    provinceOf: context.provinceOf,
  };
}

function checkSize(findings: FindingList, field: string, form: NewRelease): void {
  if (form.content.length <= MAX_RELEASE_BYTES) return;
  findings.add(field, {
    rule: 'R4',
    code: 'RELEASE_TOO_LARGE',
    zh: '发布内容超过 8 MiB。',
    en: 'The release is larger than 8 MiB.',
  });
}

/** A dry run tells what publishing would refuse: a version that is taken. */
function checkFree(
  findings: FindingList,
  field: string,
  library: ReleaseLibrary,
  form: NewRelease,
): void {
  const held = library.release(form.layer, form.version);
  if (!held || digestOf(storedForm(held).content) === digestOf(form.content)) return;
  findings.add(field, {
    rule: 'R4',
    code: 'RELEASE_EXISTS',
    zh: '版本号“{}”已经发布过，内容不同；请使用新的版本号。',
    en: 'The version "{}" was published before with other content; use a new one.',
    value: form.version,
  });
}
