import { createHash } from 'node:crypto';
import { toJson, type JsonValue } from '@bufbuild/protobuf';
import { timestampDate } from '@bufbuild/protobuf/wkt';
import { zipSync } from 'fflate';
import { PackageContentSchema, type PackageContent } from '#gen/zhengzhao/v1/package_pb.js';
import type { OutgoingPackage } from './carrier.js';

/** JSON with sorted names and no blanks, so that equal content has equal bytes. */
function canonicalJson(value: JsonValue): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  const fields = Object.keys(value)
    .sort()
    .map((name) => `${JSON.stringify(name)}:${canonicalJson(value[name] ?? null)}`);
  return `{${fields.join(',')}}`;
}

/** The content of a package as canonical JSON, in UTF-8. */
export function contentJson(content: PackageContent): Buffer {
  return Buffer.from(canonicalJson(toJson(PackageContentSchema, content)), 'utf8');
}

/** SHA-256 in lower-case hex. */
export function sha256Hex(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** What codes and ids may look like where they become the name of a file or a header. */
const SAFE = /^[0-9A-Za-z-]{1,100}$/;

/** Whether department and id can stand in a file name and a header as they are. */
export function isAddressable({ claimed }: OutgoingPackage): boolean {
  return SAFE.test(claimed.deptCode) && SAFE.test(claimed.packageId);
}

/** Name of a package's archive: `<department>_<package id>.zip`. */
export function archiveName({ claimed }: OutgoingPackage): string {
  return `${claimed.deptCode}_${claimed.packageId}.zip`;
}

/**
 * One package as a zip archive (R26, R32): `package.binpb`, whose digest is the package's,
 * `package.json` with the same content, and `manifest.json` with counts and digests of both. The
 * same package gives the same bytes.
 */
export function packArchive(outgoing: OutgoingPackage): Uint8Array {
  const { claimed, content } = outgoing;
  const createdAt = content.createdAt ? timestampDate(content.createdAt) : new Date(0);
  const files = { 'package.binpb': claimed.content, 'package.json': contentJson(content) };
  const manifest = {
    packageId: claimed.packageId,
    sourceNode: content.sourceNode,
    receivingDeptCode: claimed.deptCode,
    receivingDeptName: claimed.deptName,
    schemaVersion: content.schemaVersion,
    createdAt: createdAt.toISOString(),
    recordCount: claimed.recordCount,
    files: Object.entries(files).map(([name, bytes]) => ({
      name,
      bytes: bytes.length,
      sha256: sha256Hex(bytes),
    })),
  };
  const all = { ...files, 'manifest.json': Buffer.from(canonicalJson(manifest), 'utf8') };
  return zipSync(all, { mtime: zipTime(createdAt) });
}

/** Zip knows local times from 1980 on; UTC in their place keeps the bytes the same everywhere. */
function zipTime(at: Date): Date {
  const year = Math.max(at.getUTCFullYear(), 1980);
  return new Date(year, at.getUTCMonth(), at.getUTCDate(), at.getUTCHours(), at.getUTCMinutes());
}
