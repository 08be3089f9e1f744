//! Configurations: the form, the verify steps, the capability sheet.

use std::collections::BTreeMap;

use crate::{codes::codes, error::types::ProviderWordsView};
use serde::{Deserialize, Serialize};
use specta::Type;

/// A kind of provider, to choose from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct KindView {
    /// Name in configurations, JSON and on the command line.
    pub kind: String,
    /// What it is called.
    pub name: String,
    /// One line: what it is.
    pub line: String,
}

/// What is entered into a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum FieldKind {
    /// A line.
    Text,
    /// Several lines.
    Multiline,
    /// An address.
    Url,
    /// One of some values.
    Choice,
    /// `true` or `false`.
    Switch,
    /// A secret, which is kept apart.
    Secret,
    /// A number of seconds.
    Seconds,
}

/// One field of a provider kind's form.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct FormField {
    /// Setting or secret key, as in `config add --set` and `--secret`.
    pub key: String,
    /// Label in the user's language.
    pub label: String,
    /// Hint below the field.
    pub hint: Option<String>,
    /// What is entered.
    pub kind: FieldKind,
    /// Must be filled.
    pub required: bool,
    /// Says where the tenant is: the issuer and the token endpoint follow from it.
    pub locates: bool,
    /// Shown only under Advanced.
    pub advanced: bool,
    /// May hold several lines.
    pub multiline: bool,
    /// Values of a `choice`, with their labels.
    pub choices: Vec<FormChoice>,
    /// Value when not set.
    pub default: Option<String>,
}

/// One value of a choice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct FormChoice {
    /// Value kept.
    pub value: String,
    /// Label in the user's language, or the value where it is a protocol word.
    pub label: String,
}

/// Addresses that follow from what is filled in about a tenant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct PrefillView {
    /// Issuer.
    pub issuer: String,
    /// Token endpoint.
    pub token_endpoint: String,
}

/// A known server to start a configuration from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct PresetView {
    /// Stable name.
    pub id: String,
    /// The server's own name.
    pub name: String,
    /// What to know about its habits, in the user's language.
    pub note: String,
    /// What must be filled in, each with its label.
    pub blanks: Vec<FormChoice>,
}

/// A preset with its blanks filled.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct FilledPresetView {
    /// Issuer.
    pub issuer: String,
    /// Settings, by key.
    pub settings: BTreeMap<String, String>,
}

codes! {
    /// Who made a client, by its mark.
    #[derive(Serialize, Deserialize, Type)]
    #[serde(rename_all = "snake_case")]
    pub enum OrphanMaker {
        /// Keywright, with this vault.
        ThisVault = "this_vault",
        /// Keywright, with another vault.
        OtherVault = "other_vault",
        /// It has no mark.
        Unmarked = "unmarked",
    }
}

/// A client at the provider that this vault does not hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct OrphanView {
    /// Its client identifier.
    pub client_id: String,
    /// Its name there.
    pub name: Option<String>,
    /// When it was made.
    pub created_at: Option<i64>,
    /// Who made it, by its mark.
    pub made_by: OrphanMaker,
}

/// An application of this vault that its provider does not list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct MissingView {
    /// Its id here.
    pub id: String,
    /// Its name here.
    pub name: String,
    /// Its client identifier.
    pub client_id: String,
}

/// What is at the provider and not here, and the other way round.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct OrphansReport {
    /// The configuration.
    pub config: String,
    /// Clients that were listed.
    pub listed: u32,
    /// There and not here.
    pub only_there: Vec<OrphanView>,
    /// Here and not there.
    pub only_here: Vec<MissingView>,
}

/// Is the configuration known to work?
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum VerifyState {
    /// Never verified since it changed.
    Unknown,
    /// Every step passed.
    Ok,
    /// It works, with a warning.
    Warning,
    /// A step failed.
    Failed,
}

/// A configuration without its secrets.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct ConfigurationView {
    /// Id in this vault.
    pub id: String,
    /// Name.
    pub name: String,
    /// Provider kind.
    pub provider: String,
    /// What that kind is called.
    pub kind_name: String,
    /// Issuer as typed.
    pub issuer: String,
    /// Settings.
    pub settings: BTreeMap<String, String>,
    /// What was learned from what its server accepted; in `settings` too, with `adapted.` before the key.
    pub adapted: Vec<AdaptedSetting>,
    /// Keys of the secrets that the vault holds for it.
    pub secret_keys: Vec<String>,
    /// It is the built-in Sandbox.
    pub sandbox: bool,
    /// Known to work?
    pub verify_state: VerifyState,
    /// When it was last verified.
    pub verified_at: Option<i64>,
    /// The last report.
    pub report: Option<VerifyReport>,
    /// What the issuer can do, once verified.
    pub capabilities: Option<CapabilitySheetView>,
    /// Applications that use it.
    pub used_by: u32,
    /// Plain http to a host other than loopback is allowed: shown as a lasting mark.
    pub plain_http: bool,
    /// Its hosts that have a Unicode form, which may look like another name.
    pub host_forms: Vec<HostFormsView>,
    /// When it was made.
    pub created_at: i64,
}

