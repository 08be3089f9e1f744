import { describe, expect, it } from 'vitest';
import { formOf, redactedParts } from '$lib/redacted';

describe('what is redacted', () => {
  it.each([
    ['Bearer [redacted]', ['Bearer ', 'redacted']],
    ['sid=••••; lang=en', ['sid=', 'redacted', '; lang=en']],
    ['[redacted]', ['redacted']],
    ['nothing', ['nothing']],
  ])('is one word in %s', (text, wanted) => {
    expect(redactedParts(text).map((part) => part.text)).toEqual(wanted);
  });
});

describe('the body of a form', () => {
  const FORM = 'application/x-www-form-urlencoded; charset=utf-8';

  it('is read as parameters', () => {
    expect(
      formOf('grant_type=client_credentials&scope=orders%3Aread+orders%3Awrite&client_secret=[redacted]', FORM),
    ).toEqual([
      { name: 'grant_type', value: 'client_credentials' },
      { name: 'scope', value: 'orders:read orders:write' },
      { name: 'client_secret', value: '[redacted]' },
    ]);
  });

  it('is recognized by its content type', () => {
    expect(formOf('a=b', 'text/plain')).toBeUndefined();
    expect(formOf('a=b', undefined)).toBeUndefined();
  });
});
