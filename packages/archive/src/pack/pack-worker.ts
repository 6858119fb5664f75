// Runs as a worker thread: takes a PackOrder, sends PackMessages.
import {parentPort, workerData} from 'node:worker_threads';
import {isFault} from '@keelson/step';
import type {PackMessage, PackOrder} from './pack-order.ts';
import {packTree} from './pack-tree.ts';

const say = (message: PackMessage) => parentPort?.postMessage(message);

try {
  say({packed: await packTree(workerData as PackOrder, (event) => say({event}))});
} catch (error) {
  if (isFault(error)) {
    const {code, message, hint, temporary} = error;
    say({fault: {code, message, hint, temporary}});
  } else {
    // The clone of an error would leave out its code.
    const {message, stack} = error as Error;
    say({error: {...(error as object), message, stack}});
  }
}
