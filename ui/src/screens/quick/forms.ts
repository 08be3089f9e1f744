import type { QuickForm } from '$lib/ipc';
import * as m from '$lib/messages';

export const FORMS: QuickForm[] = ['header', 'token', 'curl', 'client_secret', 'client_id'];

/** What quick access copies, in the language in use. */
export function formName(form: QuickForm): string {
  const names: Record<QuickForm, () => string> = {
    header: m.quick_form_header,
    token: m.quick_form_token,
    curl: m.quick_form_curl,
    client_secret: m.quick_form_client_secret,
    client_id: m.quick_form_client_id,
  };
  return names[form]();
}
