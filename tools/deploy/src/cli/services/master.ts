import Serve from '../serve.ts';

/** CID's name for it. */
export default class Master extends Serve {
  static override summary =
    'The same as keelson deploy serve: it holds the sockets and keeps the instances of every app running.';
}
