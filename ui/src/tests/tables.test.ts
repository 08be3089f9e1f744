import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

function components(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) return components(path);
    return path.endsWith('.svelte') ? [path] : [];
  });
}

describe('the head of a table', () => {
  // WebKitGTK 2.50 ends the process of the pages when a screen reader reads a `th` whose role it must work out itself.
  it('has its role written out', () => {
    for (const path of components('src')) {
      for (const [head = ''] of readFileSync(path, 'utf8').matchAll(/<th\b[^>]*>/g)) {
        expect(head, path).toMatch(/ role="(columnheader|rowheader)"/);
      }
    }
  });
});
