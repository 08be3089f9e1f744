import { describe, expect, it, vi } from 'vitest';
import ContextMenu from '$lib/components/ContextMenu.svelte';
import MoreMenu from '$lib/components/MoreMenu.svelte';
import { click, draw, has, part, press, soon } from './mounted';

const focused = (): string | null | undefined => document.activeElement?.getAttribute('data-testid');

function drawMore(run = (): void => undefined): void {
  draw(MoreMenu, {
    label: 'More',
    items: [
      { id: 'rename', label: 'Rename', run },
      { id: 'labels', label: 'Labels', run: () => undefined },
      { id: 'delete', label: 'Delete', danger: true, run: () => undefined },
    ],
    testid: 'more',
  });
  part('more').focus();
}

describe('the menu of a button', () => {
  it('opens by Enter on its first line, and goes round with the arrows', async () => {
    drawMore();
    press('Enter');
    await soon(() => expect(focused()).toBe('more-rename'));
    expect(part('more').getAttribute('aria-expanded')).toBe('true');
    press('ArrowUp');
    expect(focused()).toBe('more-delete');
    press('ArrowDown');
    expect(focused()).toBe('more-rename');
    press('End');
    expect(focused()).toBe('more-delete');
  });

  it('finds a line by its first letter', async () => {
    drawMore();
    press('Enter');
    await soon(() => expect(focused()).toBe('more-rename'));
    press('l');
    await soon(() => expect(focused()).toBe('more-labels'));
  });

  it.each(['Escape', 'Tab'])('is closed by %s, and the button has the focus', async (key) => {
    drawMore();
    press('Enter');
    await soon(() => expect(focused()).toBe('more-rename'));
    press(key);
    await soon(() => expect(has('more-delete')).toBe(false));
    await soon(() => expect(focused()).toBe('more'));
  });

  it('leaves the focus where the chosen line moves it', async () => {
    const run = vi.fn(() => document.getElementById('before')?.focus());
    drawMore(run);
    press('Enter');
    await soon(() => expect(focused()).toBe('more-rename'));
    press('Enter');
    await soon(() => expect(run).toHaveBeenCalledOnce());
    await new Promise((done) => setTimeout(done, 50));
    expect(document.activeElement?.id).toBe('before');
    expect(has('more-rename')).toBe(false);
  });

  it('runs a line once per click', async () => {
    const run = vi.fn();
    drawMore(run);
    click(part('more'));
    await soon(() => expect(has('more-rename')).toBe(true));
    click(part('more-rename'));
    await soon(() => expect(has('more-rename')).toBe(false));
    expect(run).toHaveBeenCalledOnce();
  });
});

it('a context menu opens at a place, and gives the focus back', async () => {
  document.body.innerHTML = '';
  draw(ContextMenu, {
    label: 'orders-batch',
    groups: [
      [{ id: 'pin', label: 'Pin', run: () => undefined }],
      [{ id: 'delete', label: 'Delete', run: () => undefined }],
    ],
    at: { x: 40, y: 40 },
    testid: 'menu',
  });
  await soon(() => expect(part('menu').contains(document.activeElement)).toBe(true));
  expect(part('menu').getAttribute('aria-label')).toBe('orders-batch');
  press('Escape');
  await soon(() => expect(has('menu')).toBe(false));
});
