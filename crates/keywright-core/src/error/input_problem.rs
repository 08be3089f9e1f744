//! What is wrong with an input.

use serde::{Deserialize, Serialize};
use specta::Type;

use crate::codes::codes;

codes! {
    /// Why an input cannot be used; the code of the failure.
    #[derive(Serialize, Deserialize, Type)]
    #[serde(rename_all = "snake_case")]
    pub enum InputProblem {
        /// A client that proves itself with a key is adopted without one.
        AdoptWithoutKey = "adopt_without_key",
        /// A client that authenticates with a secret is adopted without one.
        AdoptWithoutSecret = "adopt_without_secret",
        /// The grant needs an assertion.
        AssertionNeeded = "assertion_needed",
        /// The backup is opened by a passphrase, and none was given.
        BackupPassphrase = "backup_passphrase",
        /// The operation cannot be resumed.
        CannotResume = "cannot_resume",
        /// The method needs a certificate of an authority.
        CertificateNeeded = "certificate_needed",
        /// The server does not list the method, for which an authority has to issue a certificate.
        CertificateMethodUnlisted = "certificate_method_unlisted",
        /// A method of client authentication that looks like a slip.
        AuthMethodName = "auth_method_name",
        /// No client identifier.
        ClientIdEmpty = "client_id_empty",
        /// The address of a client document.
        DocumentAddress = "document_address",
        /// The client document cannot be used.
        DocumentRefused = "document_refused",
        /// The format of a capability sheet.
        ExportFormat = "export_format",
        /// Authorization details are not an array of objects, each with a type (RFC 9396 §2).
        AuthorizationDetails = "authorization_details",
        /// A grant that looks like a slip.
        GrantName = "grant_name",
        /// The grant is not one that Keywright has.
        GrantUnknown = "grant_unknown",
        /// A header cannot be sent.
        Header = "header",
        /// A header that Keywright sets.
        HeaderOwned = "header_owned",
        /// A host that no configuration names.
        HostUnknown = "host_unknown",
        /// The application has a key.
        KeyExists = "key_exists",
        /// The key is in use.
        KeyInUse = "key_in_use",
        /// The provider does not take signatures of this kind of key.
        KeySignature = "key_signature",
        /// A key for a client that does not authenticate with one.
        KeyWithoutMethod = "key_without_method",
        /// The metadata is not a JSON object.
        MetadataJson = "metadata_json",
        /// The HTTP method.
        Method = "method",
        /// The name has a control character.
        NameControl = "name_control",
        /// No name.
        NameEmpty = "name_empty",
        /// The name is too long.
        NameLong = "name_long",
        /// The system has no random numbers.
        NoRandomness = "no_randomness",
        /// A value of a preset is missing.
        PresetBlank = "preset_blank",
        /// A value that the preset does not have.
        PresetBlankUnknown = "preset_blank_unknown",
        /// The preset does not exist.
        PresetUnknown = "preset_unknown",
        /// The address of the proxy.
        ProxyAddress = "proxy_address",
        /// The address of the proxy has credentials.
        ProxyCredentials = "proxy_credentials",
        /// A reference to a secret.
        Reference = "reference",
        /// The address of the registration.
        RegistrationUri = "registration_uri",
        /// A resource is not an absolute URI (RFC 8707 §2).
        Resource = "resource",
        /// A key is rotated of a client that authenticates with something else.
        RotateWithoutKey = "rotate_without_key",
        /// The secret is rotated of a client that authenticates with nothing.
        RotateWithoutSecret = "rotate_without_secret",
        /// No secret.
        SecretEmpty = "secret_empty",
        /// The secret is in use.
        SecretInUse = "secret_in_use",
        /// The provider does not show which of its secrets is the one in use.
        SecretInUseUnclear = "secret_in_use_unclear",
        /// The provider does not list the secret.
        SecretUnknown = "secret_unknown",
        /// Nothing to import for this origin.
        SessionImportEmpty = "session_import_empty",
        /// A file of another kind.
        SessionImportFile = "session_import_file",
        /// The format is not known.
        SessionImportFormat = "session_import_format",
        /// Cookies of another origin.
        SessionImportOther = "session_import_other",
        /// A setting is not an address.
        SettingAddress = "setting_address",
        /// A setting is not one of its values.
        SettingChoice = "setting_choice",
        /// A secret was given as a setting.
        SettingIsSecret = "setting_is_secret",
        /// A setting was given as a secret.
        SettingNotSecret = "setting_not_secret",
        /// A setting is not a number of seconds.
        SettingSeconds = "setting_seconds",
        /// A setting that is not certificates in PEM.
        SettingCertificate = "setting_certificate",
        /// The kind of provider has no such setting.
        SettingUnknown = "setting_unknown",
        /// The algorithm is not known.
        SigningAlg = "signing_alg",
        /// The kind of provider does not exist.
        UnknownProvider = "unknown_provider",
        /// The address of a call.
        Url = "url",
        /// The address of a call has a secret in it.
        UrlSecret = "url_secret",
    }
}
