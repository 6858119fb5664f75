/** What memory is handed out in, as in CID on a machine with pages of 4 KiB. */
export const PAGE = 4096;

export const pagesUp = (bytes: number): number => Math.ceil(bytes / PAGE);
export const pagesDown = (bytes: number): number => Math.floor(bytes / PAGE);
