/** Why a worker cannot be asked, as the end of "web.1 …". */
export function neverListened(port: number, elsewhere: number | undefined): string {
  const where = `never listened on port ${port}`;
  return elsewhere === undefined
    ? `${where}: the process that the command starts has to listen itself, on the port in PORT`
    : `${where}: it listens on port ${elsewhere} instead of the one in PORT`;
}
