import {ExportFault} from '../fault.ts';

/** A word of `command`, or `env.value`: the kubelet replaces `$(NAME)`, and `$$` is `$`. */
export function kubeletText(text: string): string {
  return text.replaceAll('$', '$$$$');
}

/** Undoes it. Faults: EXPORT_MISMATCH, for a `$` that the kubelet would replace. */
export function readKubeletText(file: string, text: string): string {
  if (/^(?:[^$]|\$\$)*$/.test(text)) return text.replaceAll('$$', '$');
  throw new ExportFault('EXPORT_MISMATCH', `${file}: the kubelet would replace a variable`);
}
