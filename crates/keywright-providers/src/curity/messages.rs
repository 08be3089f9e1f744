//! Codes of the messages of this adapter: `messages/curity.yml` in the core has the sentences.

crate::message_code::messages! {
    advice {
        INSUFFICIENT_SCOPE = "curity_insufficient_scope",
        INVALID_CLIENT_METADATA = "curity_invalid_client_metadata",
        INVALID_SCOPE = "curity_invalid_scope",
        INVALID_TOKEN = "curity_invalid_token",
        UNAUTHORIZED_CLIENT = "curity_unauthorized_client",
    }
    finding {
        ADMIN_UNKNOWN = "curity_admin_unknown",
        ENDPOINT_MISSING = "curity_endpoint_missing",
        ENDPOINT_SILENT = "curity_endpoint_silent",
        GRANT_REFUSED = "curity_grant_refused",
        SCOPE_REFUSED = "curity_scope_refused",
        TEMPLATE_SET = "curity_template_set",
        TOKEN_ENDPOINT_DIFFERS = "curity_token_endpoint_differs",
        TOKEN_FETCHED = "curity_token_fetched",
    }
    plan {
        DCR_TOKEN = "curity_dcr_token",
    }
    reason {
        ADMIN_CLIENT_MISSING = "curity_admin_client_missing",
        DELETE_BY_TOKEN = "curity_delete_by_token",
        FRESH_TOKEN = "curity_fresh_token",
        FROM_TEMPLATE = "curity_from_template",
        INITIAL_TOKEN_MISSING = "curity_initial_token_missing",
        MANAGEMENT_OFF = "curity_management_off",
        OLD_SECRET_ENDS = "curity_old_secret_ends",
        OLD_SECRET_STAYS = "curity_old_secret_stays",
        ONE_REGISTRATION = "curity_one_registration",
        OPEN = "curity_open",
        READ_ROTATES = "curity_read_rotates",
        READ_WRITE_OVER = "curity_read_write_over",
        REGISTRATION_TOKEN_OVER = "curity_registration_token_over",
        ROTATED_BY_READ = "curity_rotated_by_read",
        TEMPLATE_MISSING = "curity_template_missing",
        UPDATE_ROTATES = "curity_update_rotates",
    }
    shortfall {
        OTHER_ORIGIN = "curity_other_origin",
        TEMPLATE = "curity_template",
    }
    step {
        TEMPLATE = "curity_template",
    }
}
