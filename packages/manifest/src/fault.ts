import {Fault} from '@keelson/step';

export class ManifestFault extends Fault<'MANIFEST_MISSING' | 'MANIFEST_INVALID'> {}
