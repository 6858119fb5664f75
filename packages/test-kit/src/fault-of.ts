import {isFault, type Fault} from '@keelson/step';

type Failing = Promise<unknown> | (() => unknown);

/** The Fault that something fails with; itself fails when it succeeds or throws anything else. */
export async function faultOf(failing: Failing): Promise<Fault> {
  let value: unknown;
  try {
    value = await (typeof failing === 'function' ? failing() : failing);
  } catch (error) {
    if (isFault(error)) return error;
    throw error;
  }
  throw new Error(`expected a Fault, but it succeeded with ${JSON.stringify(value)}`);
}

/** `faultOf`, and the code must be this one. */
export async function expectFault(failing: Failing, code: string): Promise<Fault> {
  const fault = await faultOf(failing);
  if (fault.code === code) return fault;
  throw new Error(`expected ${code}, but it failed with ${fault.code}: ${fault.message}`, {cause: fault});
}
