import { describe, expect, it } from 'vitest';
import { keepable, pastCalls, withCall, type PastCall } from '../screens/console/past-calls';
import { queryOf, withQuery } from '../screens/console/query';

const past = (url: string, more: Partial<PastCall> = {}): PastCall => ({
  method: 'GET',
  url,
  auth: 'bearer',
  headers: [],
  body: '',
  at: 1,
  status: 200,
  saved: false,
  ...more,
});

describe('the calls of an application', () => {
  it('are the last fifty and those that were saved', () => {
    let all: PastCall[] = [past('https://api.example/kept', { saved: true })];
    for (let n = 0; n < 60; n += 1) all = withCall(all, past(`https://api.example/${n}`));
    expect(all).toHaveLength(51);
    expect(all[0]?.url).toBe('https://api.example/59');
    expect(all.at(-1)?.url).toBe('https://api.example/kept');
  });

  it('tell the same call once, and leave it saved', () => {
    const all = withCall(
      [past('https://a.example'), past('https://b.example', { saved: true })],
      past('https://b.example', { at: 9 }),
    );
    expect(all.map((one) => [one.url, one.saved, one.at])).toEqual([
      ['https://b.example', true, 9],
      ['https://a.example', false, 1],
    ]);
  });

  it('leave out a body that is too long to be kept', () => {
    expect(withCall([], past('https://a.example', { body: 'x'.repeat(5000) }))[0]?.body).toBe('');
  });

  it('are kept without the values of credentials', () => {
    const made = past('https://a.example/x?api_key=s3cret&page=2', {
      headers: [
        { name: 'X-Api-Key', value: 's3cret' },
        { name: 'Accept', value: 'text/plain' },
      ],
      body: '{"clientSecret": "s3cret"}',
    });
    const kept = keepable(made);
    expect(JSON.stringify(kept)).not.toContain('s3cret');
    expect(kept.url).toBe('https://a.example/x?api_key=&page=2');
    expect(kept.headers[1]?.value).toBe('text/plain');
    for (const body of ['user=a&password=s3cret', 'access_token=s3cret', 'passphrase: s3cret']) {
      expect(keepable(past('https://a.example', { body })).body).toBe('');
    }
    expect(keepable(past('https://a.example/x?q=a+b', { body: '{"page": 2}' }))).toEqual(
      past('https://a.example/x?q=a+b', { body: '{"page": 2}' }),
    );
    expect(withCall([], made)).toEqual([kept]);
  });

  it('are read from what an older version kept, and from nothing else', () => {
    expect(pastCalls(['https://a.example', 7, null, {}])).toEqual([
      past('https://a.example', { auth: 'client-credentials', at: 0, status: null }),
    ]);
    expect(pastCalls('no list')).toEqual([]);
  });
});

describe('the parameters of an address', () => {
  it.each([
    ['https://a.example/x', []],
    [
      'https://a.example/x?a=1&b',
      [
        ['a', '1'],
        ['b', ''],
      ],
    ],
    ['https://a.example/x?q=%E6%B3%A8+1#part', [['q', '注 1']]],
    ['https://a.example/x?bad=%zz', [['bad', '%zz']]],
  ])('of %s are read', (url, wanted) => {
    expect(queryOf(url)).toEqual(wanted);
  });

  it('are written back, and the rest of the address stays', () => {
    expect(
      withQuery('https://a.example/x?old=1#part', [
        ['q', 'a b&c'],
        ['', ''],
      ]),
    ).toBe('https://a.example/x?q=a%20b%26c&=#part');
    expect(withQuery('https://a.example/x?old=1', [])).toBe('https://a.example/x');
  });
});
