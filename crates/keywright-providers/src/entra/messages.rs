//! Codes of the messages of this adapter: `messages/entra.yml` in the core has the sentences.

crate::message_code::messages! {
    finding {
        ADMIN_SECRET_ENDS = "entra_admin_secret_ends",
        ADMIN_SECRET_UNSEEN = "entra_admin_secret_unseen",
        ADMIN_TOKEN = "entra_admin_token",
        MANY_TENANTS = "entra_many_tenants",
        PERMISSION = "entra_permission",
        PERMISSION_UNSEEN = "entra_permission_unseen",
        TENANT_ID = "entra_tenant_id",
        TOKEN_ENDPOINT_DIFFERS = "entra_token_endpoint_differs",
        VERSION_1 = "entra_version_1",
    }
    plan {
        ADMIN_TOKEN = "entra_admin_token",
        APPLICATION = "entra_application",
        APP_ID_URI = "entra_app_id_uri",
        PURGE = "entra_purge",
        SECRET = "entra_secret",
        SERVICE_PRINCIPAL = "entra_service_principal",
    }
    reason {
        ADD_PROVE_REMOVE = "entra_add_prove_remove",
        ALL_APPLICATIONS = "entra_all_applications",
        BY_GRAPH = "entra_by_graph",
        CHANGED_BY_GRAPH = "entra_changed_by_graph",
        GRAPH_TOKEN = "entra_graph_token",
        MANY_SECRETS = "entra_many_secrets",
        NO_ADMIN = "entra_no_admin",
        NO_INTROSPECTION = "entra_no_introspection",
        NO_REVOCATION = "entra_no_revocation",
        ONE_RESOURCE = "entra_one_resource",
        PURGED = "entra_purged",
        SECRET_NEVER_SHOWN = "entra_secret_never_shown",
        SOFT_DELETE = "entra_soft_delete",
        USERS_ONLY = "entra_users_only",
    }
    refusal {
        ADMIN_TOKEN_REFUSED = "entra_admin_token_refused",
        APPLICATION_DISABLED = "entra_application_disabled",
        APPLICATION_UNKNOWN = "entra_application_unknown",
        ASSERTION_TIME = "entra_assertion_time",
        CERTIFICATE_UNKNOWN = "entra_certificate_unknown",
        FEDERATION_UNKNOWN = "entra_federation_unknown",
        FORM_NEEDED = "entra_form_needed",
        LIFETIME_CAPPED = "entra_lifetime_capped",
        NOT_THERE = "entra_not_there",
        NOT_YET = "entra_not_yet",
        NO_RESOURCE_PARAMETER = "entra_no_resource_parameter",
        ONE_TENANT = "entra_one_tenant",
        OTHER_CLOUD = "entra_other_cloud",
        PERMISSION_MISSING = "entra_permission_missing",
        RESOURCE_UNKNOWN = "entra_resource_unknown",
        SCOPE_WRONG = "entra_scope_wrong",
        SECRETS_FORBIDDEN = "entra_secrets_forbidden",
        SECRET_EXPIRED = "entra_secret_expired",
        TENANT_UNKNOWN = "entra_tenant_unknown",
        USER_NEEDED = "entra_user_needed",
        WRONG_SECRET = "entra_wrong_secret",
    }
    shortfall {
        GRAPH_TOKEN = "entra_graph_token",
        NO_PLACE = "entra_no_place",
    }
    step {
        ADMIN_SECRET = "entra_admin_secret",
    }
}
