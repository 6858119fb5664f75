import {ExportFault} from '../fault.ts';

// Nomad 1.x: ReplaceEnv() of helper/args replaces these in `env`, once, by what task, client and other variables say;
// there is no escape. `config` of a driver is a template of HCL once more.

const REFERENCE = /\$\{([a-zA-Z0-9_.-]+)\}/g;

/** Metadata of a task that holds a dollar, so that one can stand before a brace. */
export const DOLLAR = {dollar: '$'} as const;
const DOLLAR_REFERENCE = '${NOMAD_META_dollar}';
/** Which copy this is, from 0. */
export const COPY = '${NOMAD_ALLOC_INDEX}';

export function envText(text: string): string {
  return text.replace(REFERENCE, (found) => DOLLAR_REFERENCE + found.slice(1));
}

/** Undoes it; the number of the copy comes back as that of the first instance. Faults: EXPORT_MISMATCH. */
export function readEnvText(file: string, text: string): string {
  return text.replace(REFERENCE, (found) => {
    if (found === DOLLAR_REFERENCE) return '$';
    if (found === COPY) return '1';
    throw new ExportFault('EXPORT_MISMATCH', `${file}: Nomad would replace a variable`);
  });
}

export function needsDollar(env: Readonly<Record<string, string>>): boolean {
  return Object.values(env).some((value) => envText(value) !== value);
}

/** Text in `config`. */
export function configText(text: string): string {
  return text.replaceAll('${', '$$${').replaceAll('%{', '%%{');
}

/** Undoes it. Faults: EXPORT_MISMATCH. */
export function readConfigText(file: string, text: string): string {
  if (/(?<!\$)\$\{|(?<!%)%\{/.test(text))
    throw new ExportFault('EXPORT_MISMATCH', `${file}: Nomad would evaluate a template`);
  return text.replaceAll('$${', '${').replaceAll('%%{', '%{');
}
