//! What was typed as an issuer, and the addresses where its metadata may be (RFC 8414 §3, OpenID
//! Connect Discovery §4).

use url::Url;

use super::DiscoveryError;

const OAUTH: &str = "oauth-authorization-server";
const OPENID: &str = "openid-configuration";
const WELL_KNOWN: &str = "/.well-known/";

/// So many parts of a path are taken away before the whole of it.
const MOST_ABOVE: usize = 2;

/// An issuer as typed: its identifier, or the address of its metadata document.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Typed {
    /// The issuer. Where a document was typed, it may lack the final slash that the document names.
    pub(super) issuer: String,
    /// The address of the document, where one was typed.
    document: Option<Url>,
}

/// An address as it was copied: it may begin with a byte order mark or a zero-width space, stand in quotes or brackets, and
/// end with the sign that follows it in its text.
pub fn pasted(text: &str) -> &str {
    text.trim_matches(|c: char| {
        c.is_whitespace()
            || matches!(c, '\u{feff}' | '\u{200b}' | '"' | '\'' | '`' | '<' | '>')
            || matches!(c, '“' | '”' | '‘' | '’' | ',' | ';')
    })
}

impl Typed {
    pub(super) fn read(typed: &str) -> Result<Self, DiscoveryError> {
        let typed = pasted(typed);
        let invalid = |source| DiscoveryError::InvalidIssuer {
            issuer: typed.to_owned(),
            source,
        };
        let url = Url::parse(typed).map_err(|source| invalid(Some(source)))?;
        let usable = matches!(url.scheme(), "https" | "http")
            && url.host().is_some()
            && url.username().is_empty()
            && url.password().is_none();
        if !usable {
            return Err(invalid(None));
        }
        if let Some(issuer) = issuer_of_document(typed, &url) {
            let mut document = url;
            document.set_fragment(None);
            return Ok(Self {
                issuer,
                document: Some(document),
            });
        }
        // RFC 8414 §2: an issuer has neither.
        if url.query().is_some() || url.fragment().is_some() {
            return Err(invalid(None));
        }
        Ok(Self {
            issuer: typed.to_owned(),
            document: None,
        })
    }

    /// Every address that may hold the document, the most likely first.
    pub(super) fn places(&self) -> Result<Vec<Url>, DiscoveryError> {
        let parse = |text: &str| {
            Url::parse(text).map_err(|source| DiscoveryError::InvalidIssuer {
                issuer: self.issuer.clone(),
                source: Some(source),
            })
        };
        let base = parse(&self.issuer)?;
        let origin = base.origin().ascii_serialization();
        let path = base.path().trim_end_matches('/');
        let mut all: Vec<Url> = self.document.iter().cloned().collect();
        for form in [
            format!("{origin}{WELL_KNOWN}{OAUTH}{path}"),
            format!("{origin}{path}{WELL_KNOWN}{OPENID}"),
            format!("{origin}{WELL_KNOWN}{OPENID}{path}"),
            format!("{origin}{path}{WELL_KNOWN}{OAUTH}"),
        ] {
            let url = parse(&form)?;
            if !all.contains(&url) {
                all.push(url);
            }
        }
        Ok(all)
    }

    /// Addresses that may hold the document of an issuer above the one that was typed: people paste the address of an
    /// endpoint or of an API. It is named, and not believed.
    pub(super) fn places_above(&self) -> Vec<Url> {
        let Ok(base) = Url::parse(&self.issuer) else {
            return Vec::new();
        };
        let origin = base.origin().ascii_serialization();
        let path = base.path().trim_end_matches('/');
        let mut above: Vec<&str> = path
            .match_indices('/')
            .rev()
            .map(|(at, _)| path.get(..at).unwrap_or_default())
            .take(MOST_ABOVE)
            .collect();
        if !path.is_empty() && !above.contains(&"") {
            above.push("");
        }
        let forms = above.into_iter().flat_map(|path| {
            [
                format!("{origin}{WELL_KNOWN}{OAUTH}{path}"),
                format!("{origin}{path}{WELL_KNOWN}{OPENID}"),
            ]
        });
        forms.filter_map(|form| Url::parse(&form).ok()).collect()
    }

