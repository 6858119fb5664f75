import {ExportFault} from '../fault.ts';
import type {CompleteModel} from '../model-schema.ts';

/** For a format whose `runner` starts containers. Fault EXPORT_MODEL: the model names no image. */
export function requireImage({image}: CompleteModel, runner: string): void {
  if (image !== undefined) return;
  throw new ExportFault('EXPORT_MODEL', `service model: image is missing, and ${runner} starts containers`, {
    hint: 'Name the image: --set app.image=registry.example/shop:1.',
  });
}
