import { createRawSnippet, flushSync } from 'svelte';
import { describe, expect, it, vi } from 'vitest';
import Button from '$lib/components/Button.svelte';
import Checkbox from '$lib/components/Checkbox.svelte';
import Dialog from '$lib/components/Dialog.svelte';
import Field from '$lib/components/Field.svelte';
import Segmented from '$lib/components/Segmented.svelte';
import Tabs from '$lib/components/Tabs.svelte';
import UntrustedText from '$lib/components/UntrustedText.svelte';
import VirtualList from '$lib/components/VirtualList.svelte';
import { click, described, draw, has, part, press, soon, words } from './mounted';

const stops = (role: string): (string | null)[] =>
  [...document.querySelectorAll(`[role="${role}"][tabindex="0"]`)].map((one) => one.getAttribute('data-testid'));

describe('a button', () => {
  it('that cannot be used can be reached and says why', () => {
    const onclick = vi.fn();
    draw(Button, {
      children: words('Rotate'),
      disabled: true,
      reason: 'Okta cannot rotate',
      onclick,
      testid: 'rotate',
    });
    const button = part('rotate');
    click(button);
    expect(onclick).not.toHaveBeenCalled();
    expect(button.getAttribute('aria-disabled')).toBe('true');
    expect(button.hasAttribute('disabled')).toBe(false);
    expect(described(button)).toBe('Okta cannot rotate');
  });

  it('that works names the work and is not pressed twice', () => {
    const onclick = vi.fn();
    draw(Button, { children: words('Send'), busy: true, busyLabel: 'Sending…', onclick, testid: 'send' });
    click(part('send'));
    expect(onclick).not.toHaveBeenCalled();
    expect(part('send').textContent.trim()).toBe('Sending…');
  });
});

describe('a field', () => {
  it('that was refused is marked and says why', () => {
    draw(Field, { label: 'Issuer', hint: 'Of the server', error: 'has no host', testid: 'issuer' });
    expect(part('issuer').getAttribute('aria-invalid')).toBe('true');
    expect(described(part('issuer'))).toBe('Of the server has no host');
    expect(document.querySelector('[role="alert"]')?.textContent).toBe('has no host');
  });

  it('is not read out at every key that is typed, and is when it is submitted', () => {
    draw(Field, { label: 'Issuer', error: 'has no host', testid: 'issuer' });
    const field = part('issuer') as HTMLInputElement;
    field.focus();
    field.dispatchEvent(new Event('input', { bubbles: true }));
    flushSync();
    expect(document.querySelector('[role="alert"]')).toBeNull();
    expect(described(field)).toBe('has no host');
    press('Enter');
    expect(document.querySelector('[role="alert"]')?.textContent).toBe('has no host');
  });

  it('that is required says so once', () => {
    draw(Field, { label: 'Issuer', required: true, testid: 'issuer' });
    expect(part('issuer').hasAttribute('required')).toBe(true);
    expect(document.querySelector('label .sr')).toBeNull();
    expect(document.querySelector('label [aria-hidden="true"]')?.textContent).toBe('*');
  });

  it('hides a password until it is asked for', () => {
    draw(Field, { label: 'Passphrase', type: 'password', testid: 'pass' });
    expect(part('pass').getAttribute('type')).toBe('password');
    click(part('pass-show'));
    expect(part('pass').getAttribute('type')).toBe('text');
    expect(part('pass-show').getAttribute('aria-pressed')).toBe('true');
  });
});

it('a check box that cannot be changed keeps its reason in sight', () => {
  const onchange = vi.fn();
  draw(Checkbox, { label: 'Refresh token', disabled: true, reason: 'not offered', onchange, testid: 'refresh' });
  click(part('refresh'));
  expect(onchange).not.toHaveBeenCalled();
  expect(described(part('refresh'))).toBe('not offered');
});

