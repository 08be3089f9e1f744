import { describe, expect, it } from 'vitest';
import { addressOf, parseCurl, shellWords } from '../screens/console/curl';

describe('a pasted cURL command', () => {
  it('fills the fields, without its credentials', () => {
    const text = `curl -X put 'https://api.example/orders?limit=2' \\\n  -H "Accept: application/json" -H 'Authorization: Bearer abc' \\\r\n -b session=1 --json '{"a": "it'\\''s"}'`;
    expect(parseCurl(text)).toEqual({
      method: 'PUT',
      url: 'https://api.example/orders?limit=2',
      headers: [
        { name: 'Accept', value: 'application/json' },
        { name: 'Content-Type', value: 'application/json' },
      ],
      body: '{"a": "it\'s"}',
    });
  });

  it('with data and no method is a POST', () => {
    expect(parseCurl('curl https://a.example -da=1 --data-raw b=2')).toMatchObject({ method: 'POST', body: 'a=1&b=2' });
    expect(parseCurl('curl -I https://a.example')?.method).toBe('HEAD');
  });

  it('is nothing where the text is another one', () => {
    expect(parseCurl('https://a.example/curl')).toBeUndefined();
    expect(parseCurl('curl -s')).toBeUndefined();
  });

  it('is read as a shell does', () => {
    expect(shellWords(String.raw`a\ b "c \" $d" $'e\nf' ''`)).toEqual(['a b', 'c " $d', 'e\nf', '']);
  });
});

describe('an address', () => {
  it.each([
    ['api.example/orders', 'https://api.example/orders'],
    ['localhost:8080/x', 'http://localhost:8080/x'],
    ['127.0.0.1:9', 'http://127.0.0.1:9'],
    [' http://api.example ', 'http://api.example'],
    ['ftp://api.example', undefined],
    ['http://', undefined],
    ['a b', undefined],
  ])('%s is %s', (typed, wanted) => {
    expect(addressOf(typed)).toBe(wanted);
  });
});
