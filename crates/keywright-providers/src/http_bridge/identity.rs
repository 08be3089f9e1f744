//! Konnect's ids, which the bridge requires with each registration and each event. Where they are not
//! set, they are made from the vault, so that the same vault is the same developer to the bridge.

use keywright_oauth::register::Handles;
use sha2::{Digest, Sha256};
use uuid::{Builder, Uuid};

use super::settings::{HttpBridgeSettings, IDS};
use crate::{OwnerTag, Registration};

/// Handle: the application's id in events.
pub(super) const APPLICATION_ID: &str = "application_id";
/// Handle: the description that the bridge was told.
pub(super) const DESCRIPTION: &str = "application_description";

/// What the bridge receives about the registering user, with each event.
pub(super) fn handles(
    settings: &HttpBridgeSettings,
    owner_tag: OwnerTag,
    description: &str,
) -> Handles {
    let mut handles: Handles = IDS
        .iter()
        .map(|name| ((*name).to_owned(), id(settings, owner_tag, name)))
        .collect();
    handles.insert(APPLICATION_ID.to_owned(), owner_tag.entry.to_string());
    handles.insert(DESCRIPTION.to_owned(), description.to_owned());
    handles
}

/// An id as the registration told it; else as it is set or made now, for a client that was adopted.
pub(super) fn known(settings: &HttpBridgeSettings, at: &Registration, name: &str) -> String {
    at.handle(name).map_or_else(
        || {
            if name == APPLICATION_ID {
                stable(Uuid::nil(), &at.client_id).to_string()
            } else {
                id(settings, OwnerTag::default(), name)
            }
        },
        str::to_owned,
    )
}

fn id(settings: &HttpBridgeSettings, owner_tag: OwnerTag, name: &str) -> String {
    let typed = settings.ids.get(name).cloned();
    typed.unwrap_or_else(|| stable(owner_tag.vault, name).to_string())
}

/// A UUID made from a name, with SHA-256 (RFC 9562 §5.8 and appendix B.2).
fn stable(space: Uuid, name: &str) -> Uuid {
    let digest = Sha256::new()
        .chain_update(space.as_bytes())
        .chain_update(name.as_bytes())
        .finalize();
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest[..16]);
    Builder::from_custom_bytes(bytes).into_uuid()
}

#[cfg(test)]
mod tests {
    use super::{super::HttpBridge, *};

    #[test]
    fn an_id_is_the_same_for_the_same_vault_and_another_for_another() {
        let (one, two) = (Uuid::from_u128(1), Uuid::from_u128(2));
        assert_eq!(
            stable(one, HttpBridge::PORTAL_ID),
            stable(one, HttpBridge::PORTAL_ID)
        );
        assert_ne!(
            stable(one, HttpBridge::PORTAL_ID),
            stable(two, HttpBridge::PORTAL_ID)
        );
        assert_ne!(
            stable(one, HttpBridge::PORTAL_ID),
            stable(one, HttpBridge::DEVELOPER_ID)
        );
        assert_eq!(stable(one, HttpBridge::PORTAL_ID).get_version_num(), 8);
    }
}
