//! What is kept of a body, a text and an address in Activity.

use keywright_oauth::http::redact;
use url::Url;

use crate::secrets;

/// The first line is a secret that we sent, the rest is what came back: the secret is in nothing that is kept.
pub fn run(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let Some((secret, rest)) = text.split_once('\n') else {
        return;
    };
    let known = [secret.to_owned()];
    secrets::assert_absent(&redact::body(rest.as_bytes(), &known), secret);
    secrets::assert_no_part(&redact::text(rest, &known), secret);
    if let Ok(address) = Url::parse(rest) {
        secrets::assert_no_part(&redact::url(&address, &known), secret);
    }
}
