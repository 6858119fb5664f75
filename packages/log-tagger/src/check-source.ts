import {TaggerFault} from './fault.ts';
import {RESERVED} from './formats/json.ts';
import type {Fields} from './line-format.ts';

/** A newline in a tag would tear every line. */
export function checkTags(tags: readonly string[]): void {
  // oxlint-disable-next-line no-control-regex
  const bad = tags.find((tag) => /[\0-\x1f\x7f]/.test(tag));
  if (bad !== undefined)
    throw new TaggerFault('TAGGER_OPTIONS', `a tag cannot hold control characters: ${JSON.stringify(bad)}`);
}

export function checkFields(fields: Fields): void {
  for (const name of Object.keys(fields)) {
    if (!/^[A-Za-z_][\w.-]*$/.test(name))
      throw new TaggerFault('TAGGER_OPTIONS', `a field cannot be called ${JSON.stringify(name)}`, {
        hint: 'Letters, digits, _, - and . are fine.',
      });
    if (RESERVED.includes(name))
      throw new TaggerFault(
        'TAGGER_OPTIONS',
        `a field cannot be called ${name}: lines have one of their own`,
        {
          hint: 'Give it another name.',
        },
      );
  }
}
