export interface Page {
  readonly status: number;
  readonly title: string | undefined;
  readonly version: string | undefined;
}

/** Reads the guestbook's page as a visitor: its title and the version it names. */
export async function readPage(url: string): Promise<Page> {
  const response = await fetch(url, {headers: {connection: 'close'}});
  const text = await response.text();
  return {
    status: response.status,
    title: /<title>([^<]*)<\/title>/.exec(text)?.[1],
    version: /\bv?(\d+\.\d+\.\d+)\b/.exec(text)?.[1],
  };
}
