// An API behind passport and express-session on a free port of 127.0.0.1. Prints one line of JSON, then serves.
//
// ISSUER is the identity provider, found by its metadata. A client's id and secret by Basic are tried at its token
// endpoint, as gateways do. An access token is checked with its keys, or with OPAQUE=1 by introspection. Either opens
// a session: the cookie alone is then enough, until DELETE /session. SESSION_COOKIE=1: the cookie has no date.
import { createServer } from 'node:http';
import express from 'express';
import session from 'express-session';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import passport from 'passport';
import { BasicStrategy } from 'passport-http';
import { Strategy as BearerStrategy } from 'passport-http-bearer';

const { ISSUER, SCOPE, OPAQUE, SESSION_COOKIE } = process.env;
const provider = await json(await fetch(`${ISSUER}/.well-known/openid-configuration`));

async function json(answer) {
  if (!answer.ok) throw new Error(`${answer.url} answers ${answer.status}: ${await answer.text()}`);
  return answer.json();
}

// RFC 6749, section 2.3.1.
function basic(id, secret) {
  const form = (text) => encodeURIComponent(text).replaceAll('%20', '+');
  return { authorization: `Basic ${Buffer.from(`${form(id)}:${form(secret)}`).toString('base64')}` };
}

function byKeys() {
  const keys = createRemoteJWKSet(new URL(provider.jwks_uri));
  return async (token) => (await jwtVerify(token, keys, { issuer: ISSUER })).payload;
}

async function byIntrospection() {
  const gateway = await json(
    await fetch(provider.registration_endpoint, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ grant_types: ['client_credentials'], response_types: [], redirect_uris: [] }),
    }),
  );
  return async (token) => {
    const answer = await fetch(provider.introspection_endpoint, {
      method: 'POST',
      headers: basic(gateway.client_id, gateway.client_secret),
      body: new URLSearchParams({ token }),
    });
    const state = await json(answer);
    if (!state.active) throw new Error('the token is not active');
    return state;
  };
}

const check = OPAQUE ? await byIntrospection() : byKeys();
passport.use(
  new BasicStrategy((id, secret, done) => {
    fetch(provider.token_endpoint, {
      method: 'POST',
      headers: basic(id, secret),
      body: new URLSearchParams({ grant_type: 'client_credentials', scope: SCOPE }),
    }).then((answer) => done(null, answer.ok && { id }), done);
  }),
);
passport.use(
  new BearerStrategy((token, done) => {
    check(token).then(
      (claims) => done(null, { id: claims.client_id ?? claims.sub }),
      () => done(null, false),
    );
  }),
);
passport.serializeUser((user, done) => done(null, user.id));
passport.deserializeUser((id, done) => done(null, { id }));

const app = express();
const cookie = SESSION_COOKIE ? {} : { maxAge: 600_000 };
app.use(session({ secret: 'only for tests on this machine', resave: false, saveUninitialized: false, cookie }));
app.use(passport.session());
const authenticate = passport.authenticate(['basic', 'bearer']);
app.use((request, response, next) => (request.isAuthenticated() ? next() : authenticate(request, response, next)));
app.get('/orders', (_, response) => response.json({ orders: [{ id: 1 }] }));
app.delete('/session', (request, response, next) =>
  request.session.destroy((error) => (error ? next(error) : response.sendStatus(204))),
);

const server = createServer(app);
server.listen(0, '127.0.0.1', () => {
  const root = `http://127.0.0.1:${server.address().port}`;
  process.stdout.write(`${JSON.stringify({ api: `${root}/orders`, end: `${root}/session` })}\n`);
});
