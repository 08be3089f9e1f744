//! A host in the form that is asked next to the form that people read: letters of another script may
//! look like those of a known name.

use std::collections::BTreeSet;

use keywright_providers::ProviderConfig;

use crate::configurations::types::HostFormsView;

/// Every host of a configuration that has a Unicode form (RFC 5891): those that the user named and those
/// that only the server names.
pub(crate) fn of(config: &ProviderConfig) -> Vec<HostFormsView> {
    let mut hosts: BTreeSet<String> = config.named_hosts();
    hosts.extend(config.unconfirmed_hosts());
    hosts.iter().filter_map(|host| forms(host)).collect()
}

fn forms(host: &str) -> Option<HostFormsView> {
    let name = host.split(':').next()?;
    if !name.split('.').any(|label| label.starts_with("xn--")) {
        return None;
    }
    // What does not decode is shown as far as it does.
    let (unicode, _) = idna::domain_to_unicode(name);
    Some(HostFormsView {
        ascii: host.to_owned(),
        unicode: host.replacen(name, &unicode, 1),
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use std::collections::BTreeMap;

    use super::*;
    use keywright_providers::ProviderKind;

    fn of_issuer(issuer: &str) -> Vec<(String, String)> {
        let config = ProviderConfig {
            kind: ProviderKind::Rfc7591,
            issuer: issuer.to_owned(),
            settings: BTreeMap::default(),
            secrets: BTreeMap::default(),
            metadata: None,
        };
        of(&config)
            .into_iter()
            .map(|one| (one.ascii, one.unicode))
            .collect()
    }

    #[test]
    fn t17_a_look_alike_is_shown_in_both_forms() {
        let both = |ascii: &str, unicode: &str| vec![(ascii.to_owned(), unicode.to_owned())];
        for issuer in ["https://\u{430}uth0.com/t", "https://xn--uth0-43d.com/t"] {
            assert_eq!(
                of_issuer(issuer),
                both("xn--uth0-43d.com", "\u{430}uth0.com"),
                "{issuer}"
            );
        }
        assert_eq!(
            of_issuer("https://login.\u{ff2d}icrosoftonline.com"),
            [],
            "full-width letters are the letters that they mean"
        );
        assert_eq!(
            of_issuer("https://b\u{fc}cher.example:8443"),
            both("xn--bcher-kva.example:8443", "b\u{fc}cher.example:8443")
        );
        assert_eq!(of_issuer("https://auth0.com"), []);
    }
}
