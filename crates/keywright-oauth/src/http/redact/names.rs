//! Which names mean a secret, however they are written: `client_secret`, `clientSecret`, `X-Client-Secret`.

/// What a name says about its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Meaning {
    /// Nothing secret.
    Public,
    /// A secret where a name says nothing else, and an ordinary word in prose: `code`, `key`, `sig`.
    Weak,
    /// A secret, and all that is below it.
    Secret,
    /// Records about secrets (`credentials`, `tokens`): a plain value is a secret, members are judged by their names.
    Records,
}

impl Meaning {
    /// The value is hidden where it is plain text.
    pub(super) fn hides(self) -> bool {
        self != Self::Public
    }
}

/// Endings of the whole name without separators, so that `authtoken` and `JSESSIONID` are found too.
const ENDINGS: &[&str] = &[
    "secret",
    "secretid",
    "token",
    "tokenhint",
    "password",
    "passwd",
    "passphrase",
    "passcode",
    "apikey",
    "privatekey",
    "secretkey",
    "accesskey",
    "signingkey",
    "authkey",
    "hmac",
    "encryptionkey",
    "sharedkey",
    "masterkey",
    "subscriptionkey",
    "signature",
    "assertion",
    "credential",
    "sessionid",
    "sessid",
    "authcode",
    "authorizationcode",
    "devicecode",
    "usercode",
    "verifier",
    "samlresponse",
    "mnemonic",
    "seedphrase",
    "recoveryphrase",
    "magiclink",
    // As servers write it in other languages.
    "passwort",
    "kennwort",
    "motdepasse",
    "contraseña",
    "contrasena",
    "senha",
    "wachtwoord",
    "пароль",
    "パスワード",
    "シークレット",
    "密码",
    "密碼",
    "비밀번호",
];
/// Last words that mean a secret where they stand alone as a word.
const WORDS: &[&str] = &[
    "pin", "otp", "totp", "pwd", "passwd", "psk", "jwt", "sid", "cookie", "csrf", "xsrf", "dpop",
    "bearer", "ticket", "pat",
];
/// Last words that are ordinary words as well.
const WEAK: &[&str] = &[
    "code",
    "key",
    "sig",
    "pass",
    "pw",
    "auth",
    "authz",
    "authorization",
    "session",
];
/// Before `key` and `code`, these words make a name that holds no secret.
const PUBLIC_KEYS: &[&str] = &[
    "public",
    "sort",
    "cache",
    "object",
    "foreign",
    "partition",
    "row",
    "message",
    "translation",
    "idempotency",
    "surrogate",
];
const PUBLIC_CODES: &[&str] = &[
    "error", "status", "country", "postal", "post", "zip", "language", "lang", "currency",
    "response", "result", "return", "reason", "exit", "http", "locale", "product", "area",
    "region", "state", "event", "message", "type",
];
/// Words after a secret's name that leave it a secret: `secretText`, `password_hash`, `token_value`.
const VALUE_WORDS: &[&str] = &[
    "value",
    "text",
    "string",
    "hash",
    "data",
    "raw",
    "plain",
    "plaintext",
    "base",
    "b",
    "encoded",
    "encrypted",
    "pem",
    "der",
    "jwk",
    "hex",
    "bytes",
    "confirm",
    "confirmation",
    "repeat",
    "again",
    "new",
    "old",
    "current",
];

/// What this name says about its value.
pub(super) fn meaning(name: &str) -> Meaning {
    let mut words = words(name);
    while words.len() > 1
        && words
            .last()
            .is_some_and(|last| VALUE_WORDS.contains(&last.as_str()))
    {
        words.pop();
    }
    let Some(last) = words.last().cloned() else {
        return Meaning::Public;
    };
    let before = words
        .len()
        .checked_sub(2)
        .and_then(|index| words.get(index))
        .map(String::as_str);
    if is_public(&last, before) {
        return Meaning::Public;
    }
    let joined = words.concat();
    let one = of_one(&joined, &last);
    if one != Meaning::Public {
        return if matches!(last.as_str(), "credential" | "session") && one.hides() {
            Meaning::Records
        } else if last == "key" && before.is_some() || last == "code" && before.is_some() {
            Meaning::Secret
        } else {
            one
        };
    }
    let Some(singular) = last.strip_suffix('s') else {
        return Meaning::Public;
    };
    // A key set (RFC 7517) and lists of keys hold public keys; their private members are told by `kty`.
    if is_public(singular, before)
        || (matches!(singular, "key" | "code") && before.is_none())
        || (singular == "key"
            && before.is_some_and(|word| {
                matches!(word, "signing" | "encryption" | "host" | "json" | "web")
            }))
    {
        return Meaning::Public;
    }
    let joined = joined.strip_suffix('s').unwrap_or(&joined);
    if of_one(joined, singular).hides() {
        Meaning::Records
    } else {
        Meaning::Public
    }
}

fn of_one(joined: &str, last: &str) -> Meaning {
    if ENDINGS.iter().any(|ending| joined.ends_with(ending))
        || [joined, last].iter().any(|word| WORDS.contains(word))
    {
        Meaning::Secret
    } else if WEAK.contains(&last) {
        Meaning::Weak
    } else {
        Meaning::Public
    }
}

