/** What a shortcut does. The names are kept in the preferences, so they never change. */
export const ACTIONS = {
  palette: 'Ctrl+K',
  register: 'Ctrl+N',
  lock: 'Ctrl+L',
  submit: 'Ctrl+Enter',
  search: 'Ctrl+F',
  shortcuts: 'Ctrl+/',
  settings: 'Ctrl+,',
  quick_access: 'Ctrl+Alt+K',
  theme: 'Ctrl+Shift+D',
  presenter: 'Ctrl+Shift+P',
  copy_token: 'Ctrl+Shift+C',
  copy_secret: 'Ctrl+Alt+C',
  copy_client_id: 'Ctrl+C',
  call: 'Ctrl+Shift+A',
  rename: 'F2',
  labels: 'Ctrl+Shift+L',
  refresh: 'Ctrl+R',
  delete: 'Delete',
  undo: 'Ctrl+Z',
  next_pane: 'F6',
  opening_scene: 'Ctrl+Shift+0',
  go_applications: 'Ctrl+1',
  go_configurations: 'Ctrl+2',
  go_console: 'Ctrl+3',
  go_sessions: 'Ctrl+4',
  go_activity: 'Ctrl+5',
  go_sandbox: 'Ctrl+6',
} as const;

export type Action = keyof typeof ACTIONS;

export const ACTION_NAMES = Object.keys(ACTIONS) as Action[];

/** Second keys that always work beside the first; single keys do nothing in a text field. */
export const EXTRA: Partial<Record<Action, string>> = { search: '/', shortcuts: '?' };

export const isMac = (): boolean => /mac/i.test(navigator.platform);

type Keys = Pick<KeyboardEvent, 'key' | 'code' | 'ctrlKey' | 'metaKey' | 'shiftKey' | 'altKey'>;

/** A key event as it is written in the preferences: "Ctrl+Shift+C"; empty for a modifier alone. */
export function written(event: Keys, mac = isMac()): string {
  if (['Control', 'Shift', 'Alt', 'Meta', 'Dead'].includes(event.key)) return '';
  const command = mac ? event.metaKey : event.ctrlKey;
  const parts: string[] = [];
  if (command) parts.push('Ctrl');
  if (event.altKey) parts.push('Alt');
  // With a modifier the key on the keyboard counts: Alt+C types "ç" on some layouts.
  const letter = /^Key([A-Z])$/.exec(event.code)?.[1] ?? /^Digit(\d)$/.exec(event.code)?.[1];
  const named = event.key.length > 1;
  let key = event.key.length === 1 ? event.key.toUpperCase() : event.key;
  if (letter && (command || event.altKey)) key = letter;
  // "?" already says Shift.
  if (event.shiftKey && (named || letter)) parts.push('Shift');
  if (event.key === ' ') key = 'Space';
  return [...parts, key].join('+');
}

/** The keys of an action, with the user's changes. */
export function keysOf(action: Action, changed: Record<string, string> | undefined): string {
  return changed?.[action] ?? ACTIONS[action];
}

/** The action of a key event. */
export function actionOf(event: Keys, changed: Record<string, string> | undefined, mac = isMac()): Action | undefined {
  const pressed = written(event, mac);
  if (!pressed) return undefined;
  return (
    ACTION_NAMES.find((action) => keysOf(action, changed) === pressed) ??
    ACTION_NAMES.find((action) => EXTRA[action] === pressed)
  );
}

/** Other actions with the same keys. */
export function sharing(action: Action, changed: Record<string, string> | undefined): Action[] {
  const keys = keysOf(action, changed);
  return ACTION_NAMES.filter((other) => other !== action && keysOf(other, changed) === keys);
}

/** Keys that may be given to an action: with Ctrl, or a function key; a letter alone belongs to typing. */
export const assignable = (keys: string): boolean => keys.startsWith('Ctrl+') || /^(Shift\+)?F\d{1,2}$/.test(keys);

const SYMBOLS: Record<string, string> = { Ctrl: '⌘', Alt: '⌥', Shift: '⇧' };

/** Key caps as the system writes them: "Ctrl Shift C" and "Ctrl ↵", on macOS "⇧⌘C" and "⌘↩". */
export function caps(keys: string, mac = isMac()): string {
  const parts = keys.split('+').map((part) => (part === 'Enter' ? (mac ? '↩' : '↵') : part));
  return mac ? parts.map((part) => SYMBOLS[part] ?? part).join('') : parts.join(' ');
}

/** True where typing belongs to a field and single keys must not be taken. */
export function typing(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable || target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement)
    return true;
  return target instanceof HTMLInputElement && !['checkbox', 'radio', 'button', 'range'].includes(target.type);
}
