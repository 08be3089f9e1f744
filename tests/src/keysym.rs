//! Keysyms of X11 for the keys that the tests press.

/// Return.
pub const RETURN: u32 = 0xff0d;
/// Tab.
pub const TAB: u32 = 0xff09;
/// Escape.
pub const ESCAPE: u32 = 0xff1b;
/// Backspace.
pub const BACKSPACE: u32 = 0xff08;
/// Down arrow.
pub const DOWN: u32 = 0xff54;
/// Left Shift.
pub const SHIFT: u32 = 0xffe1;
/// Left Control.
pub const CONTROL: u32 = 0xffe3;
/// Left Alt.
pub const ALT: u32 = 0xffe9;
