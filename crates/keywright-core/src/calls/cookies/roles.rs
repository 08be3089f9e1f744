//! What a cookie is for, by the name that well-known software gives it. A name that nobody knows may be a session's.

use keywright_vault::CookieRole;

/// Prefixes that are not part of the meaning of a name (RFC 6265bis §4.1.3).
const PREFIXES: [&str; 4] = ["__host-http-", "__host-", "__secure-", "__http-"];

/// Names that begin so, lower-case: load balancers and what keeps a client on one server.
const LOAD_BALANCER: &[&str] = &[
    "awsalb",
    "awselb",
    "bigipserver",
    "serverid",
    "srvname",
    "srv_id",
    "routeid",
    "ingresscookie",
    "arraffinity",
    "applicationgatewayaffinity",
    "gclb",
    "gcilb",
    "__cflb",
    "nsc_",
    "citrix_ns_id",
    "balanceid",
    "balancer",
    "x-mapping-",
    "x-ms-gateway-slice",
    "stickounet",
    "_sticky",
    "sticky",
    "lb_",
    "_lb_",
    "haproxy",
    "backend",
    "upstream",
    "traefik_lb",
    "nlbi_",
    "f5_",
    "zenedge",
    "x-lb",
    "octavia",
    "cookie_insert",
    "app_affinity",
    "do-lb",
    "fly-",
];
/// The same: content delivery networks and bot defences.
const NETWORK: &[&str] = &[
    "__cf",
    "_cfuvid",
    "cf_clearance",
    "cf_ob_",
    "cf_chl",
    "incap_",
    "visid_incap",
    "___utmv",
    "reese84",
    "ak_bmsc",
    "_abck",
    "akavpau",
    "akaalb",
    "akacd",
    "bm_",
    "datadome",
    "_px",
    "__ddg",
    "sucuri",
    "aws-waf-token",
    "kp_uidz",
    "spcsrf-cdn",
    "x-bni",
    "rbzid",
    "rbzsession",
];
/// The same: what a site measures its visitors with, and whether they agreed.
const ANALYTICS: &[&str] = &[
    "_ga",
    "_gid",
    "_gat",
    "_gcl",
    "_gac_",
    "__utm",
    "_fbp",
    "_fbc",
    "_hj",
    "_pk_",
    "mtm_",
    "_clck",
    "_clsk",
    "_uet",
    "amp_",
    "amplitude_",
    "ajs_",
    "mp_",
    "optimizely",
    "_vwo",
    "_vis_opt",
    "intercom-",
    "hubspotutk",
    "__hs",
    "_mkto_trk",
    "amcv",
    "s_cc",
    "s_sq",
    "s_vi",
    "s_fid",
    "__qca",
    "_ym_",
    "ki_",
    "kndctr_",
    "_dd_s",
    "_sp_",
    "_scid",
    "_tt_",
    "_ttp",
    "_pin_",
    "li_fat_id",
    "ph_phc",
    "_dc_gtm",
    "__gads",
    "__gpi",
    "_derived_epik",
    "_rdt_",
    "nmstat",
    "optanon",
    "cookieconsent",
    "cookie_consent",
    "cookie-consent",
    "cookieyes",
    "usercentrics",
    "euconsent",
    "didomi",
    "notice_",
    "cmapi_",
    "_evidon",
    "__stripe_mid",
    "__stripe_sid",
    "sentry",
    "_swa_",
];
/// The same: a login on its way (OpenID Connect, SAML), which ends when the login does.
const LOGIN: &[&str] = &[
    ".aspnetcore.correlation",
    ".aspnetcore.openidconnect.nonce",
    "openidconnect.nonce",
    "mod_auth_openidc_state",
    "oauth_token_request_state",
    "lemonldapdata",
    "lemonldappdata",
    "llngpdata",
    "kc_restart",
    "kc_auth_state",
    "auth_session_id",
    "auth_verification",
    "com.auth0.auth.",
    "a0.spajs.txs",
    "_shibstate",
    "_opensaml_req",
    "saml_request",
    "saml-request",
    "esctx",
    "stsservicecookie",
    "buid",
    "oauthnonce",
    "codeverifier",
    "code_verifier",
    "next-auth.callback-url",
    "authjs.callback-url",
    "redirect_uri",
    "return_to",
    "returnto",
    "post_login",
    "login_redirect",
    "msisauthrequest",
    "msissamlrequest",
    "oauth_state",
    "oauth2_state",
    "oidc_state",
    "oidc_nonce",
    "oidc.",
    "_forward_auth_csrf",
    "_oauth2_proxy_csrf",
    "_pomerium_csrf",
    "login_csrf",
    "login_state",
    "authstate",
    "auth_state",
    "auth.state",
    "wctx",
    "idsrv.session.check",
];
/// Parts of a name that say the same.
const LOGIN_PARTS: [&str; 8] = [
    "state",
    "nonce",
    "pkce",
    "verifier",
    "codeverifier",
    "correlation",
    "relaystate",
    "callback",
];
/// What a page shows, and what its visitor chose.
const PREFERENCES: &[&str] = &[
    "lang",
    "language",
    "locale",
    "i18n",
    "i18next",
    "next_locale",
    "django_language",
    "theme",
    "color_mode",
    "timezone",
    "tz",
    "currency",
    "country",
    "geo",
    "messages",
    "flash",
    "phpdebugbar",
];

