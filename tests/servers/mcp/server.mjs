// The authorization router of the MCP TypeScript SDK on a free port of 127.0.0.1, with the provider of the SDK's own
// examples, an API at /orders and an MCP server at /mcp. Prints one line of JSON, then serves.
import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import express from 'express';
import { DemoInMemoryAuthProvider } from '@modelcontextprotocol/sdk/examples/server/demoInMemoryOAuthProvider.js';
import { requireBearerAuth } from '@modelcontextprotocol/sdk/server/auth/middleware/bearerAuth.js';
import { getOAuthProtectedResourceMetadataUrl, mcpAuthRouter } from '@modelcontextprotocol/sdk/server/auth/router.js';
import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import { CallToolRequestSchema, ListToolsRequestSchema } from '@modelcontextprotocol/sdk/types.js';

function tools() {
  const server = new Server({ name: 'orders', version: '1.0.0' }, { capabilities: { tools: {} } });
  const schema = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] };
  server.setRequestHandler(ListToolsRequestSchema, () => ({
    tools: [{ name: 'weather', description: 'The weather of a city', inputSchema: schema }],
  }));
  server.setRequestHandler(CallToolRequestSchema, ({ params }) => {
    const city = params.arguments?.city;
    const text = city ? `Sunny in ${city}` : 'No city was given';
    return { content: [{ type: 'text', text }], isError: !city };
  });
  return server;
}

const server = createServer();
server.listen(0, '127.0.0.1', () => {
  const root = new URL(`http://127.0.0.1:${server.address().port}`);
  const mcp = new URL('/mcp', root);
  const provider = new DemoInMemoryAuthProvider();
  const app = express();
  const scopes = ['orders:read'];
  app.use(mcpAuthRouter({ provider, issuerUrl: root, resourceServerUrl: mcp, scopesSupported: scopes }));
  app.get('/orders', requireBearerAuth({ verifier: provider, requiredScopes: scopes }), (_, response) =>
    response.json({ orders: [{ id: 1 }] }),
  );
  const sessions = new Map();
  const resourceMetadataUrl = getOAuthProtectedResourceMetadataUrl(mcp);
  app.all('/mcp', requireBearerAuth({ verifier: provider, requiredScopes: scopes, resourceMetadataUrl }), async (request, response) => {
    let transport = sessions.get(request.headers['mcp-session-id']);
    if (!transport) {
      transport = new StreamableHTTPServerTransport({
        sessionIdGenerator: randomUUID,
        onsessioninitialized: (id) => sessions.set(id, transport),
        onsessionclosed: (id) => sessions.delete(id),
      });
      await tools().connect(transport);
    }
    await transport.handleRequest(request, response);
  });
  server.on('request', app);
  const about = { issuer: root.href, api: new URL('/orders', root).href, mcp: mcp.href };
  process.stdout.write(`${JSON.stringify(about)}\n`);
});
