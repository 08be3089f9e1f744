//! Sentences that are closer than that of the code.

use keywright_oauth::http::HttpWording;

use crate::codes::codes;

codes! {
    /// The sentences of a failure where that of its code is not the closest: `error.WORDING` in the message files.
    pub(crate) enum Wording {
        ChangeBusy = "change_busy",
        CleanUpUnproven = "clean_up_unproven",
        ClientGone = "client_gone",
        ConnectDocumentNeeded = "connect_document_needed",
        ConnectionLostPlain = "connection_lost_plain",
        NoSession = "no_session",
        NoSessionCookie = "no_session_cookie",
        NoSessionDeleted = "no_session_deleted",
        NoSessionExpired = "no_session_expired",
        NoSessionLimit = "no_session_limit",
        NoSessionLogin = "no_session_login",
        NoSessionOtherCookies = "no_session_other_cookies",
        NoSessionPath = "no_session_path",
        NoSessionRefused = "no_session_refused",
        NotFoundClientLives = "not_found_client_lives",
        NotFoundUnproven = "not_found_unproven",
        NotHttpPlain = "not_http_plain",
        OutcomeUnknownStatus = "outcome_unknown_status",
        SignInIdTokenEncrypted = "sign_in_id_token_encrypted",
        TlsClientCertificate = "tls_client_certificate",
        TlsName = "tls_name",
        TlsPlain = "tls_plain",
        TlsTime = "tls_time",
        TokenRefusedClientLives = "token_refused_client_lives",
        TokenRefusedUnproven = "token_refused_unproven",
    }
}

impl From<HttpWording> for Wording {
    fn from(wording: HttpWording) -> Self {
        match wording {
            HttpWording::ConnectionLostPlain => Self::ConnectionLostPlain,
            HttpWording::NotHttpPlain => Self::NotHttpPlain,
            HttpWording::TlsClientCertificate => Self::TlsClientCertificate,
            HttpWording::TlsName => Self::TlsName,
            HttpWording::TlsPlain => Self::TlsPlain,
            HttpWording::TlsTime => Self::TlsTime,
        }
    }
}
