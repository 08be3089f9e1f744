//! Codes of the messages that every adapter may use.

crate::message_code::messages! {
    finding {
        ADMIN_KEY = "admin_key",
        CLIENT_CREDENTIALS_LISTED = "client_credentials_listed",
        DOCUMENTS_ONLY = "documents_only",
        ENDPOINTS_UNREADABLE = "endpoints_unreadable",
        ENDPOINTS_WITHOUT_METADATA = "endpoints_without_metadata",
        ENDPOINT_UNREADABLE = "endpoint_unreadable",
        GRANTS_UNLISTED = "grants_unlisted",
        ISSUER_FINAL_SLASH = "issuer_final_slash",
        KEYS_PRIVATE = "keys_private",
        LOGIN_ONLY = "login_only",
        NO_CLIENT_CREDENTIALS = "no_client_credentials",
        REFUSED = "refused",
        SETTING_MISSING = "setting_missing",
    }
    plan {
        REGISTER = "register",
    }
    reason {
        BINDING_NOT_ANNOUNCED = "binding_not_announced",
        CERTIFICATES_BIND = "certificates_bind",
        CODE_ALONE = "code_alone",
        DPOP_ANNOUNCED = "dpop_announced",
        ENDPOINT_MISSING = "endpoint_missing",
        ENDPOINT_NAMED = "endpoint_named",
        ENDPOINT_UNREADABLE = "endpoint_unreadable",
        GRANTS_UNLISTED = "grants_unlisted",
        GRANT_LISTED = "grant_listed",
        GRANT_NOT_LISTED = "grant_not_listed",
        ISSUER_ANNOUNCED = "issuer_announced",
        ISSUER_NOT_ANNOUNCED = "issuer_not_announced",
        LOGIN_ONLY = "login_only",
        MAY_NEED_INITIAL_TOKEN = "may_need_initial_token",
        METHODS_UNLISTED = "methods_unlisted",
        METHOD_BY_DEFAULT = "method_by_default",
        METHOD_LISTED = "method_listed",
        METHOD_NOT_LISTED = "method_not_listed",
        NAMED_NOT_LISTED = "named_not_listed",
        NOT_DISCOVERED = "not_discovered",
        NO_LIST = "no_list",
        NO_SECRET = "no_secret",
        ONE_SECRET = "one_secret",
        ONE_STEP = "one_step",
        ON_UPDATE_ONLY = "on_update_only",
        OTHER_CLIENTS_ADDRESS = "other_clients_address",
        OTHER_FLOWS = "other_flows",
        PER_REGISTRATION = "per_registration",
        RESPONSE_TYPES_UNLISTED = "response_types_unlisted",
        S256_LISTED = "s256_listed",
        S256_NOT_LISTED = "s256_not_listed",
        SIGNATURES_NOT_OURS = "signatures_not_ours",
        WITHOUT_S256 = "without_s256",
        WITH_INITIAL_TOKEN = "with_initial_token",
    }
    shortfall {
        NO_AUTH_METHOD = "no_auth_method",
    }
    step {
        ADMIN_API = "admin_api",
        ADMIN_TOKEN = "admin_token",
        DISCOVERY = "discovery",
        GRANTS = "grants",
        HOSTS = "hosts",
        INITIAL_ACCESS_TOKEN = "initial_access_token",
        ISSUER = "issuer",
        PERMISSIONS = "permissions",
        REGISTRATION_ENDPOINT = "registration_endpoint",
        SIGNING_KEYS = "signing_keys",
        TOKEN_ENDPOINT = "token_endpoint",
    }
}
