import type {Checkout} from '@keelson/source';
import {isFault} from '@keelson/step';

/** A failure inside our private copy, as the user knows the place: by the source that was named. */
export function faultInSource(error: unknown, {dir, from}: Checkout): unknown {
  if (isFault(error)) error.message = error.message.replaceAll(dir, 'url' in from ? from.url : from.path);
  return error;
}
