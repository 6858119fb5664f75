import {describe, expect, test} from '@jest/globals';
import {withoutCredentials} from '@keelson/git';
import fc from 'fast-check';

describe('withoutCredentials', () => {
  test.each([
    ['https://host/a.git', 'https://host/a.git'],
    ['https://me:secret@host/a.git', 'https://host/a.git'],
    ['https://ghp_token@github.com/a/b.git', 'https://github.com/a/b.git'],
    ['HTTPS://me:secret@host:8443/a.git', 'HTTPS://host:8443/a.git'],
    ['http://me:a@b:c@host/a@b.git', 'http://host/a@b.git'],
    ['ssh://git@host/a.git', 'ssh://git@host/a.git'],
    ['ssh://git:secret@host:22/a.git', 'ssh://git@host:22/a.git'],
    ['git@host:a.git', 'git@host:a.git'],
    ['/srv/a@b.git', '/srv/a@b.git'],
    ['file:///srv/a@b.git', 'file:///srv/a@b.git'],
  ])('%s → %s', (url, plain) => {
    expect(withoutCredentials(url)).toBe(plain);
  });

  test('leaves no password in any URL', () => {
    const word = fc.stringMatching(/^[a-z0-9%:@._-]{8,20}$/);
    fc.assert(
      fc.property(word, word, fc.constantFrom('http', 'https', 'ssh'), (user, password, scheme) => {
        fc.pre(!user.includes(password)); // of ssh the user stays
        const url = new URL(`${scheme}://host/x.git`);
        url.username = encodeURIComponent(user);
        url.password = encodeURIComponent(password);
        expect(withoutCredentials(url.href)).not.toContain(encodeURIComponent(password));
      }),
    );
  });
});
