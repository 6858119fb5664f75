import type {Connection} from './tracked-server.ts';

/** What the other side gets for its answer to a close frame, or for its own end. */
export const FAREWELL_MS = 2000;

/**
 * Ends a connection that is no longer HTTP: a WebSocket gets a close frame, anything else an end; what does not end then is cut.
 * @param code 1001: going away; 1012: the service restarts (the IANA registry of RFC 6455, 11.7)
 */
export function leaveUpgraded(
  {socket, protocol, upgradedAt}: Connection,
  code: number,
  onCut: () => void,
): void {
  // Without an answer to its handshake a client knows of no frames.
  const speaksFrames = protocol === 'websocket' && socket.bytesWritten > (upgradedAt ?? 0);
  if (speaksFrames) {
    const frame = Buffer.from([0x88, 2, code >> 8, code & 255]);
    socket.write(frame);
  } else {
    socket.end();
  }
  const cut = setTimeout(
    () => {
      // What has ended our way and only never ended its own was not cut off.
      if (speaksFrames) onCut();
      socket.destroy();
    },
    speaksFrames ? FAREWELL_MS : FAREWELL_MS / 2,
  );
  cut.unref();
  socket.once('close', () => clearTimeout(cut));
}
