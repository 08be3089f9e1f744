import { describe, expect, it } from 'vitest';
import { ACTION_NAMES, actionOf, assignable, caps, keysOf, sharing, written } from '$lib/shortcuts';

const key = (name: string, more: Partial<KeyboardEvent> = {}) => ({
  key: name,
  code: /^[a-z]$/i.test(name) ? `Key${name.toUpperCase()}` : name,
  ctrlKey: false,
  metaKey: false,
  shiftKey: false,
  altKey: false,
  ...more,
});

describe('a key event', () => {
  it.each([
    [key('k', { ctrlKey: true }), 'Ctrl+K'],
    [key('C', { ctrlKey: true, shiftKey: true }), 'Ctrl+Shift+C'],
    [key('ç', { code: 'KeyC', ctrlKey: true, altKey: true }), 'Ctrl+Alt+C'],
    [key('?', { code: 'Slash', shiftKey: true }), '?'],
    [key('F6', { shiftKey: true }), 'Shift+F6'],
    [key(' '), 'Space'],
    [key('Shift', { shiftKey: true }), ''],
  ])('is written as the preferences keep it', (event, text) => {
    expect(written(event, false)).toBe(text);
  });

  it('takes Command for Ctrl on a Mac and leaves Control to the system', () => {
    expect(written(key('k', { metaKey: true }), true)).toBe('Ctrl+K');
    expect(actionOf(key('k', { ctrlKey: true }), {}, true)).toBeUndefined();
  });

  it('does what the user chose, and no longer what it did before', () => {
    const changed = { lock: 'Ctrl+J' };
    expect(actionOf(key('j', { ctrlKey: true }), changed, false)).toBe('lock');
    expect(actionOf(key('l', { ctrlKey: true }), changed, false)).toBeUndefined();
  });

  it('opens the search and the list of shortcuts by one key', () => {
    expect(actionOf(key('/', { code: 'Slash' }), {}, false)).toBe('search');
    expect(actionOf(key('?', { code: 'Slash', shiftKey: true }), {}, false)).toBe('shortcuts');
  });
});

it('gives each action keys of its own', () => {
  expect(ACTION_NAMES.filter((action) => sharing(action, {}).length > 0)).toEqual([]);
  expect(sharing('lock', { lock: 'Ctrl+K' })).toEqual(['palette']);
  expect(keysOf('lock', { lock: 'Ctrl+K' })).toBe('Ctrl+K');
});

it('assigns no key that typing needs', () => {
  expect(['Ctrl+J', 'Ctrl+Alt+C', 'F9', 'Shift+F9'].every(assignable)).toBe(true);
  expect(['', 'J', 'Alt+J', 'Space', 'Enter', 'Delete'].some(assignable)).toBe(false);
});

it('draws key caps as the system does', () => {
  expect(caps('Ctrl+Shift+C', false)).toBe('Ctrl Shift C');
  expect(caps('Ctrl+Enter', false)).toBe('Ctrl ↵');
  expect(caps('Ctrl+Enter', true)).toBe('⌘↩');
});
