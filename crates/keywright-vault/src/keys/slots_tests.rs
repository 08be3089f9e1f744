#![allow(clippy::unwrap_used, reason = "tests")]

use std::collections::HashSet;

use super::*;
use crate::keys::kdf::count;

fn header(vault_id: Uuid, slots: Vec<Slot>) -> HeaderFile {
    HeaderFile::new(vault_id, 1, slots)
}

fn slot(vault_id: Uuid, key: &Key, passphrase: &str) -> Slot {
    passphrase_slot(vault_id, Uuid::now_v7(), key, &passphrase.into(), 1).unwrap()
}

#[test]
fn t43_a_slot_opens_only_in_its_own_vault() {
    let (vault, other) = (Uuid::now_v7(), Uuid::now_v7());
    let key = random_key().unwrap();
    let slot = slot(vault, &key, "open up");
    let at_home = header(vault, vec![slot.clone()]);
    let (opened, id) = open_with_passphrase(&at_home, &"open up".into()).unwrap();
    assert_eq!((*opened, id), (*key, slot.info.id));
    assert!(matches!(
        open_with_passphrase(&header(other, vec![slot]), &"open up".into()),
        Err(VaultError::WrongPassphrase)
    ));
}

#[test]
fn an_empty_passphrase_makes_no_slot() {
    let key = random_key().unwrap();
    assert!(matches!(
        passphrase_slot(Uuid::now_v7(), Uuid::now_v7(), &key, &"".into(), 1),
        Err(VaultError::EmptyPassphrase)
    ));
}

#[test]
fn t46_every_slot_is_tried_whether_the_first_the_last_or_none_opens() {
    let vault = Uuid::now_v7();
    let key = random_key().unwrap();
    let slots = ["first", "second", "third"].map(|text| slot(vault, &key, text));
    let header = header(vault, slots.to_vec());
    let work = |passphrase: &str| {
        let before = count::so_far();
        let opened = open_with_passphrase(&header, &passphrase.into());
        (opened.map(|(_, id)| id), count::so_far() - before)
    };
    let (first, work_of_first) = work("first");
    let (third, work_of_third) = work("third");
    let (none, work_of_none) = work("none of them");
    assert_eq!(first.unwrap(), slots[0].info.id);
    assert_eq!(third.unwrap(), slots[2].info.id);
    assert_eq!(none.unwrap_err().to_string(), "the passphrase is wrong");
    assert_eq!([work_of_first, work_of_third, work_of_none], [3, 3, 3]);
}

#[test]
fn t46_a_slot_that_was_tampered_with_fails_as_a_wrong_passphrase_does() {
    let vault = Uuid::now_v7();
    let key = random_key().unwrap();
    let mut bent = slot(vault, &key, "right");
    bent.key.ciphertext = STANDARD.encode([0; 48]);
    let told = |slot: Slot, passphrase: &str| {
        open_with_passphrase(&header(vault, vec![slot]), &passphrase.into())
            .unwrap_err()
            .to_string()
    };
    assert_eq!(
        told(bent, "right"),
        told(slot(vault, &key, "right"), "wrong")
    );
}

#[test]
fn t47_no_nonce_no_wrapping_key_and_no_database_key_comes_twice() {
    let vault = Uuid::now_v7();
    let key = random_key().unwrap();
    let mut nonces = HashSet::new();
    let mut ciphertexts = HashSet::new();
    let mut wrappings = HashSet::new();
    let mut keys = HashSet::new();
    for _ in 0..2000 {
        let keyring = KeyringAccess::in_memory();
        let slot = keyring_slot(vault, &key, &keyring, 1).unwrap();
        nonces.insert(slot.key.nonce);
        ciphertexts.insert(slot.key.ciphertext);
        wrappings.insert(*keyring.get(vault).unwrap().wrapping);
        keys.insert(*random_key().unwrap());
    }
    assert_eq!(
        [nonces.len(), ciphertexts.len(), wrappings.len(), keys.len()],
        [2000; 4]
    );
}

#[test]
fn t47_a_slot_that_is_wrapped_again_has_a_new_nonce() {
    let vault = Uuid::now_v7();
    let header = header(vault, vec![slot(vault, &random_key().unwrap(), "kept")]);
    let ways = SlotCredentials {
        passphrases: vec!["kept".into()],
        keyring: None,
    };
    let next = random_key().unwrap();
    let (one, two) = (
        rewrap(&header, &ways, &next).slots.unwrap(),
        rewrap(&header, &ways, &next).slots.unwrap(),
    );
    let nonces: HashSet<_> = [&header.slots[0], &one[0], &two[0]]
        .map(|slot| slot.key.nonce.clone())
        .into();
    assert_eq!(nonces.len(), 3);
}

#[test]
fn a_slot_that_nothing_opens_is_named_when_the_key_is_replaced() {
    let vault = Uuid::now_v7();
    let key = random_key().unwrap();
    let slots = vec![slot(vault, &key, "known"), slot(vault, &key, "unknown")];
    let lost = slots[1].info.id;
    let ways = SlotCredentials {
        passphrases: vec!["known".into()],
        keyring: None,
    };
    let rewrapped = rewrap(&header(vault, slots), &ways, &random_key().unwrap());
    let error = rewrapped.slots.unwrap_err();
    assert!(matches!(error, VaultError::SlotNotOpened { slot } if slot == lost));
    assert!(!rewrapped.has_wrong_passphrase);
}
