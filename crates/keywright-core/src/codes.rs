//! Enums of stable codes. Each has the list of all, by which a test finds the message of each.

/// Declares an enum with the code of each variant, as `as_str`, and all of them, as `ALL`.
macro_rules! codes {
    (
        $(#[$about:meta])*
        $visible:vis enum $name:ident {
            $($(#[$about_one:meta])* $one:ident = $code:literal,)+
        }
    ) => {
        $(#[$about])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        $visible enum $name {
            $($(#[$about_one])* $one,)+
        }

        impl $name {
            /// All, in the order of their declaration.
            #[allow(dead_code, reason = "some lists are for the tests alone")]
            $visible const ALL: &'static [Self] = &[$(Self::$one,)+];

            /// The stable code.
            $visible fn as_str(self) -> &'static str {
                match self {
                    $(Self::$one => $code,)+
                }
            }
        }
    };
}

pub(crate) use codes;

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
