import {createHash} from 'node:crypto';
import type {StepOptions} from '@keelson/step';
import type {Archive} from './archive.ts';
import {sortByPath} from './entry-paths.ts';
import {isPackageManifest, packageOf, type InstalledPackage} from './installed-package.ts';
import {readEntries} from './open-archive.ts';
import {readFiles} from './read-files.ts';

/** A CycloneDX 1.6 document, as far as it goes here. https://cyclonedx.org/docs/1.6/json/ */
export interface BillOfMaterials {
  readonly bomFormat: 'CycloneDX';
  readonly specVersion: '1.6';
  readonly serialNumber: string;
  readonly version: 1;
  readonly metadata: {readonly component: object; readonly properties?: readonly object[]};
  readonly components: readonly object[];
}

type Versioned = {readonly name: string; readonly version: string};

/**
 * What an archive is made of: every package below node_modules, once for each name and version. The same archive gives the same
 * document: no time, and a serial number made of the digest. Faults: those of openArchive and verifyArchive.
 */
export async function billOfMaterials(
  archive: Archive,
  {signal}: StepOptions = {},
): Promise<BillOfMaterials> {
  const entries = await readEntries(archive, {signal});
  const paths = new Set(entries.map(({path}) => path).filter(isPackageManifest));
  const {metadata, ...bill} = billOfPackages(archive.manifest, await readFiles(archive, paths, {signal}));
  const properties = [{name: 'keelson:digest', value: archive.digest}];
  return {...bill, serialNumber: serialNumber(archive.digest), metadata: {...metadata, properties}};
}

/**
 * The same of a tree that is no archive yet, so that the document can be a part of it: it names no digest, and its serial number is made
 * of what it lists. @param manifests path → text of each package.json below node_modules
 */
export function billOfPackages(app: Versioned, manifests: ReadonlyMap<string, string>): BillOfMaterials {
  const packages = [...manifests].flatMap(([path, text]) => packageOf(path, text) ?? []);
  const components = sortByPath(
    [...new Map(packages.map((each) => [purlOf(each), each]))].map(([path, each]) => ({path, each})),
  );
  const {name, version} = app;
  const listed = components.map(({path, each}) => component(path, each));
  return {
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    serialNumber: serialNumber(JSON.stringify([name, version, listed])),
    version: 1,
    metadata: {component: {type: 'application', 'bom-ref': purlOf({name, version}), name, version}},
    components: listed,
  };
}

function component(purl: string, {name, version, license}: InstalledPackage): object {
  const slash = name.indexOf('/');
  return {
    type: 'library',
    'bom-ref': purl,
    ...(slash === -1 ? {name} : {group: name.slice(0, slash), name: name.slice(slash + 1)}),
    version,
    purl,
    ...(license === undefined ? {} : {licenses: [licenseOf(license)]}),
  };
}

/** SPDX words, joined by AND, OR, WITH and brackets; anything else is only a name. */
function licenseOf(license: string): object {
  const expression = /^\(*[\w.+-]+\)*( (AND|OR|WITH) \(*[\w.+-]+\)*)*$/.test(license);
  return expression ? {expression: license} : {license: {name: license}};
}

/** https://github.com/package-url/purl-spec */
function purlOf({name, version}: Versioned): string {
  const plain = name.split('/').map(encodeURIComponent).join('/');
  return `pkg:npm/${plain}@${encodeURIComponent(version)}`;
}

/** A UUID of version 8 (RFC 9562: what is in it is our own matter). */
function serialNumber(identity: string): string {
  const hex = createHash('sha256').update(identity).digest('hex');
  const parts = [hex.slice(0, 8), hex.slice(8, 12), `8${hex.slice(13, 16)}`, `8${hex.slice(17, 20)}`];
  return `urn:uuid:${[...parts, hex.slice(20, 32)].join('-')}`;
}