/// Saves a configuration: new without an id.
#[derive(Clone, Deserialize, Type)]
pub struct ConfigurationInput {
    /// Id of the one to change.
    pub id: Option<String>,
    /// Name.
    pub name: String,
    /// Provider kind.
    pub provider: String,
    /// Issuer or the address of its discovery document.
    pub issuer: String,
    /// Settings; an empty value removes one.
    pub settings: BTreeMap<String, String>,
    /// Secrets to set; an empty value removes one, an absent key keeps it.
    pub secrets: BTreeMap<String, String>,
}

/// State of a verify step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum StepState {
    /// Not begun.
    Waiting,
    /// Under way.
    Running,
    /// Passed.
    Passed,
    /// Passed, with something to know.
    Warning,
    /// Failed.
    Failed,
    /// Not tried, because an earlier step failed or it does not apply.
    Skipped,
}

/// One step of Verify.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct VerifyStepView {
    /// Stable name, for example `discovery`.
    pub name: String,
    /// Title in the user's language.
    pub title: String,
    /// State.
    pub state: StepState,
    /// Time it took.
    pub elapsed_ms: Option<u64>,
    /// What was found, in the user's language.
    pub message: Option<String>,
    /// What to do about it, in the user's language.
    pub fix: Option<String>,
    /// The server's words.
    pub words: Option<ProviderWordsView>,
    /// The recorded exchange.
    pub exchange: Option<String>,
}

/// All steps of Verify.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct VerifyReport {
    /// No step failed.
    pub ok: bool,
    /// The steps in order.
    pub steps: Vec<VerifyStepView>,
    /// Hosts, other than the issuer's, that its metadata names and the user must confirm.
    pub unconfirmed_hosts: Vec<String>,
    /// When it ran.
    pub verified_at: i64,
    /// Every host that the configuration wants to talk to.
    pub hosts: Vec<WantedHostView>,
}

/// A host that a configuration wants to talk to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct WantedHostView {
    /// Host, with its port where one is written.
    pub host: String,
    /// Names of the addresses that lead there, such as `token_endpoint`.
    pub uses: Vec<String>,
    /// The user named or confirmed it.
    pub confirmed: bool,
    /// A secret goes there.
    pub secrets: bool,
}

/// One host in two forms.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct HostFormsView {
    /// As it is asked, in ASCII.
    pub ascii: String,
    /// As it is written.
    pub unicode: String,
}

/// Can it?
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum VerdictView {
    /// Yes.
    Yes,
    /// In part.
    Partly,
    /// No.
    No,
    /// Not known.
    Unknown,
}

/// One line of the sheet.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct CapabilityLineView {
    /// Stable name, for example `rotate`.
    pub capability: String,
    /// Title in the user's language.
    pub title: String,
    /// Can it?
    pub verdict: VerdictView,
    /// The reason in plain words.
    pub reason: String,
}

/// What this issuer really does.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct CapabilitySheetView {
    /// Issuer.
    pub issuer: String,
    /// Provider kind.
    pub provider: String,
    /// When it was made.
    pub checked_at: i64,
    /// The last Verify of this address passed. Otherwise the lines say what the documents of the provider
    /// promise, and nothing was checked.
    pub checked: bool,
    /// The lines: operations, grants, client authentication.
    pub lines: Vec<CapabilityLineView>,
    /// What the metadata says of the FAPI 2.0 Security Profile.
    pub fapi: FapiView,
}

/// What a server has of the FAPI 2.0 Security Profile, as far as its metadata says it. Nothing of it was tried.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct FapiView {
    /// All of it: no where a line is missing.
    pub verdict: VerdictView,
    /// The parts.
    pub lines: Vec<CapabilityLineView>,
}

/// A form of the registration request that the server refused.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct AdaptedAttempt {
    /// How `redirect_uris` was sent: `empty`, `absent`, `dummy` (a placeholder) or `as_given`.
    pub redirect_uris: String,
    /// How `response_types` was sent: `empty`, `listed` (`code`), `absent` or `as_given`.
    pub response_types: String,
    /// How `token_endpoint_auth_method` was sent: `listed` (the way that the metadata offers), `absent` or
    /// `as_given`.
    pub token_endpoint_auth_method: String,
    /// How `application_type` was sent: `listed` (`native`), `absent` or `as_given`.
    pub application_type: String,
    /// How `offline_access` was sent among the scopes: `listed` (added), `absent` or `as_given`.
    pub offline_access: String,
    /// The sent names of grants that have several, separated by spaces; empty where none was asked for.
    pub grant_types: String,
    /// Status of the refusal.
    pub status: Option<u16>,
    /// The server's words.
    pub words: Option<ProviderWordsView>,
    /// The recorded exchange in Activity.
    pub exchange: Option<String>,
}

/// A setting that was learned from what a server accepted, not set by the user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct AdaptedSetting {
    /// What it is about, for example `redirect_uris`.
    pub key: String,
    /// What is done, for example `dummy`.
    pub value: String,
    /// That in the user's language.
    pub message: String,
}

/// The registration request was not the usual one, because this server accepts another.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct AdaptedView {
    /// That in the user's language.
    pub message: String,
    /// What the configuration remembers.
    pub kept: Vec<AdaptedSetting>,
    /// What was refused in this registration, oldest first; empty where the form was remembered.
    pub attempts: Vec<AdaptedAttempt>,
}