    /// The document may speak for this issuer: it names it to the letter, but for a final slash. Both
    /// spellings have the same well-known addresses (RFC 8414 §3.1 removes the slash). What was typed may
    /// have scheme and host in other letters, or the port that its scheme has anyway (RFC 3986 §6.2.2.1
    /// and §6.2.3); the document may not.
    pub(super) fn is_named_by(&self, answered: &str) -> bool {
        differs_by_final_slash_at_most(&self.issuer, answered)
            || normal_origin(&self.issuer)
                .is_some_and(|issuer| differs_by_final_slash_at_most(&issuer, answered))
    }
}

/// The issuer with its scheme and host in small letters, without a port that goes without saying. The rest
/// stays as it is.
fn normal_origin(issuer: &str) -> Option<String> {
    let (_, after_scheme) = issuer.split_once("://")?;
    let rest = after_scheme
        .find('/')
        .and_then(|start| after_scheme.get(start..))
        .unwrap_or_default();
    let origin = Url::parse(issuer).ok()?.origin().ascii_serialization();
    Some(format!("{origin}{rest}"))
}

/// Are both the same text, with or without one slash at the end?
pub fn differs_by_final_slash_at_most(a: &str, b: &str) -> bool {
    let bare = |text: &'_ str| text.strip_suffix('/').unwrap_or(text).len();
    a[..bare(a)] == b[..bare(b)]
}

