// A static server as a strict host would be: a sub-path, the right types, and the policy of the design sent as a header.
import { createReadStream, existsSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join, normalize, resolve as resolvePath } from 'node:path';

const TYPES = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.mjs': 'text/javascript', '.css': 'text/css', '.wasm': 'application/wasm', '.svg': 'image/svg+xml', '.json': 'application/json', '.hwp': 'application/octet-stream' };
export const POLICY = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; frame-src 'self'; object-src 'none'; base-uri 'self'";

/** Serves `root` under `/prefix/`; extra pages are given as text by path. */
export const serve = (root, { prefix = '/some/where/', port = 0, pages = {} } = {}) => new Promise(resolve => {
  const server = createServer((request, response) => {
    const path = decodeURIComponent(new URL(request.url, 'http://x').pathname);
    const headers = { 'Content-Security-Policy': POLICY, 'Cache-Control': 'no-cache', 'X-Content-Type-Options': 'nosniff' };
    const inside = path.startsWith(prefix) ? path.slice(prefix.length) || 'index.html' : null;
    if (inside && pages[inside]) { response.writeHead(200, { ...headers, 'Content-Type': TYPES[extname(inside)] ?? 'text/html; charset=utf-8' }); return response.end(pages[inside]); }
    const file = inside && join(root, normalize(inside));
    if (!file || !file.startsWith(root) || !existsSync(file) || !statSync(file).isFile()) { response.writeHead(404, headers); return response.end('not here'); }
    response.writeHead(200, { ...headers, 'Content-Type': TYPES[extname(file)] ?? 'application/octet-stream' });
    createReadStream(file).pipe(response);
  });
  server.listen(port, '127.0.0.1', () => resolve({ url: `http://127.0.0.1:${server.address().port}${prefix}`, close: () => server.close() }));
});

if (import.meta.url === `file://${process.argv[1]}`) {
  const { url } = await serve(resolvePath(process.argv[2] ?? 'dist'), { port: +(process.argv[3] ?? 8090) });
  console.log(url);
}