describe('a segmented control', () => {
  const options = [
    { value: 'light', label: 'Light' },
    { value: 'dark', label: 'Dark' },
    { value: 'system', label: 'System' },
  ];

  it('is one tab stop, and the arrows choose', () => {
    const onchange = vi.fn();
    draw(Segmented, { label: 'Theme', options, value: 'dark', onchange, testid: 'theme' });
    expect(stops('radio')).toEqual(['theme-dark']);
    part('theme-dark').focus();
    press('ArrowRight');
    expect(onchange).toHaveBeenLastCalledWith('system');
    expect(part('theme-system').getAttribute('aria-checked')).toBe('true');
    press('ArrowRight');
    expect(onchange).toHaveBeenLastCalledWith('light');
    expect(stops('radio')).toEqual(['theme-light']);
  });

  it('stays chosen when it is pressed again', () => {
    const onchange = vi.fn();
    draw(Segmented, { label: 'Theme', options, value: 'dark', onchange, testid: 'theme' });
    click(part('theme-dark'));
    expect(onchange).not.toHaveBeenCalled();
    expect(part('theme-dark').getAttribute('aria-checked')).toBe('true');
  });
});

it('tabs show the panel of the one with the focus', () => {
  draw(Tabs, {
    tabs: [
      { id: 'tokens', label: 'Tokens', count: 2 },
      { id: 'keys', label: 'Keys' },
    ],
    children: createRawSnippet((id: () => string) => ({ render: () => `<p data-testid="content">${id()}</p>` })),
    testid: 'tab',
  });
  expect(stops('tab')).toEqual(['tab-tokens']);
  part('tab-tokens').focus();
  press('ArrowRight');
  expect(part('tab-keys').getAttribute('aria-selected')).toBe('true');
  const panel = document.getElementById(part('tab-keys').getAttribute('aria-controls') ?? '');
  expect(panel?.getAttribute('role')).toBe('tabpanel');
  expect(panel?.getAttribute('aria-labelledby')).toBe(part('tab-keys').id);
  expect(press('Enter', { ctrlKey: true })).toBe(true);
  expect(press('Enter')).toBe(false);
});

it('a dialog opens on its safe button, and Escape closes it', async () => {
  const cancel = '<button data-testid="cancel">Cancel</button>';
  draw(Dialog, {
    open: true,
    title: 'Delete orders-batch?',
    children: words('Forget or delete'),
    footer: createRawSnippet(() => ({ render: () => `<span>${cancel}<button>Delete</button></span>` })),
    testid: 'dialog',
  });
  await soon(() => expect(document.activeElement?.getAttribute('data-testid')).toBe('cancel'));
  expect(document.getElementById(part('dialog').getAttribute('aria-labelledby') ?? '')?.textContent).toBe(
    'Delete orders-batch?',
  );
  press('Escape');
  await soon(() => expect(has('dialog')).toBe(false));
});

it('text from a server shows what would hide in it', () => {
  draw(UntrustedText, { text: 'pay\u202Eload', testid: 'text' });
  const mark = part('text').querySelector('.mark');
  expect(mark?.textContent).not.toContain('\u202E');
  expect(part('text').tagName).toBe('BDI');
});

it('a row of a list says its place among all of them', async () => {
  const chosen = vi.fn();
  const load = (offset: number, limit: number): Promise<string[]> =>
    Promise.resolve(Array.from({ length: limit }, (_, at) => `app-${offset + at}`));
  draw(VirtualList<string>, {
    total: 10_284,
    rowHeight: 48,
    label: 'Applications',
    load,
    version: 1,
    key: (name: string) => name,
    onselect: chosen,
    row: createRawSnippet((name: () => string) => ({ render: () => `<span class="item">${name()}</span>` })),
    testid: 'list',
  });
  await soon(() => expect(document.querySelector('.item')?.textContent).toBe('app-0'));
  const row = part('list-row');
  expect(row.getAttribute('aria-setsize')).toBe('10284');
  expect(row.getAttribute('aria-posinset')).toBe('1');
  click(row);
  expect(chosen).toHaveBeenCalledWith('app-0');
});