fn is_public(last: &str, before: Option<&str>) -> bool {
    before.is_some_and(|before| match last {
        "key" => PUBLIC_KEYS.contains(&before),
        "code" => PUBLIC_CODES.contains(&before),
        _ => false,
    })
}

/// Below a name of [`Meaning::Records`], members that describe the secret and do not hold it.
pub(super) fn describes(name: &str) -> bool {
    const LAST: &[&str] = &[
        "identifier",
        "name",
        "names",
        "type",
        "types",
        "usage",
        "use",
        "kind",
        "method",
        "methods",
        "status",
        "state",
        "date",
        "time",
        "at",
        "on",
        "in",
        "until",
        "created",
        "updated",
        "expires",
        "expiry",
        "hint",
        "alg",
        "algorithm",
        "kid",
        "uri",
        "uris",
        "url",
        "href",
        "issuer",
        "audience",
        "description",
        "scope",
        "scopes",
        "version",
        "template",
        "user",
        "rel",
        "count",
        "total",
    ];
    let words = words(name);
    match words.last().map(String::as_str) {
        // An id of something; `id` alone may be the token's own.
        Some("id") => words.len() > 1,
        Some(last) => LAST.contains(&last),
        None => false,
    }
}

/// Lower-case words of a name: cut at everything that is no letter, before a capital, and without digits.
pub(super) fn words(name: &str) -> Vec<String> {
    let letters: Vec<char> = name.chars().collect();
    let mut words = Vec::new();
    let mut word = String::new();
    for (index, &letter) in letters.iter().enumerate() {
        if !letter.is_alphabetic() {
            if !word.is_empty() {
                words.push(std::mem::take(&mut word));
            }
            continue;
        }
        let previous = index.checked_sub(1).and_then(|index| letters.get(index));
        let begins = letter.is_uppercase()
            && previous.is_some_and(|before| {
                before.is_lowercase()
                    || (before.is_uppercase()
                        && letters
                            .get(index + 1)
                            .is_some_and(|next| next.is_lowercase()))
            });
        if begins && !word.is_empty() {
            words.push(std::mem::take(&mut word));
        }
        word.extend(letter.to_lowercase());
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn t28_a_name_is_known_in_each_way_of_writing_it() {
        for name in [
            "client_secret",
            "clientSecret",
            "CLIENT-SECRET",
            "client.secret",
            "ClientSecret",
            "secretText",
            "accessToken",
            "refreshToken",
            "idToken",
            "session_token",
            "client_token",
            "registrationAccessToken",
            "SecretAccessKey",
            "SessionToken",
            "privateKey",
            "private_key",
            "passwd",
            "passphrase",
            "pin",
            "otp",
            "userPassword",
            "user[password]",
            "password2",
            "new_password",
            "password_confirmation",
            "password_hash",
            "api-key",
            "apikey",
            "APIKey",
            "X-API-KEY",
            "x-goog-api-key",
            "Ocp-Apim-Subscription-Key",
            "Access-Token",
            "PRIVATE-TOKEN",
            "X-Vault-Token",
            "X-Amz-Security-Token",
            "X-Amz-Signature",
            "X-Amz-Credential",
            "X-Hub-Signature-256",
            "Session-Id",
            "JSESSIONID",
            "PHPSESSID",
            "connect.sid",
            "ASP.NET_SessionId",
            "code_verifier",
            "device_code",
            "user_code",
            "authCode",
            "otp_code",
            "id_token_hint",
            "SAMLResponse",
            "client_assertion",
            "authenticity_token",
            "csrfmiddlewaretoken",
            "X-CSRF",
            "DPoP",
            "set-cookie",
            "api_keys",
            "tokens",
            "backupCodes",
            "credentials",
            "passwordCredentials",
            "secret_id",
            "accountKey",
            "code",
            "key",
            "sig",
            "session",
            "token_value",
            "oauth_verifier",
            "subject_token",
            "パスワード",
            "mot_de_passe",
            "Kennwort",
            "seedPhrase",
        ] {
            assert!(meaning(name).hides(), "{name}");
        }
    }

    #[test]
    fn t28_a_name_that_describes_a_secret_stays_readable() {
        for name in [
            "token_type",
            "token_endpoint",
            "token_endpoint_auth_method",
            "expires_in",
            "key_ops",
            "kid",
            "keys",
            "code_challenge_method",
            "code_challenge",
            "error_code",
            "errorCode",
            "status_code",
            "statusCode",
            "jwks_uri",
            "registration_client_uri",
            "client_secret_expires_at",
            "access_token_lifetime",
            "client_id",
            "keyId",
            "access_key_id",
            "public_key",
            "country_code",
            "postal_code",
            "monkey",
            "barcode",
            "secretary",
            "shipping",
            "authorization_endpoint",
            "authorization_details",
            "subject_token_type",
            "client_assertion_type",
            "token_endpoint_auth_signing_alg",
            "id_token_signed_response_alg",
            "state",
            "grant_types",
            "response_type",
            "signing_keys",
            "error_codes",
            "password_policy",
            "Idempotency-Key",
            "at_hash",
            "max_value",
            "scope",
            "user",
            "",
            "_",
            "value",
            "session_state",
            "signature-input",
        ] {
            assert_eq!(meaning(name), Meaning::Public, "{name}");
        }
    }
}
