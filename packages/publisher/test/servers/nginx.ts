import {mkdir} from 'node:fs/promises';
import {freePort, git, testdir, type TestDirectory} from '@keelson/test-kit';
import {launchServer} from './launch-server.ts';

export interface Nginx extends AsyncDisposable {
  readonly dir: TestDirectory;
  /** WebDAV: what is PUT below it is a file in `dir` below `store/`. */
  readonly store: string;
  /** `git http-backend` through fcgiwrap: repositories in `dir` below `git/`. */
  readonly git: string;
  /** An empty bare repository that may be pushed to; its URL. */
  repository(name: string): Promise<string>;
}

/** An nginx with a configuration of its own, as a user of its own: an artefact store and a git host. */
export async function nginx(): Promise<Nginx> {
  const dir = await testdir();
  for (const folder of ['store', 'git', 'temporary']) await mkdir(dir.at(folder));
  const port = await freePort();
  const socket = dir.at('fcgi.sock');
  await dir.write({
    'nginx.conf': `
${process.getuid?.() === 0 ? 'user root;' : ''}
daemon off; worker_processes 1; pid ${dir.at('nginx.pid')}; error_log stderr warn;
events { worker_connections 200; }
http {
  access_log off; client_max_body_size 0;
  client_body_temp_path ${dir.at('temporary/body')}; proxy_temp_path ${dir.at('temporary/proxy')};
  fastcgi_temp_path ${dir.at('temporary/fastcgi')}; uwsgi_temp_path ${dir.at('temporary/uwsgi')}; scgi_temp_path ${dir.at('temporary/scgi')};
  server {
    listen 127.0.0.1:${port};
    location /store/ { root ${dir.path}; dav_methods PUT DELETE; create_full_put_path on; }
    location /git/ {
      include /etc/nginx/fastcgi_params;
      fastcgi_read_timeout 60s;
      fastcgi_param SCRIPT_FILENAME /usr/lib/git-core/git-http-backend;
      fastcgi_param GIT_PROJECT_ROOT ${dir.path}; fastcgi_param GIT_HTTP_EXPORT_ALL ""; fastcgi_param PATH_INFO $uri;
      fastcgi_param REMOTE_USER test; fastcgi_param HTTP_CONTENT_ENCODING $http_content_encoding;
      fastcgi_pass unix:${socket};
    }
  }
}
`,
  });
  const wrap = await launchServer('/usr/sbin/fcgiwrap', ['-c', '2', '-s', `unix:${socket}`], {socket});
  const server = await launchServer('/usr/sbin/nginx', ['-p', dir.path, '-c', dir.at('nginx.conf')], {port});
  const origin = `http://127.0.0.1:${port}`;
  return {
    dir,
    store: `${origin}/store`,
    git: `${origin}/git`,
    async repository(name) {
      await git(dir.path, 'init', '--quiet', '--bare', '--initial-branch=main', dir.at(`git/${name}`));
      await git(dir.at(`git/${name}`), 'config', 'http.receivepack', 'true');
      return `${origin}/git/${name}`;
    },
    [Symbol.asyncDispose]: async () => {
      await server[Symbol.asyncDispose]();
      await wrap[Symbol.asyncDispose]();
      await dir[Symbol.asyncDispose]();
    },
  };
}
