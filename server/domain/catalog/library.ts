import type { CatalogRelease } from '#gen/zhengzhao/v1/catalog_pb.js';
import { grouped } from '../grouped.js';
import { buildView, type LayeredView, type LineageOf } from './layered-view.js';
import { CENTRAL_LAYER } from './layer.js';
import type { CatalogLibrary } from './view.js';

/** A library that can also name the releases behind a view. */
export interface ReleaseLibrary extends CatalogLibrary {
  /** As in `CatalogLibrary`; the view also tells the version of the node's own layer. */
  on(date: string): LayeredView | undefined;
  /** A release held, by layer and version. */
  release(layer: string, version: string): CatalogRelease | undefined;
  /** The release of a layer in force on a civil date: the greatest effective date not after it. */
  inForce(layer: string, date: string): CatalogRelease | undefined;
  /** Releases of a layer by effective date, oldest first. */
  releasesOf(layer: string): readonly CatalogRelease[];
  /** Whether any release of the central or the node's own layer has an entry of this code. */
  knowsEntry(code: string): boolean;
}

/** For whom the library answers. */
export interface LibraryOptions {
  /** The node's own code: its layer lies on top of the central one. */
  readonly node: string;
  /** A region and what it lies in, nearest first, ending in `000000` (VR15). */
  readonly lineageOf: LineageOf;
}

/** Views kept; a node asks for today and a few approval dates, so few are ever alive. */
const VIEWS_KEPT = 16;

/**
 * Makes the library of one node from the releases it holds, in the order they were stored: of two
 * with the same effective date the later stored one is in force. Views are built when first asked
 * for and kept per interval in which nothing takes effect or ends. R4, R23, R25.
 */
export function createCatalogLibrary(
  releases: readonly CatalogRelease[],
  options: LibraryOptions,
): ReleaseLibrary {
  const layers = groupByLayer(releases);
  const ordered = (layer: string): readonly CatalogRelease[] => layers.get(layer) ?? [];
  const inForce = (layer: string, date: string): CatalogRelease | undefined =>
    ordered(layer).findLast((release) => release.effectiveFrom <= date);
  const own = options.node === CENTRAL_LAYER ? [] : ordered(options.node);
  const visible = [...ordered(CENTRAL_LAYER), ...own];
  const boundaries = boundariesOf(visible);
  let entryCodes: ReadonlySet<string> | undefined;
  const views = new Map<number, LayeredView>();

  function viewOn(date: string): LayeredView | undefined {
    const central = inForce(CENTRAL_LAYER, date);
    if (!central) return undefined;
    const interval = intervalOf(boundaries, date);
    const view =
      views.get(interval) ??
      buildView({
        central,
        local: own.findLast((release) => release.effectiveFrom <= date),
        date,
        lineageOf: options.lineageOf,
      });
    keepNewest(views, interval, view);
    return view;
  }

  return {
    on: viewOn,
    has: (version) => ordered(CENTRAL_LAYER).some((release) => release.version === version),
    release: (layer, version) => ordered(layer).find((release) => release.version === version),
    inForce,
    releasesOf: ordered,
    knowsEntry(code) {
      entryCodes ??= new Set(
        visible.flatMap((r) => r.entries.map((entry) => entry.scopeEntryCode)),
      );
      return entryCodes.has(code);
    },
  };
}

function groupByLayer(
  releases: readonly CatalogRelease[],
): ReadonlyMap<string, readonly CatalogRelease[]> {
  const layers = grouped(releases.map((release) => [release.layer, release]));
  // The sort is stable: what was stored later stays behind what has the same date.
  for (const layer of layers.values()) {
    layer.sort((a, b) => compareText(a.effectiveFrom, b.effectiveFrom));
  }
  return layers;
}

/**
 * Texts at which a view changes, in order. A first day is its own boundary. A last day is followed
 * by `+`, which sorts after that day and before the next one, and so needs no calendar.
 */
function boundariesOf(releases: readonly CatalogRelease[]): readonly string[] {
  const found = new Set<string>();
  for (const release of releases) {
    found.add(release.effectiveFrom);
    for (const row of [...release.entries, ...release.items]) {
      if (row.effectiveFrom !== '') found.add(row.effectiveFrom);
      if (row.effectiveTo !== '') found.add(`${row.effectiveTo}+`);
    }
  }
  return [...found].sort(compareText);
}

/** Number of boundaries at or before the date: equal for dates with the same view. */
function intervalOf(boundaries: readonly string[], date: string): number {
  let low = 0;
  let high = boundaries.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((boundaries[middle] ?? '') <= date) low = middle + 1;
    else high = middle;
  }
  return low;
}

function keepNewest(views: Map<number, LayeredView>, interval: number, view: LayeredView): void {
  views.delete(interval);
  views.set(interval, view);
  const [oldest] = views.keys();
  if (views.size > VIEWS_KEPT && oldest !== undefined) views.delete(oldest);
}

function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
