// oidc-provider on a free port of 127.0.0.1. Prints one line of JSON with its issuer, then serves.
// DPOP_NONCE=1 requires a nonce in each proof of possession.
// INITIAL_ACCESS_TOKEN closes registration; JWT_ACCESS_TOKENS=1 makes access tokens JWTs. LOGIN=1 has its login page,
// which takes any name, and the device flow; PUSHED=1 takes pushed authorization requests
// alone, SIGNED=1 signed ones; SIGNED_ANSWERS=1 signs its answers to clients that are registered for it;
// DETAILS=1 takes authorization details of one type; ACCESS_TOKEN_TTL is the lifetime of access tokens in seconds.
// LASTING_REGISTRATION_TOKENS=1 keeps the registration access token when a registration is changed.
// TLS_CERTIFICATE, TLS_KEY and AUTHORITY (PEM) serve over TLS, and a second port asks clients for a certificate of theirs (RFC
// 8705); `api` of the first line is there and takes a token only together with the certificate that it is bound to.
import { once } from 'node:events';
import { createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { Provider, errors } from 'oidc-provider';

const { TLS_CERTIFICATE: cert, TLS_KEY: key, AUTHORITY: ca } = process.env;
const server = cert ? createTlsServer({ key, cert }) : createServer();
// Certificates that nobody issued are taken as well: `self_signed_tls_client_auth`.
const mutual = cert && createTlsServer({ key, cert, ca, requestCert: true, rejectUnauthorized: false });
for (const one of [server, mutual].filter(Boolean)) await once(one.listen(0, '127.0.0.1'), 'listening');

/** The certificate of the connection. */
const presented = (request) => request.socket.getPeerX509Certificate?.();

/** The subject of a certificate as RFC 4514 writes it. */
const subject = (certificate) => certificate.subject.split('\n').reverse().join(',');

/** What the provider has of mutual TLS. */
function mutualTls() {
  const base = `https://127.0.0.1:${mutual.address().port}`;
  return {
    discovery: {
      mtls_endpoint_aliases: {
        token_endpoint: `${base}/token`,
        introspection_endpoint: `${base}/token/introspection`,
        revocation_endpoint: `${base}/token/revocation`,
        pushed_authorization_request_endpoint: `${base}/request`,
        userinfo_endpoint: `${base}/me`,
      },
    },
    clientAuthMethods: ['client_secret_basic', 'private_key_jwt', 'tls_client_auth', 'self_signed_tls_client_auth', 'none'],
    feature: {
      enabled: true,
      certificateBoundAccessTokens: true,
      selfSignedTlsClientAuth: true,
      tlsClientAuth: true,
      getCertificate: (ctx) => presented(ctx.req)?.toString(),
      certificateAuthorized: (ctx) => ctx.socket.authorized,
      certificateSubjectMatches: (ctx, property, expected) =>
        property === 'tls_client_auth_subject_dn' && subject(presented(ctx.req)) === expected,
    },
  };
}

/** Authorization details of one type (RFC 9396): a payment of at most 100. */
function paymentDetails() {
  const asked = (ctx) => JSON.parse(ctx.oidc.params.authorization_details);
  return {
    enabled: true,
    types: {
      payment: {
        validate: (ctx, detail) => {
          if (detail.amount > 100) throw new errors.InvalidAuthorizationDetails('amount is over 100');
        },
      },
    },
    authorizationDetailsForGrantSource: asked,
    authorizationDetailsForAccessToken: (ctx, token, source) => source?.rar ?? asked(ctx),
    authorizationDetailsForIntrospection: (ctx, token) => token.rar,
  };
}

const issuer = `${cert ? 'https' : 'http'}://127.0.0.1:${server.address().port}`;
const mtls = mutual && mutualTls();
const jwt = process.env.JWT_ACCESS_TOKENS === '1';
const login = process.env.LOGIN === '1';
const ttl = Number(process.env.ACCESS_TOKEN_TTL || 3600);
const provider = new Provider(issuer, {
  scopes: ['openid', 'orders:read', 'orders:write', ...(login ? ['offline_access'] : [])],
  ttl: { AccessToken: ttl },
  ...(mtls ? { discovery: mtls.discovery, clientAuthMethods: mtls.clientAuthMethods } : {}),
  enabledJWA: { idTokenSigningAlgValues: ['RS256', 'PS256', 'ES256', 'EdDSA', 'HS256'] },
  // Documents of clients are on this computer, too.
  fetch: (url, options) => fetch(url, { method: options.method, headers: options.headers }),
  features: {
    ...(process.env.DPOP_NONCE === '1'
      ? { dPoP: { enabled: true, nonceSecret: Buffer.alloc(32, 7), requireNonce: () => true } }
      : {}),
    ...(mtls ? { mTLS: mtls.feature } : {}),
    devInteractions: { enabled: login },
    pushedAuthorizationRequests: {
      enabled: true,
      requirePushedAuthorizationRequests: process.env.PUSHED === '1',
    },
    requestObjects: { enabled: process.env.SIGNED === '1', requireSignedRequestObject: process.env.SIGNED === '1' },
    jwtResponseModes: { enabled: process.env.SIGNED_ANSWERS === '1' },
    ...(process.env.DETAILS === '1' ? { richAuthorizationRequests: paymentDetails() } : {}),
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
const answer = provider.callback();
server.on('request', answer);
mutual?.on('request', async (request, response) => {
  if (request.url !== '/orders') return answer(request, response);
  const token = await provider.ClientCredentials.find(request.headers.authorization?.split(' ')[1] ?? '');
  const bound = token?.['x5t#S256'];
  const own = presented(request)?.fingerprint256.replaceAll(':', '');
  const fits = own && bound === Buffer.from(own, 'hex').toString('base64url');
  response.writeHead(fits ? 200 : 401, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ bound: Boolean(bound), presented: Boolean(own) }));
});
const api = mutual && `https://127.0.0.1:${mutual.address().port}/orders`;
process.stdout.write(`${JSON.stringify({ issuer, api })}\n`);
