//! The facade: one value that the window and the command line hold.

pub(crate) mod audit_action;
mod audit_log;
pub(crate) mod change_lock;
pub(crate) mod checks;
pub(crate) mod client_keys;
pub(crate) mod clocks;
pub(crate) mod conversions;
pub(crate) mod failpoint;
pub(crate) mod hardening;
pub(crate) mod http_clients;
mod keyed_locks;
pub(crate) mod preferences;
pub(crate) mod registration_record;
pub(crate) mod runtime;
pub(crate) mod saved_files;
pub(crate) mod types;

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, PoisonError, RwLock, atomic::AtomicBool},
};

use keywright_oauth::{
    http::{HttpClient, HttpPolicy},
    time::Clock,
};
use keywright_providers::AdminTokens;
use keywright_vault::{ExchangeRow, Vault, VaultHome};
use uuid::Uuid;

use crate::{
    Actor, CoreError,
    app::{checks::Checks, keyed_locks::KeyedLocks},
    i18n::Lang,
    i18n::key::{Family, MessageKey},
    pseudonyms::Pseudonyms,
};

/// What a [`Keywright`] is made of.
#[derive(Debug, Clone)]
pub struct Options {
    /// Folder of the vault.
    pub home: VaultHome,
    /// Which program this is.
    pub actor: Actor,
    /// The clock to go by.
    pub clock: Clock,
    /// Language of messages.
    pub lang: Lang,
}

/// All use cases over one vault. Cheap to clone; safe to share.
#[derive(Clone, Debug)]
pub struct Keywright(pub(crate) Arc<Inner>);

#[derive(Debug)]
pub(crate) struct Inner {
    pub(crate) home: VaultHome,
    pub(crate) actor: Actor,
    pub(crate) clock: Clock,
    lang: RwLock<Lang>,
    pub(crate) vault: RwLock<Option<Arc<Vault>>>,
    /// One client a policy, so that connections are used again.
    pub(crate) clients: Mutex<Vec<(HttpPolicy, HttpClient)>>,
    /// What each user action under way is about, for the exchanges it makes.
    pub(crate) flows: Mutex<HashMap<Uuid, FlowSubject>>,
    /// Exchanges that brought a token, until their user action has saved it.
    pub(crate) held: Mutex<Vec<ExchangeRow>>,
    /// Those that ask in order to be refused.
    pub(crate) probes: Mutex<HashSet<Uuid>>,
    /// The admin token of each configuration, in memory alone.
    pub(crate) admin: Mutex<HashMap<Uuid, AdminTokens>>,
    /// One request at a time for a token or a key set serves all who wait for it.
    pub(crate) task_locks: KeyedLocks,
    /// Tokens whose signatures are being checked.
    pub(crate) checks: Checks,
    /// A change waits for another one of the same application.
    pub(crate) waits: AtomicBool,
    /// Names that an audience was spared, since the vault was unlocked.
    pub(crate) pseudonyms: Mutex<Option<Pseudonyms>>,
}

/// What a user action is about.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct FlowSubject {
    pub(crate) application: Option<Uuid>,
    pub(crate) configuration: Option<Uuid>,
}

impl Keywright {
    /// A closed Keywright; unlock it before use.
    pub fn new(options: Options) -> Self {
        Self(Arc::new(Inner {
            home: options.home,
            actor: options.actor,
            clock: options.clock,
            lang: RwLock::new(options.lang),
            vault: RwLock::default(),
            clients: Mutex::default(),
            flows: Mutex::default(),
            held: Mutex::default(),
            probes: Mutex::default(),
            admin: Mutex::default(),
            task_locks: KeyedLocks::default(),
            checks: Checks::default(),
            waits: AtomicBool::new(false),
            pseudonyms: Mutex::default(),
        }))
    }

    /// Language of messages.
    pub fn lang(&self) -> Lang {
        *self.0.lang.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes the language of messages.
    pub fn set_lang(&self, lang: Lang) {
        *self.0.lang.write().unwrap_or_else(PoisonError::into_inner) = lang;
    }

    /// Unix seconds by the clock given at the start.
    pub fn now(&self) -> i64 {
        self.0.clock.now()
    }

    /// The folder of the vault.
    pub fn home(&self) -> &VaultHome {
        &self.0.home
    }

    /// The open vault.
    pub(crate) fn vault(&self) -> Result<Arc<Vault>, CoreError> {
        self.0
            .vault
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
            .ok_or(CoreError::Locked)
    }

    /// A sentence for the program that runs: `KEY_window` where the window has words of its own. None where there
    /// is not such a sentence.
    pub(crate) fn try_say_here(&self, key: &MessageKey, blanks: &[(&str, &str)]) -> Option<String> {
        let lang = self.lang();
        let own = match self.0.actor {
            Actor::App => crate::i18n::try_translate(lang, key.window(), blanks),
            Actor::Cli => None,
        };
        own.or_else(|| crate::i18n::try_translate(lang, key.clone(), blanks))
    }

    /// A setting as this program names it: the window by the label of its field, the terminal by its key.
    pub(crate) fn setting_name(&self, key: &str) -> String {
        let label = match self.0.actor {
            Actor::App => {
                crate::i18n::try_translate(self.lang(), Family::SettingLabel.key(key), &[])
            }
            Actor::Cli => None,
        };
        label.unwrap_or_else(|| key.to_owned())
    }

    /// A sentence in the user's language.
    pub(crate) fn translate(&self, key: impl Into<MessageKey>, blanks: &[(&str, &str)]) -> String {
        crate::i18n::translate(self.lang(), key, blanks)
    }
}