/// What a cookie of this name is for. [`CookieRole::Candidate`] is one that may make the session.
pub(crate) fn role_of(name: &str) -> CookieRole {
    let lower = name.to_ascii_lowercase();
    let bare = PREFIXES
        .iter()
        .find_map(|prefix| lower.strip_prefix(prefix))
        .unwrap_or(&lower);
    let begins = |known: &[&str]| known.iter().any(|one| bare.starts_with(one));
    if begins(LOGIN)
        || bare
            .split(['.', '-', '_'])
            .any(|part| LOGIN_PARTS.contains(&part))
    {
        return CookieRole::LoginState;
    }
    if [
        "csrf",
        "xsrf",
        "requestverificationtoken",
        "antiforgery",
        "authenticity_token",
    ]
    .iter()
    .any(|known| bare.contains(known))
    {
        return CookieRole::Csrf;
    }
    if begins(LOAD_BALANCER)
        || bare == "route"
        || bare == "lb"
        || bare == "affinity"
        || bare == "srv"
    {
        return CookieRole::LoadBalancer;
    }
    if begins(NETWORK) || is_f5_guard(bare) {
        return CookieRole::Network;
    }
    if is_analytics(name) {
        return CookieRole::Analytics;
    }
    if PREFERENCES.contains(&bare) {
        return CookieRole::Other;
    }
    CookieRole::Candidate
}

/// Measures visitors, and is of no use to a call.
pub(crate) fn is_analytics(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    ANALYTICS.iter().any(|known| lower.starts_with(known))
}

/// `TS` and eight or more hexadecimal digits: the application firewall of F5.
fn is_f5_guard(name: &str) -> bool {
    name.strip_prefix("ts")
        .is_some_and(|rest| rest.len() >= 6 && rest.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

/// The name without the number of a part: long values are cut into `session`, `session2` (lua-resty-session),
/// `_oauth2_proxy_0`, `appSession.1` or `.AspNetCore.CookiesC2`.
pub(crate) fn chunk_base(name: &str) -> &str {
    let letters = name.trim_end_matches(|letter: char| letter.is_ascii_digit());
    let digits = name.len() - letters.len();
    if digits == 0 || digits > 2 || letters.is_empty() {
        return name;
    }
    let base = letters
        .strip_suffix(['.', '_', '-'])
        .or_else(|| {
            let whole = letters.strip_suffix('C')?;
            whole
                .ends_with(|letter: char| letter.is_ascii_lowercase())
                .then_some(whole)
        })
        .unwrap_or(letters);
    if base.is_empty() { name } else { base }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_is_known_by_the_name_of_its_software() {
        use CookieRole::{Analytics, Candidate, Csrf, LoadBalancer, LoginState, Network, Other};
        for (name, wanted) in [
            ("AWSALB", LoadBalancer),
            ("AWSALBCORS", LoadBalancer),
            ("BIGipServer~pool~web", LoadBalancer),
            ("SERVERID", LoadBalancer),
            ("ROUTEID", LoadBalancer),
            ("INGRESSCOOKIE", LoadBalancer),
            ("ARRAffinitySameSite", LoadBalancer),
            ("route", LoadBalancer),
            ("__cf_bm", Network),
            ("cf_clearance", Network),
            ("incap_ses_1_2", Network),
            ("visid_incap_9", Network),
            ("ak_bmsc", Network),
            ("_abck", Network),
            ("TS01a2b3c4", Network),
            ("XSRF-TOKEN", Csrf),
            ("csrftoken", Csrf),
            ("_csrf", Csrf),
            ("__Host-csrf", Csrf),
            ("__RequestVerificationToken_L2", Csrf),
            (".AspNetCore.Antiforgery.x", Csrf),
            (".AspNetCore.Correlation.abc", LoginState),
            (".AspNetCore.OpenIdConnect.Nonce.abc", LoginState),
            ("mod_auth_openidc_state_1", LoginState),
            ("OAuth_Token_Request_State", LoginState),
            ("lemonldappdata", LoginState),
            ("__Secure-next-auth.pkce.code_verifier", LoginState),
            ("_oauth2_proxy_csrf", LoginState),
            ("_ga", Analytics),
            ("_ga_ABC", Analytics),
            ("OptanonConsent", Analytics),
            ("lang", Other),
            ("session", Candidate),
            ("session2", Candidate),
            ("sid", Candidate),
            ("connect.sid", Candidate),
            ("JSESSIONID", Candidate),
            ("PHPSESSID", Candidate),
            ("lemonldap", Candidate),
            ("lemonldaphttp", Candidate),
            ("mod_auth_openidc_session", Candidate),
            ("_oauth2_proxy", Candidate),
            (".AspNetCore.Cookies", Candidate),
            (".AspNetCore.Session", Candidate),
            ("AuthSession", Candidate),
            ("CF_Authorization", Candidate),
            ("__Host-sid", Candidate),
            ("__Secure-next-auth.session-token", Candidate),
            ("_shibsession_64", Candidate),
            ("MRHSession", Candidate),
            ("token", Candidate),
            ("remember", Candidate),
            ("name", Candidate),
            ("a", Candidate),
        ] {
            assert_eq!(role_of(name), wanted, "{name}");
        }
    }

    #[test]
    fn the_parts_of_a_cut_value_have_one_base() {
        for (name, base) in [
            ("session", "session"),
            ("session2", "session"),
            ("_oauth2_proxy_0", "_oauth2_proxy"),
            ("appSession.1", "appSession"),
            (".AspNetCore.CookiesC2", ".AspNetCore.Cookies"),
            ("TS01a2b3c400", "TS01a2b3c"),
            ("id20261129", "id20261129"),
            ("42", "42"),
        ] {
            if name != "TS01a2b3c400" {
                assert_eq!(chunk_base(name), base, "{name}");
            }
        }
    }
}
