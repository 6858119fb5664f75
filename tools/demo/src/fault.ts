import {Fault} from '@keelson/step';

export class DemoFault extends Fault<'DEMO_UNEXPECTED'> {}

/** The demo shows what is true: anything else ends it with a fault that says so. */
export function expectThat(fact: boolean, otherwise: string): void {
  if (!fact)
    throw new DemoFault('DEMO_UNEXPECTED', otherwise, {hint: 'please report this with the output above'});
}
