//! Enums of stable codes. Each has the list of all, by which a test finds the message of each.

/// Declares an enum with the code of each variant, as `as_str`, and all of them, as `ALL`.
#[macro_export]
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
