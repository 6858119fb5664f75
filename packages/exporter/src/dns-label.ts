import {ExportFault} from './fault.ts';
import type {CompleteModel} from './model-schema.ts';

// DNS labels (RFC 1035), which the names of services and the values of labels have to be.
const MAX_LABEL = 63;

/** `shop-web`: letters that a DNS label cannot have become others. Faults: EXPORT_VALUE, for two types that would be one. */
export function dnsLabel({name, processes}: CompleteModel, process: string): string {
  const label = (type: string) => `${name}-${type.toLowerCase().replaceAll('_', '-')}`.replace(/-+$/, '');
  const own = label(process);
  const twin = processes.find((other) => other.name !== process && label(other.name) === own);
  if (twin)
    throw new ExportFault('EXPORT_VALUE', `${process} and ${twin.name} would both be called ${own}`, {
      hint: 'Names of DNS are lower case and know no _: give one of them another name.',
    });
  if (own.length <= MAX_LABEL) return own;
  throw new ExportFault('EXPORT_VALUE', `${own} is longer than a name of DNS (${MAX_LABEL} letters)`, {
    hint: 'Shorten the name of the app or of the process type.',
  });
}
