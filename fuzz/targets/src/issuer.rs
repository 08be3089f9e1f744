//! The address of an issuer, as typed, pasted or imported.

use keywright_oauth::discover::{issuer_of, pasted};
use url::Url;

/// What is taken for the issuer is on the host that was typed, without the signs around it, and carries nothing but a path.
pub fn run(data: &[u8]) {
    let Ok(typed) = std::str::from_utf8(data) else {
        return;
    };
    let Ok(issuer) = issuer_of(typed) else {
        return;
    };
    let (typed, issuer) = (
        Url::parse(pasted(typed)).unwrap(),
        Url::parse(&issuer).unwrap(),
    );
    assert_eq!(typed.origin(), issuer.origin(), "{typed} became {issuer}");
    assert!(issuer.query().is_none() && issuer.fragment().is_none());
    assert!(issuer.username().is_empty() && issuer.password().is_none());
}
