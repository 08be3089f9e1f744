import { describe, expect, it } from 'vitest';
import { addressParts } from '$lib/address';

describe('the parts of an address', () => {
  it('end with what separates them', () => {
    expect(addressParts('https://id.example:8443/rfc7591/register?a=b&c=d')).toEqual([
      'https://',
      'id.example:8443/',
      'rfc7591/',
      'register?',
      'a=b&',
      'c=d',
    ]);
    expect(addressParts('https://id.example')).toEqual(['https://', 'id.example']);
  });

  it('lose nothing', () => {
    for (const text of ['http://', 'a://b//c??d', 'keywright://x/y', '://', 'see https://a.example/b, then go on']) {
      expect(addressParts(text).join('')).toBe(text);
    }
  });

  it('are one in any other text', () => {
    expect(addressParts('a/b & c?')).toEqual(['a/b & c?']);
    expect(addressParts('')).toEqual(['']);
  });
});
