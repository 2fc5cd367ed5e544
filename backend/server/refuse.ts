/**
 * Refusals: a status and its bare name, nothing that helps to guess further.
 */
import { type ServerResponse, STATUS_CODES } from 'node:http';

export function refuse(response: ServerResponse, status: number, headers: Readonly<Record<string, string>> = {}): void {
  const body = `${STATUS_CODES[status] ?? 'Error'}\n`;
  response
    .writeHead(status, {
      ...headers,
      'Content-Type': 'text/plain; charset=utf-8',
      'Content-Length': body.length,
      'Cache-Control': 'no-store',
    })
    .end(response.req.method === 'HEAD' ? undefined : body);
}
