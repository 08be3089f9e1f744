//! Who made a client. Okta keeps nothing of ours with one, but it keeps `client_uri`, which no user sees
//! of a machine's client: an address below a name that belongs to nobody (RFC 2606 §2).

use uuid::Uuid;

use crate::OwnerTag;

const BEFORE: &str = "https://keywright.invalid/";

/// The mark as an address.
pub(super) fn write(owner_tag: OwnerTag) -> String {
    format!("{BEFORE}{}/{}", owner_tag.vault, owner_tag.entry)
}

/// The mark in an address; none in anybody else's.
pub(super) fn read(client_uri: &str) -> Option<OwnerTag> {
    let (vault, entry) = client_uri.strip_prefix(BEFORE)?.split_once('/')?;
    Some(OwnerTag {
        vault: Uuid::parse_str(vault).ok()?,
        entry: Uuid::parse_str(entry).ok()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_is_read_as_it_was_written() {
        let owner_tag = OwnerTag {
            vault: Uuid::now_v7(),
            entry: Uuid::now_v7(),
        };
        assert_eq!(read(&write(owner_tag)), Some(owner_tag));
        for other in [
            "",
            "https://www.example.com",
            "https://keywright.invalid/a/b",
        ] {
            assert_eq!(read(other), None, "{other}");
        }
    }
}
