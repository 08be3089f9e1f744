//! Takes a picture of each screen.

fn main() {}
