//! What a user pasted in the place of the answer of the browser.

use serde::{Deserialize, Serialize};
use specta::Type;
use url::form_urlencoded;

/// Why a pasted line is not the answer to this sign-in. The sign-in goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum PasteProblem {
    /// It has nothing of an answer.
    NotAnswer,
    /// It is the address of the sign-in page, which was to be opened.
    SignInPage,
    /// It has a code and no `state`: the end of the address is missing.
    CutOff,
    /// It answers another sign-in.
    OtherSignIn,
}

impl PasteProblem {
    /// Stable name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NotAnswer => "not_answer",
            Self::SignInPage => "sign_in_page",
            Self::CutOff => "cut_off",
            Self::OtherSignIn => "other_sign_in",
        }
    }

    /// What is wrong with the query of a pasted address; none where it may be the answer.
    pub(super) fn of(query: &str, is_mine: bool) -> Option<Self> {
        let has = |wanted: &str| {
            form_urlencoded::parse(query.as_bytes())
                .any(|(name, value)| name == wanted && !value.is_empty())
        };
        let is_answer = has("code") || has("error") || has("response");
        // The address of the request has the same `state` as its answer (RFC 6749 §4.1.1).
        if !is_answer && (has("response_type") || has("client_id")) {
            Some(Self::SignInPage)
        } else if !is_answer {
            Some(Self::NotAnswer)
        } else if is_mine {
            None
        } else if has("state") || has("response") {
            Some(Self::OtherSignIn)
        } else {
            Some(Self::CutOff)
        }
    }
}

/// The query of a pasted address, or what was pasted where it is a query alone.
pub(super) fn query_of(text: &str) -> String {
    let text = text.trim();
    let query = text.split_once('?').map_or(text, |(_, query)| query);
    query.split('#').next().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_query_of_a_pasted_address_is_read() {
        for (text, query) in [
            (
                " https://app.example/cb?code=a&state=b \n",
                "code=a&state=b",
            ),
            ("https://app.example/cb?code=a&state=b#x", "code=a&state=b"),
            ("code=a&state=b", "code=a&state=b"),
            ("https://app.example/cb", "https://app.example/cb"),
            ("", ""),
        ] {
            assert_eq!(query_of(text), query, "{text}");
        }
    }

    #[test]
    fn a_pasted_line_is_refused_for_what_is_wrong_with_it() {
        for (text, mine, problem) in [
            ("hello", false, Some(PasteProblem::NotAnswer)),
            (
                "https://app.example/cb",
                false,
                Some(PasteProblem::NotAnswer),
            ),
            ("code=&state=b", true, Some(PasteProblem::NotAnswer)),
            (
                "SplxlOBeZQQYbYS6WxSbIA",
                false,
                Some(PasteProblem::NotAnswer),
            ),
            (
                "https://id.example/authorize?response_type=code&client_id=a&state=b",
                true,
                Some(PasteProblem::SignInPage),
            ),
            (
                "https://id.example/authorize?client_id=a&request_uri=urn%3Ax",
                false,
                Some(PasteProblem::SignInPage),
            ),
            (
                "https://app.example/cb?code=a",
                false,
                Some(PasteProblem::CutOff),
            ),
            ("code=a&state=b", false, Some(PasteProblem::OtherSignIn)),
            ("code=a&state=b", true, None),
            ("error=access_denied&state=b", true, None),
        ] {
            assert_eq!(PasteProblem::of(&query_of(text), mine), problem, "{text}");
        }
    }
}
