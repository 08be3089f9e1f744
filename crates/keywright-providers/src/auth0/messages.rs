//! Codes of the messages of this adapter: `messages/auth0.yml` in the core has the sentences.

crate::message_code::messages! {
    advice {
        API_UNKNOWN = "auth0_api_unknown",
        BODY = "auth0_body",
        CLIENT_GRANT = "auth0_client_grant",
        ENTITIES = "auth0_entities",
        GONE = "auth0_gone",
        GRANT_GONE = "auth0_grant_gone",
        GRANT_TYPE = "auth0_grant_type",
        NO_AUDIENCE = "auth0_no_audience",
        OPEN_OFF = "auth0_open_off",
        PLAN = "auth0_plan",
        QUOTA = "auth0_quota",
        RATE = "auth0_rate",
        SCOPE = "auth0_scope",
        SECRET = "auth0_secret",
    }
    finding {
        ADMIN_REFUSED = "auth0_admin_refused",
        ADMIN_TOKEN = "auth0_admin_token",
        API_ANSWERS = "auth0_api_answers",
        SCOPES_MISSING = "auth0_scopes_missing",
        SCOPES_THERE = "auth0_scopes_there",
        SCOPES_UNKNOWN = "auth0_scopes_unknown",
        TOKEN_ADDRESS_DIFFERS = "auth0_token_address_differs",
        TOKEN_ADDRESS_NOT_TYPED = "auth0_token_address_not_typed",
    }
    plan {
        ADMIN_TOKEN = "auth0_admin_token",
        CLIENT = "auth0_client",
        GRANT = "auth0_grant",
        OPEN = "auth0_open",
    }
    reason {
        CLIENT_CREDENTIALS = "auth0_client_credentials",
        CLIENT_CREDENTIALS_NO_API = "auth0_client_credentials_no_api",
        DELETE = "auth0_delete",
        GRANT_NOT_GIVEN = "auth0_grant_not_given",
        LIST = "auth0_list",
        NO_INTROSPECTION = "auth0_no_introspection",
        NO_SECRET = "auth0_no_secret",
        OPEN_NO_CLIENT_CREDENTIALS = "auth0_open_no_client_credentials",
        READ = "auth0_read",
        REFRESH = "auth0_refresh",
        REGISTER_CLIENT_ALONE = "auth0_register_client_alone",
        REGISTER_OPEN = "auth0_register_open",
        REGISTER_WITH_GRANT = "auth0_register_with_grant",
        REVOCATION = "auth0_revocation",
        ROTATE = "auth0_rotate",
        SHORT_OVERLAP = "auth0_short_overlap",
        TWO_KEYS = "auth0_two_keys",
        UPDATE = "auth0_update",
    }
    shortfall {
        NO_API = "auth0_no_api",
        NO_PLACE = "auth0_no_place",
        OPEN_DROPS = "auth0_open_drops",
        OPEN_REDIRECTS = "auth0_open_redirects",
        SCOPE_WITHOUT_API = "auth0_scope_without_api",
    }
    step {
        MAY_GRANT = "auth0_may_grant",
        MAY_REGISTER = "auth0_may_register",
        MAY_ROTATE = "auth0_may_rotate",
        TOKEN_ADDRESS = "auth0_token_address",
    }
}
