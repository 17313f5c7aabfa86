/** What the lock file says of one installed package. */
interface LockedPackage {
  readonly version?: string;
  readonly resolved?: string;
  readonly integrity?: string;
  readonly license?: string;
  readonly hasInstallScript?: boolean;
  readonly dev?: boolean;
  readonly link?: boolean;
}

/** `package-lock.json`, as far as it is judged. */
export interface LockFile {
  readonly lockfileVersion: number;
  readonly packages: Readonly<Record<string, LockedPackage>>;
}

/** `package.json`, as far as it is judged. */
export interface Manifest {
  /** Packages with an install script, each of which is known and not run. */
  readonly allowScripts?: Readonly<Record<string, boolean>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

/** Licences under which what runs in production may be given on beside Apache-2.0. */
const PERMISSIVE = new Set([
  '0BSD',
  'Apache-2.0',
  'BlueOak-1.0.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'ISC',
  'MIT',
  'Unlicense',
]);
/**
 * Also fine for what only builds, tests and measures: MPL-2.0 binds changes of its own files, and
 * Python-2.0 asks that a list of changes goes along with a changed copy.
 */
const FOR_TOOLS = new Set([...PERMISSIVE, 'MPL-2.0', 'Python-2.0']);

/** Hosts other than the registry, folders and repositories: what is fetched could change. */
const ELSEWHERE =
  /^(git|github:|gitlab:|bitbucket:|https?:|file:|link:|npm:)|^[\w.-]+\/[\w.-]+(#|$)/;

/**
 * What is wrong with the dependencies, as far as the lock file tells; no network is needed.
 * `licenceOf`: the licence of an installed package whose lock entry names none.
 */
export function judgeLockFile(
  lock: LockFile,
  manifest: Manifest,
  licenceOf: (place: string) => string | undefined,
): string[] {
  const locked = Object.entries(lock.packages).filter(([place]) => place !== '');
  return [
    ...(lock.lockfileVersion >= 3 ? [] : ['the lock file is older than version 3']),
    ...wantedElsewhere(manifest),
    ...locked.flatMap(([place, one]) => [
      ...judgeSource(place, one),
      ...judgeScript(place, one, manifest),
      ...judgeLicence(place, one, licenceOf),
    ]),
    ...uselessConsent(locked, manifest),
  ];
}

function wantedElsewhere(manifest: Manifest): string[] {
  const { dependencies, optionalDependencies, devDependencies } = manifest;
  return Object.entries({ ...dependencies, ...optionalDependencies, ...devDependencies })
    .filter(([, range]) => ELSEWHERE.test(range))
    .map(([name, range]) => `${name}: ${range} is not a version of the registry`);
}

/** The bytes must be those that were locked, whoever serves them. */
function judgeSource(place: string, { integrity, resolved, link }: LockedPackage): string[] {
  if (link) return [`${place}: is a link to a folder`];
  const elsewhere = resolved !== undefined && !/^https:\/\/[^/]+\/.*\.tgz$/.test(resolved);
  return [
    ...(elsewhere ? [`${place}: is not from a registry`] : []),
    ...(/^sha512-[A-Za-z0-9+/]{86}==$/.test(integrity ?? '') ? [] : [`${place}: has no SHA-512`]),
  ];
}

function judgeScript(place: string, one: LockedPackage, { allowScripts }: Manifest): string[] {
  if (!one.hasInstallScript) return [];
  const consent = allowScripts?.[nameAt(place)];
  if (consent === false) return [];
  return [
    consent === undefined
      ? `${place}: has an install script that nobody has looked at (allowScripts)`
      : `${place}: its install script would run`,
  ];
}

function judgeLicence(
  place: string,
  { license, dev }: LockedPackage,
  licenceOf: (place: string) => string | undefined,
): string[] {
  const named = license ?? licenceOf(place) ?? 'none';
  const fine = dev ? FOR_TOOLS : PERMISSIVE;
  return isCovered(named, fine) ? [] : [`${place}: licence ${named}`];
}

/** `A AND B` needs both, `A OR B` one of them. */
function isCovered(expression: string, fine: ReadonlySet<string>): boolean {
  const bare = expression.replaceAll(/[()]/g, '');
  return bare.split(' OR ').some((choice) => choice.split(' AND ').every((one) => fine.has(one)));
}

/** A consent that outlives its package would cover another of the same name. */
function uselessConsent(
  locked: readonly (readonly [string, LockedPackage])[],
  { allowScripts = {} }: Manifest,
): string[] {
  const scripted = new Set(
    locked.filter(([, one]) => one.hasInstallScript).map(([place]) => nameAt(place)),
  );
  return Object.keys(allowScripts)
    .filter((name) => !scripted.has(name))
    .map((name) => `allowScripts names ${name}, which has no install script`);
}

function nameAt(place: string): string {
  return place.split('node_modules/').at(-1) ?? place;
}
