import * as m from '$lib/messages';

/** Something a key can do, with the keys it has at first; `Mod` is Ctrl, or Command on a Mac. */
export type Action = { action: string; label: () => string; keys: string };

export const ACTIONS: Action[] = [
  { action: 'palette', label: m.settings_key_palette, keys: 'Mod+K' },
  { action: 'lock', label: m.settings_key_lock, keys: 'Mod+L' },
  { action: 'submit', label: m.settings_key_submit, keys: 'Mod+Enter' },
  { action: 'copy_token', label: m.settings_key_copy_token, keys: 'Mod+Shift+C' },
  { action: 'presenter', label: m.settings_key_presenter, keys: 'Mod+Shift+P' },
];

const mac = navigator.userAgent.includes('Mac');

/** The keys of an action: the user's, or else its own. */
export const keysOf = (action: Action, changed: Record<string, string>): string =>
  changed[action.action] ?? action.keys;

/** Other actions with the same keys. */
export function conflicts(action: Action, changed: Record<string, string>): Action[] {
  const keys = keysOf(action, changed);
  return ACTIONS.filter((other) => other.action !== action.action && keysOf(other, changed) === keys);
}

/** "Ctrl", "Shift", "K": one part for each key cap. */
export const caps = (keys: string): string[] =>
  keys.split('+').map((key) => (key === 'Mod' ? (mac ? '⌘' : 'Ctrl') : key));

/** What was pressed; absent while only modifiers are down, or without the main one. */
export function pressed(event: KeyboardEvent): string | undefined {
  if (!(mac ? event.metaKey : event.ctrlKey)) return undefined;
  if (['Control', 'Meta', 'Shift', 'Alt'].includes(event.key)) return undefined;
  // A plus is spelled out, because it stands between the keys.
  const key = event.key === '+' ? 'Plus' : event.key === ' ' ? 'Space' : event.key;
  const parts = ['Mod'];
  if (event.altKey) parts.push('Alt');
  if (event.shiftKey) parts.push('Shift');
  parts.push(key.length === 1 ? key.toUpperCase() : key);
  return parts.join('+');
}
