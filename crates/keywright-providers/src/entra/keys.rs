//! Names of the steps and of what is kept with a registration.

/// Steps, in the plan and in the journal.
pub(super) mod step {
    pub(crate) const ADMIN_TOKEN: &str = crate::entra::messages::plan::ADMIN_TOKEN.as_str();
    pub(crate) const APPLICATION: &str = crate::entra::messages::plan::APPLICATION.as_str();
    pub(crate) const SECRET: &str = crate::entra::messages::plan::SECRET.as_str();
    pub(crate) const SERVICE_PRINCIPAL: &str =
        crate::entra::messages::plan::SERVICE_PRINCIPAL.as_str();
    pub(crate) const APP_ID_URI: &str = crate::entra::messages::plan::APP_ID_URI.as_str();
    pub(crate) const PURGE: &str = crate::entra::messages::plan::PURGE.as_str();
}

/// Handles: what Graph needs in addition to the `client_id`.
pub(super) mod handle {
    /// Object id of the application; goes into every path.
    pub(crate) const OBJECT_ID: &str = "object_id";
    /// Key id of the current secret.
    pub(crate) const KEY_ID: &str = "key_id";
    /// Key ids of the secrets before it, separated by spaces; they live until the current one is proven.
    pub(crate) const OLD_KEY_ID: &str = "old_key_id";
    /// Object id of the service principal.
    pub(crate) const SERVICE_PRINCIPAL: &str = "service_principal_id";
    /// The App ID URI that the application was given.
    pub(crate) const APP_ID_URI: &str = "app_id_uri";
    /// When the application was made, by our clock, in Unix seconds.
    pub(crate) const CREATED_AT: &str = "created_at";
    /// When the current secret was made, by our clock, in Unix seconds.
    pub(crate) const SECRET_SINCE: &str = "secret_since";
}
