//! Enums of stable codes. Each has the list of all, by which a test finds the message of each.

pub(crate) use keywright_oauth::codes;

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use crate::view::{
        ApplicationAction, CauseKind, OrphanMaker, PendingState, RegisterWarningCode, SlotMethod,
        WayAction,
    };

    macro_rules! names {
        ($($name:ident)*) => {
            $(for one in $name::ALL {
                let json = serde_json::to_string(one).unwrap();
                assert_eq!(json, format!("\"{}\"", one.as_str()));
            })*
        };
    }

    #[test]
    fn codes_are_the_names_in_json() {
        names!(ApplicationAction CauseKind OrphanMaker PendingState RegisterWarningCode SlotMethod WayAction);
    }
}
