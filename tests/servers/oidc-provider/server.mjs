// oidc-provider on a free port of 127.0.0.1. Prints one line of JSON with its issuer, then serves.
// DPOP_NONCE=1 requires a nonce in each proof of possession.
// INITIAL_ACCESS_TOKEN closes registration; JWT_ACCESS_TOKENS=1 makes access tokens JWTs. LOGIN=1 has its login page,
// which takes any name, and the device flow; PUSHED=1 takes pushed authorization requests alone; ACCESS_TOKEN_TTL is the lifetime of access tokens in seconds.
// LASTING_REGISTRATION_TOKENS=1 keeps the registration access token when a registration is changed.
import { createServer } from 'node:http';
import { Provider } from 'oidc-provider';

const server = createServer();
server.listen(0, '127.0.0.1', () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const jwt = process.env.JWT_ACCESS_TOKENS === '1';
  const login = process.env.LOGIN === '1';
  const ttl = Number(process.env.ACCESS_TOKEN_TTL || 3600);
  const provider = new Provider(issuer, {
    scopes: ['openid', 'orders:read', 'orders:write', ...(login ? ['offline_access'] : [])],
    ttl: { AccessToken: ttl },
    enabledJWA: { idTokenSigningAlgValues: ['RS256', 'PS256', 'ES256', 'EdDSA', 'HS256'] },
    // Documents of clients are on this computer, too.
    fetch: (url, options) => fetch(url, { method: options.method, headers: options.headers }),
    features: {
      ...(process.env.DPOP_NONCE === '1'
        ? { dPoP: { enabled: true, nonceSecret: Buffer.alloc(32, 7), requireNonce: () => true } }
        : {}),
      devInteractions: { enabled: login },
      pushedAuthorizationRequests: {
        enabled: true,
        requirePushedAuthorizationRequests: process.env.PUSHED === '1',
      },
      deviceFlow: { enabled: login },
      clientCredentials: { enabled: true },
      introspection: { enabled: true },
      revocation: { enabled: true },
      registration: {
        enabled: true,
        initialAccessToken: process.env.INITIAL_ACCESS_TOKEN || false,
      },
      registrationManagement: { enabled: true, rotateRegistrationAccessToken: process.env.LASTING_REGISTRATION_TOKENS !== '1' },
      resourceIndicators: {
        enabled: jwt,
        defaultResource: () => 'urn:keywright:orders',
        useGrantedResource: () => true,
        getResourceServerInfo: () => ({
          scope: 'orders:read orders:write',
          audience: 'urn:keywright:orders',
          accessTokenTTL: process.env.ACCESS_TOKEN_TTL ? ttl : 900,
          accessTokenFormat: 'jwt',
        }),
      },
    },
  });
  server.on('request', provider.callback());
  process.stdout.write(`${JSON.stringify({ issuer })}\n`);
});
