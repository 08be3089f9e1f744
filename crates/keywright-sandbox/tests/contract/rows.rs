//! The table of providers: one row each.

use keywright_providers::{Capability, ProviderKind};
use keywright_sandbox::{Personality, Registration};

/// A provider, its personality, and what is its own in the cases that all pass.
pub(crate) struct Row {
    /// The personality that answers.
    pub(crate) personality: Personality,
    /// The adapter that asks.
    pub(crate) kind: ProviderKind,
    /// Who may register, where the Sandbox can be told.
    pub(crate) registration: Registration,
    /// Settings in addition to those that the Sandbox names.
    pub(crate) settings: &'static [(&'static str, &'static str)],
    /// The secret that opens the provider.
    pub(crate) admin_secret: &'static str,
    /// The Verify step that proves it; none where only a registration can.
    pub(crate) proven_by: Option<&'static str>,
    /// Steps of a registration, in order.
    pub(crate) steps: &'static [&'static str],
    /// Scopes that are asked for; empty where clients do not register for scopes.
    pub(crate) scopes: &'static str,
    /// Members of a full registration in addition to the least, as JSON.
    pub(crate) full: &'static str,
    /// What it refuses to register.
    pub(crate) refuses: &'static [Refuses],
    /// What it cannot do, and the reason on the sheet.
    pub(crate) cannot: &'static [(Capability, &'static str)],
    /// Its answer to a registration tells what was granted.
    pub(crate) tells_grants: bool,
    /// A refusal for the rate is waited for and sent again.
    pub(crate) waits: bool,
    /// A dial that lets an old secret live on next to a new one; none where the provider always does.
    pub(crate) keeps_old: Option<(&'static str, u32)>,
    /// A token request names scopes; else a token has all that the client was granted.
    pub(crate) asks_for_scopes: bool,
    /// A refusal right after a registration is known to pass.
    pub(crate) settles: bool,
    /// Clients that prove themselves by a key; none where there are none.
    pub(crate) keys: Option<Keys>,
}

/// Which keys are taken, and a part of the words about each wrong assertion.
pub(crate) struct Keys {
    pub(crate) algorithm: &'static str,
    /// A key is known by its certificate.
    pub(crate) certified: bool,
    /// The client has no such key.
    pub(crate) unknown: &'static str,
    /// Another key signed under its name.
    pub(crate) forged: &'static str,
    /// `aud` is somewhere else.
    pub(crate) elsewhere: &'static str,
    pub(crate) expired: &'static str,
}

/// A registration that is refused.
pub(crate) struct Refuses {
    /// Members over the least, as JSON.
    pub(crate) members: &'static str,
    /// Status.
    pub(crate) status: u16,
    /// The provider's own code.
    pub(crate) code: &'static str,
    /// A part of its text.
    pub(crate) text: &'static str,
}

