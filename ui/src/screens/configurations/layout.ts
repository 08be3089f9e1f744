import type { FormField } from '$lib/ipc';

/** An address longer than this takes the whole width, so that its end can be seen. */
const LONG_ADDRESS = 40;

/** A field takes the whole width by what it holds. */
export function isWide(kind: string, value: string, multiline = false): boolean {
  if (kind === 'switch' || multiline) return true;
  return kind === 'url' && value.length > LONG_ADDRESS;
}

/** Which cells of two columns take the whole row: the wide ones, and those that would stand alone before one. */
export function spans(wide: boolean[]): boolean[] {
  let column = 0;
  return wide.map((own, index) => {
    const alone = column === 0 && wide[index + 1] === true;
    const whole = own || alone;
    column = whole ? 0 : 1 - column;
    return whole;
  });
}

/** What must be filled comes first; otherwise the order of the core stays. */
export function requiredFirst(fields: FormField[]): FormField[] {
  return [...fields.filter((field) => field.required), ...fields.filter((field) => !field.required)];
}
