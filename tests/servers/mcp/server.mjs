// The authorization router of the MCP TypeScript SDK on a free port of 127.0.0.1, with the provider of the SDK's own
// examples. Prints one line of JSON, then serves.
import { createServer } from 'node:http';
import express from 'express';
import { DemoInMemoryAuthProvider } from '@modelcontextprotocol/sdk/examples/server/demoInMemoryOAuthProvider.js';
import { requireBearerAuth } from '@modelcontextprotocol/sdk/server/auth/middleware/bearerAuth.js';
import { mcpAuthRouter } from '@modelcontextprotocol/sdk/server/auth/router.js';

const server = createServer();
server.listen(0, '127.0.0.1', () => {
  const root = new URL(`http://127.0.0.1:${server.address().port}`);
  const provider = new DemoInMemoryAuthProvider();
  const app = express();
  app.use(mcpAuthRouter({ provider, issuerUrl: root, scopesSupported: ['orders:read'] }));
  app.get('/orders', requireBearerAuth({ verifier: provider, requiredScopes: ['orders:read'] }), (_, response) =>
    response.json({ orders: [{ id: 1 }] }),
  );
  server.on('request', app);
  process.stdout.write(`${JSON.stringify({ issuer: root.href, api: new URL('/orders', root).href })}\n`);
});
