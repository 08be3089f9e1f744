//! Codes of the messages of this adapter: `messages/okta.yml` in the core has the sentences.

crate::message_code::messages! {
    advice {
        CLIENT_UNKNOWN = "okta_client_unknown",
        CUSTOM_SERVER = "okta_custom_server",
        DEACTIVATE = "okta_deactivate",
        DPOP = "okta_dpop",
        FEATURE = "okta_feature",
        GRANT_OFF = "okta_grant_off",
        INTERNAL = "okta_internal",
        KEY_ID = "okta_key_id",
        METADATA = "okta_metadata",
        NOT_FOUND = "okta_not_found",
        OPENID = "okta_openid",
        ORG_SERVER = "okta_org_server",
        PERMISSION = "okta_permission",
        POLICY = "okta_policy",
        RATE = "okta_rate",
        SCOPE_DENIED = "okta_scope_denied",
        SCOPE_MISSING = "okta_scope_missing",
        SCOPE_UNKNOWN = "okta_scope_unknown",
        SECRETS_FULL = "okta_secrets_full",
        TOKEN_INVALID = "okta_token_invalid",
        TOKEN_MISSING = "okta_token_missing",
        TWO_CREDENTIALS = "okta_two_credentials",
        ZONE = "okta_zone",
    }
    finding {
        CLIENT_NO_ROLE = "okta_client_no_role",
        CLIENT_OTHER_ROLE = "okta_client_other_role",
        CLIENT_REFUSED = "okta_client_refused",
        CLIENT_ROLE = "okta_client_role",
        CLIENT_TAKEN = "okta_client_taken",
        MAY_MANAGE = "okta_may_manage",
        ORG = "okta_org",
        ORG_ODD = "okta_org_odd",
        ORG_SERVER = "okta_org_server",
        PERMISSION_UNKNOWN = "okta_permission_unknown",
        POLICY_ADMITS = "okta_policy_admits",
        POLICY_NONE = "okta_policy_none",
        POLICY_UNSEEN = "okta_policy_unseen",
        SCOPES_MISSING = "okta_scopes_missing",
        SERVER_INACTIVE = "okta_server_inactive",
        TOKEN_ENDPOINT_DIFFERS = "okta_token_endpoint_differs",
        TOKEN_REFUSED = "okta_token_refused",
        TOKEN_ROLE = "okta_token_role",
        TOKEN_TAKEN = "okta_token_taken",
    }
    plan {
        ADMIN_TOKEN = "okta_admin_token",
    }
    reason {
        ALL_MEMBERS = "okta_all_members",
        CLIENT_API = "okta_client_api",
        CUSTOM_SERVER = "okta_custom_server",
        DEACTIVATED_FIRST = "okta_deactivated_first",
        LISTED = "okta_listed",
        NEW_SECRET = "okta_new_secret",
        NOT_FOR_SERVICES = "okta_not_for_services",
        NO_ADMIN = "okta_no_admin",
        ORG_SERVER = "okta_org_server",
        REPLACED = "okta_replaced",
        TWO_SECRETS = "okta_two_secrets",
        TWO_SECRETS_SCOPE = "okta_two_secrets_scope",
    }
    shortfall {
        ORG_SERVER = "okta_org_server",
        SCOPE_BY_POLICY = "okta_scope_by_policy",
        SERVICE_GRANT = "okta_service_grant",
    }
    step {
        ADMIN = "okta_admin",
        ORG = "okta_org",
        PERMISSIONS = "okta_permissions",
        POLICY = "okta_policy",
    }
}
