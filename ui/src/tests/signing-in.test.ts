import { describe, expect, it } from 'vitest';
import type { ClaimView, TokenView } from '../lib/ipc';
import { originOf, sameScopes, userOf } from '../screens/applications/grants';
import { after, type SignInFlow } from '../screens/applications/signing-in.svelte';

const begun: SignInFlow = { begun: 100, since: 100, slowed: 0, ignored: 0, answered: false };

const claim = (name: string, value: string): ClaimView => ({ name, value, note: null, tone: 'info', at: null });

function token(claims: ClaimView[] | undefined): TokenView {
  const id_token = claims && {
    signature: 'verified',
    signature_reason: null,
    algorithm: null,
    key_id: null,
    claims,
    claims_json: null,
  };
  return { grant: 'authorization_code', id_token: id_token ?? null } as unknown as TokenView;
}

describe('a sign-in', () => {
  it('waits from the moment at which the user was sent away', () => {
    const open = {
      kind: 'open',
      address: 'https://id.example/a',
      redirect_uri: 'http://127.0.0.1:1/',
      listens: true,
      opened: true,
      seconds: 300,
    } as const;
    expect(after(begun, open, 107)).toMatchObject({ open, since: 107, answered: false });
  });

  it('counts foreign answers and longer pauses', () => {
    const slower = { kind: 'asked', times: 2, pause: 10, slower: true } as const;
    const usual = { kind: 'asked', times: 3, pause: 10, slower: false } as const;
    const steps = [{ kind: 'ignored' }, { kind: 'ignored' }, slower, usual] as const;
    const flow = steps.reduce<SignInFlow>((so, step) => after(so, step, 1), begun);
    expect(flow).toMatchObject({ ignored: 2, slowed: 1, asked: usual });
  });
});

describe('the origin of a token', () => {
  it('is its user by the name that a person recognizes', () => {
    const claims = [claim('sub', '8f2c'), claim('email', 'mika@example.com')];
    expect(userOf(token(claims))).toBe('mika@example.com');
    expect(originOf(token([claim('sub', '8f2c')]))).toContain('8f2c');
  });

  it('is the grant where no ID token came', () => {
    expect(originOf(token(undefined))).toBe('Authorization code with PKCE');
  });
});

describe('scopes', () => {
  it('are the same in any order', () => {
    expect(sameScopes('openid  orders:read', 'orders:read openid')).toBe(true);
    expect(sameScopes('openid', 'openid orders:read')).toBe(false);
  });
});
