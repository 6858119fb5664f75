import {byteText, fileCount} from './byte-text.ts';
import type {BuildPlan} from './plan-build.ts';

/** A plan for a person, in lines. */
export function planLines({files, bytes, path, missing, packageManager, excluded}: BuildPlan): string[] {
  const sizes = files.map((file) => byteText(file.bytes));
  const width = Math.max(0, ...sizes.map(({length}) => length));
  const later = [
    ...(missing.dependencies ? [`the dependencies that ${packageManager.lockfile} names`] : []),
    ...missing.scripts.map((script) => `what the script ${script} writes`),
  ];
  return [
    ...files.map((file, index) => `${sizes[index]!.padStart(width)}  ${file.path}`),
    `${fileCount(files.length)}, ${byteText(bytes)}, would go into ${path}`,
    ...(later.length === 0 ? [] : [`to which a build adds ${later.join(' and ')}`]),
    ...(missing.tracing ? ['of which it keeps what the process types reach'] : []),
    ...(excluded.length === 0 ? [] : ['stays out:']),
    ...excluded.map((one) => `  ${one.path}: ${one.because}`),
  ];
}