/// The issuer whose document is at a typed well-known address: the part that was appended to the
/// issuer's path or inserted before it is taken away.
fn issuer_of_document(typed: &str, url: &Url) -> Option<String> {
    let path = typed.split(['?', '#']).next()?;
    let (before, rest) = path.split_once(WELL_KNOWN)?;
    let (name, after) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let after = after.trim_end_matches('/');
    // Anything but a plain name, such as `openid-configuration@evil.example`, is not a well-known part.
    let is_name = !name.is_empty()
        && name
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'));
    let base = Url::parse(before).ok()?;
    let inserted_or_appended = after.is_empty() || base.path() == "/";
    (is_name && inserted_or_appended && base.origin() == url.origin())
        .then(|| format!("{before}{after}"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn an_address_without_a_scheme_is_completed() {
        let of = |typed: &str| crate::discover::suggested_issuer(typed);
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(of("lab.internal:8443"), some("https://lab.internal:8443"));
        assert_eq!(
            of("id.example.com/realms/a"),
            some("https://id.example.com/realms/a")
        );
        assert_eq!(of("localhost:3000"), some("http://localhost:3000"));
        assert_eq!(of("127.0.0.1:9/a"), some("http://127.0.0.1:9/a"));
        assert_eq!(
            of("https://id.example.com/?a=1#b"),
            some("https://id.example.com/")
        );
        for nothing in [
            "",
            "lab",
            "ftp://id.example.com",
            "javascript:alert(1)",
            "mailto:a@b.example",
            "user:pw@id.example",
            "https://",
            "?a",
        ] {
            assert_eq!(of(nothing), None, "{nothing}");
        }
    }

    fn issuer(typed: &str) -> String {
        Typed::read(typed).unwrap().issuer
    }

    fn places(typed: &str) -> Vec<String> {
        let typed = Typed::read(typed).unwrap();
        typed.places().unwrap().iter().map(Url::to_string).collect()
    }

    #[test]
    fn a_well_known_address_stands_for_its_issuer() {
        for (typed, wanted) in [
            ("https://a.example/t1", "https://a.example/t1"),
            (" https://a.example ", "https://a.example"),
            ("\u{feff}https://a.example", "https://a.example"),
            (
                "https://a.example/.well-known/oauth-authorization-server/t1",
                "https://a.example/t1",
            ),
            (
                "https://a.example/t1/.well-known/openid-configuration",
                "https://a.example/t1",
            ),
            (
                "https://a.example/t1/.well-known/openid-configuration/",
                "https://a.example/t1",
            ),
            (
                "https://a.example/t1/.well-known/openid-configuration?p=b2c#top",
                "https://a.example/t1",
            ),
            (
                "https://a.example/t1/.well-known/uma2-configuration",
                "https://a.example/t1",
            ),
        ] {
            assert_eq!(issuer(typed), wanted, "{typed}");
        }
        for wrong in [
            "",
            "example.com",
            "ftp://a.example",
            "https://a.example/?x=1",
            "https://a.example/#x",
            "https://u:p@a.example",
            "https://u:p@a.example/.well-known/openid-configuration",
        ] {
            assert!(Typed::read(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn t01_what_follows_a_well_known_address_never_becomes_the_host() {
        for typed in [
            "https://a.example/.well-known/openid-configuration.evil.example/t1",
            "https://a.example/.well-known/openid-configuration@evil.example",
            "https:/.well-known/openid-configuration/evil.example",
            "https://a.example/t1/.well-known/openid-configuration/t2",
        ] {
            assert_eq!(issuer(typed), typed);
        }
    }

    #[test]
    fn t01_nothing_but_one_final_slash_may_differ() {
        let same = |a, b| Typed::read(a).unwrap().is_named_by(b);
        for typed in [
            "https://a.example/t1",
            "https://a.example/t1/",
            "https://a.example/.well-known/oauth-authorization-server/t1",
            "https://a.example/t1/.well-known/openid-configuration",
        ] {
            assert!(same(typed, "https://a.example/t1"), "{typed}");
            assert!(same(typed, "https://a.example/t1/"), "{typed}");
            for other in [
                "https://a.example/t1//",
                "https://a.example/T1",
                "https://a.example",
                "https://A.example/t1",
                "http://a.example/t1",
                "https://a.example:443/t1",
                "https://b.example/t1",
                "https://a.example/t1 ",
                "",
            ] {
                assert!(!same(typed, other), "{typed} {other}");
            }
        }
    }

    #[test]
    fn the_typed_host_may_be_in_other_letters() {
        for (typed, answered) in [
            ("HTTPS://A.Example", "https://a.example"),
            ("Https://A.EXAMPLE:443/T1", "https://a.example/T1/"),
            ("https://A.example/t1", "https://A.example/t1"),
            (
                "https://A.example/t1/.well-known/openid-configuration",
                "https://a.example/t1",
            ),
        ] {
            assert!(
                Typed::read(typed).unwrap().is_named_by(answered),
                "{typed} {answered}"
            );
        }
        for other in [
            "https://a.example/t1",
            "https://a.example:8443/T1",
            "http://a.example/T1",
            "https://b.example/T1",
        ] {
            let typed = Typed::read("https://A.example/T1").unwrap();
            assert!(!typed.is_named_by(other), "{other}");
        }
    }

    #[test]
    fn an_issuer_above_the_typed_address_may_be_meant() {
        let above = |typed: &str| -> Vec<String> {
            let typed = Typed::read(typed).unwrap();
            typed.places_above().iter().map(Url::to_string).collect()
        };
        assert_eq!(
            above("https://a.example/t1/oauth2/token"),
            [
                "https://a.example/.well-known/oauth-authorization-server/t1/oauth2",
                "https://a.example/t1/oauth2/.well-known/openid-configuration",
                "https://a.example/.well-known/oauth-authorization-server/t1",
                "https://a.example/t1/.well-known/openid-configuration",
                "https://a.example/.well-known/oauth-authorization-server",
                "https://a.example/.well-known/openid-configuration",
            ]
        );
        assert_eq!(above("https://a.example/").len(), 0);
    }

    #[test]
    fn both_forms_are_asked_with_the_typed_address_first() {
        let forms = [
            "https://a.example/.well-known/oauth-authorization-server/t1",
            "https://a.example/t1/.well-known/openid-configuration",
            "https://a.example/.well-known/openid-configuration/t1",
            "https://a.example/t1/.well-known/oauth-authorization-server",
        ];
        assert_eq!(places("https://a.example/t1/"), forms);
        let typed = "https://a.example/t1/.well-known/openid-configuration?p=b2c";
        assert_eq!(places(typed)[0], typed);
        assert_eq!(places(typed)[1..], forms);
        let typed = "https://a.example/t1/.well-known/openid-configuration";
        assert_eq!(places(typed).len(), 4);
        assert_eq!(places(typed)[0], typed);
    }
}
