import {Fault} from '@keelson/step';

/**
 * EXPORT_MODEL: the service model breaks its schema. EXPORT_VALUE: a value that the format cannot hold.
 * EXPORT_MISMATCH: the rendered files, read back, say something else than the model.
 * EXPORT_UNSUPPORTED: strict, and the format has no word for a field that is set.
 * EXPORT_FOREIGN_FILE: a file in the way, or to be removed, that isn't this app's.
 * EXPORT_TEMPLATE: a template of one's own that is none, asks for a field that there isn't, or is called like none of the format's.
 */
export class ExportFault extends Fault<
  | 'EXPORT_MODEL'
  | 'EXPORT_VALUE'
  | 'EXPORT_MISMATCH'
  | 'EXPORT_UNSUPPORTED'
  | 'EXPORT_FOREIGN_FILE'
  | 'EXPORT_TEMPLATE'
> {}
