import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

/** WCAG 2.2, 1.4.3 and 1.4.11. */
const TEXT = 4.5;
const MARK = 3;

const css = readFileSync('src/styles/tokens.css', 'utf8');

function tokens(theme: 'light' | 'dark'): Map<string, string> {
  const block = new RegExp(`\\[data-theme=["']${theme}["']\\] \\{([^}]*)\\}`).exec(css)?.[1] ?? '';
  return new Map(
    [...block.matchAll(/--([\w-]+): (#[0-9a-f]{3,6});/g)].map((match) => [match[1] ?? '', match[2] ?? '']),
  );
}

/** Relative luminance of an sRGB colour. */
function luminance(hex: string): number {
  const digits = hex.length === 4 ? hex.replace(/[0-9a-f]/g, '$&$&') : hex;
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const part = parseInt(digits.slice(at, at + 2), 16) / 255;
    return part <= 0.040_45 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(one: string, other: string): number {
  const [dark = 0, light = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
}

const grounds = ['bg', 'surface', 'raised', 'well', 'hover', 'selected'];
const text: [string, string][] = [
  ...grounds.flatMap((ground): [string, string][] => [
    ['text', ground],
    ['text-2', ground],
  ]),
  ...['bg', 'surface', 'raised', 'well'].map((ground): [string, string] => ['text-3', ground]),
  ['accent-text', 'surface'],
  ['accent-text', 'accent-soft'],
  ['on-accent', 'accent'],
  ['on-accent', 'accent-hover'],
  ['on-accent', 'bad-btn'],
  ...['ok', 'warn', 'bad'].flatMap((state): [string, string][] => [
    [state, 'surface'],
    [state, `${state}-soft`],
  ]),
  ...['code-str', 'code-num', 'code-key'].map((part): [string, string] => [part, 'well']),
  ...[0, 1, 2, 3, 4, 5].map((tile): [string, string] => [`t${tile}f`, `t${tile}`]),
];
const marks: [string, string][] = [
  ['line-ctl', 'surface'],
  ['line-ctl', 'raised'],
  ['accent-text', 'bg'],
  ...['ok-fill', 'warn-fill', 'bad-fill', 'idle-fill'].map((fill): [string, string] => [fill, 'surface']),
];

describe.each(['light', 'dark'] as const)('the %s theme', (theme) => {
  const known = tokens(theme);
  const colour = (name: string): string => {
    const found = known.get(name);
    if (found === undefined) throw new Error(`--${name} is no colour of the ${theme} theme`);
    return found;
  };

  it.each(text)('%s is readable on %s', (front, ground) => {
    expect(contrast(colour(front), colour(ground))).toBeGreaterThanOrEqual(TEXT);
  });

  it.each(marks)('%s stands out from %s', (front, ground) => {
    expect(contrast(colour(front), colour(ground))).toBeGreaterThanOrEqual(MARK);
  });
});

it('measures contrast as the standard does', () => {
  expect(contrast('#000', '#fff')).toBeCloseTo(21);
  expect(contrast('#777777', '#ffffff')).toBeCloseTo(4.48, 2);
});
