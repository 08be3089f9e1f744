import * as m from '$lib/messages';

const WORDS: Record<string, { title: () => string; hint: () => string }> = {
  rfc7591: { title: m.sandbox_personality_rfc7591, hint: m.sandbox_personality_rfc7591_hint },
  auth0: { title: () => 'Auth0', hint: m.sandbox_personality_auth0_hint },
  okta: { title: () => 'Okta', hint: m.sandbox_personality_okta_hint },
  curity: { title: () => 'Curity', hint: m.sandbox_personality_curity_hint },
  entra: { title: () => 'Microsoft Entra ID', hint: m.sandbox_personality_entra_hint },
  'http-bridge': { title: m.sandbox_personality_bridge, hint: m.sandbox_personality_bridge_hint },
};

/** What a personality is called. */
export function title(name: string): string {
  return WORDS[name]?.title() ?? name;
}

/** What it is known for. */
export function hint(name: string): string | undefined {
  return WORDS[name]?.hint();
}