pub(crate) const ROWS: &[Row] = &[
    Row {
        personality: Personality::Rfc7591,
        kind: ProviderKind::Rfc7591,
        registration: Registration::InitialAccessToken,
        settings: &[],
        admin_secret: "initial_access_token",
        proven_by: None,
        steps: &["register"],
        scopes: "orders:read orders:write",
        full: r#"{"redirect_uris": ["https://orders.example/back"], "contacts": ["team@orders.example"],
            "client_uri": "https://orders.example", "token_endpoint_auth_method": "client_secret_post",
            "grant_types": ["client_credentials", "refresh_token"]}"#,
        refuses: &[
            Refuses {
                members: r#"{"redirect_uris": ["/back"]}"#,
                status: 400,
                code: "invalid_redirect_uri",
                text: "/back",
            },
            Refuses {
                members: r#"{"grant_types": ["magic"]}"#,
                status: 400,
                code: "invalid_client_metadata",
                text: "magic",
            },
        ],
        cannot: &[
            (Capability::RotateOverlap, "one_secret"),
            (Capability::List, "no_list"),
        ],
        tells_grants: true,
        waits: false,
        keeps_old: None,
        asks_for_scopes: true,
        settles: false,
        keys: None,
    },
    Row {
        personality: Personality::Auth0,
        kind: ProviderKind::Auth0,
        registration: Registration::Open,
        settings: &[],
        admin_secret: "initial_client_secret",
        proven_by: Some("admin_token"),
        steps: &["auth0_client", "auth0_grant"],
        scopes: "orders:read orders:write",
        full: r#"{"redirect_uris": ["https://orders.example/back"], "logo_uri": "https://orders.example/l.png",
            "grant_types": ["authorization_code", "refresh_token", "client_credentials"],
            "token_endpoint_auth_method": "client_secret_basic", "client_metadata": {"team": "a"}}"#,
        refuses: &[
            Refuses {
                members: r#"{"colour": "red"}"#,
                status: 400,
                code: "invalid_body",
                text: "Additional properties not allowed: colour",
            },
            Refuses {
                members: r#"{"token_endpoint_auth_method": "private_key_jwt"}"#,
                status: 400,
                code: "invalid_body",
                text: "No enum match for: private_key_jwt",
            },
        ],
        cannot: &[(Capability::Introspection, "auth0_no_introspection")],
        tells_grants: true,
        waits: true,
        keeps_old: Some(("rotation_lag_ms", 600_000)),
        asks_for_scopes: false,
        settles: true,
        keys: Some(Keys {
            algorithm: "PS256",
            certified: false,
            unknown: "unknown key",
            forged: "invalid signature",
            elsewhere: "unexpected 'aud'",
            expired: "unexpected 'exp'",
        }),
    },
    Row {
        personality: Personality::Okta,
        kind: ProviderKind::Okta,
        registration: Registration::Open,
        settings: &[],
        admin_secret: "dcr_token",
        proven_by: Some("okta_admin"),
        steps: &["register"],
        scopes: "",
        full: r#"{"redirect_uris": ["https://orders.example/back"], "logo_uri": "https://orders.example/l.png",
            "grant_types": ["authorization_code", "refresh_token", "client_credentials"],
            "response_types": ["code"], "token_endpoint_auth_method": "client_secret_post"}"#,
        refuses: &[Refuses {
            members: r#"{"grant_types": ["authorization_code"], "redirect_uris": []}"#,
            status: 400,
            code: "invalid_client_metadata",
            text: "",
        }],
        cannot: &[],
        tells_grants: true,
        waits: true,
        keeps_old: None,
        asks_for_scopes: true,
        settles: true,
        keys: Some(Keys {
            algorithm: "ES256",
            certified: false,
            unknown: "The client_assertion JWT kid is invalid.",
            forged: "The client_assertion signature is invalid.",
            elsewhere: "must be the endpoint invoked for the request",
            expired: "The client_assertion token is expired.",
        }),
    },
    Row {
        personality: Personality::Curity,
        kind: ProviderKind::Curity,
        registration: Registration::Open,
        settings: &[("rotated_secret_secs", "600")],
        admin_secret: "initial_client_secret",
        proven_by: Some("admin_token"),
        steps: &["register"],
        scopes: "orders:read orders:write",
        full: r#"{"redirect_uris": ["https://orders.example/back"], "contacts": ["team@orders.example"],
            "client_uri": "https://orders.example/", "access_token_ttl": 300,
            "token_endpoint_auth_method": "client_secret_post", "response_types": ["code"],
            "grant_types": ["authorization_code", "client_credentials"]}"#,
        refuses: &[
            Refuses {
                members: r#"{"grant_types": ["authorization_code"]}"#,
                status: 400,
                code: "invalid_redirect_uri",
                text: "",
            },
            Refuses {
                members: r#"{"grant_types": ["magic"]}"#,
                status: 400,
                code: "invalid_client_metadata",
                text: "",
            },
        ],
        cannot: &[(Capability::List, "no_list")],
        tells_grants: true,
        waits: false,
        keeps_old: Some(("rotated_secret_ttl_ms", 600_000)),
        asks_for_scopes: true,
        settles: false,
        keys: Some(Keys {
            algorithm: "RS256",
            certified: false,
            unknown: "",
            forged: "",
            elsewhere: "",
            expired: "",
        }),
    },
    Row {
        personality: Personality::Entra,
        kind: ProviderKind::Entra,
        registration: Registration::Open,
        settings: &[],
        admin_secret: "initial_client_secret",
        proven_by: Some("admin_token"),
        steps: &[
            "entra_application",
            "entra_secret",
            "entra_service_principal",
            "entra_app_id_uri",
        ],
        scopes: "",
        full: r#"{"redirect_uris": ["https://orders.example/back"], "client_uri": "https://orders.example",
            "tos_uri": "https://orders.example/tos", "policy_uri": "https://orders.example/privacy",
            "grant_types": ["client_credentials", "authorization_code", "refresh_token"],
            "token_endpoint_auth_method": "client_secret_basic"}"#,
        refuses: &[Refuses {
            members: r#"{"redirect_uris": ["no address"]}"#,
            status: 400,
            code: "Request_BadRequest",
            text: "",
        }],
        cannot: &[
            (Capability::Introspection, "entra_no_introspection"),
            (Capability::Revocation, "entra_no_revocation"),
        ],
        tells_grants: true,
        waits: true,
        keeps_old: None,
        asks_for_scopes: true,
        settles: true,
        keys: Some(Keys {
            algorithm: "PS256",
            certified: true,
            unknown: "AADSTS700027",
            forged: "AADSTS700027",
            elsewhere: "AADSTS700023",
            expired: "AADSTS700024",
        }),
    },
    Row {
        personality: Personality::HttpBridge,
        kind: ProviderKind::HttpBridge,
        registration: Registration::Open,
        settings: &[],
        admin_secret: "api_key",
        proven_by: Some("bridge_api_key"),
        steps: &["register"],
        scopes: "orders:read orders:write",
        full: r#"{"redirect_uris": ["https://orders.example/back"],
            "token_endpoint_auth_method": "client_secret_post",
            "application_description": "Orders of the night"}"#,
        refuses: &[
            Refuses {
                members: r#"{"grant_types": ["authorization_code"]}"#,
                status: 400,
                code: "AxiosError",
                text: "status code 400",
            },
            Refuses {
                members: r#"{"token_endpoint_auth_method": "private_key_jwt"}"#,
                status: 400,
                code: "AxiosError",
                text: "status code 400",
            },
        ],
        cannot: &[
            (Capability::Read, "bridge_no_read"),
            (Capability::RotateOverlap, "bridge_old_ends"),
            (Capability::List, "bridge_no_list"),
        ],
        tells_grants: false,
        waits: true,
        keeps_old: None,
        asks_for_scopes: true,
        settles: false,
        keys: None,
    },
];
