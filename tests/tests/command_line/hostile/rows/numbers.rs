//! Times and numbers at their ends (T13): kept, bounded or left out, and never an overflow.

use crate::hostile::{
    good,
    row::{Class, Place, Row},
    server::Reply,
};

const NUMBERS: [&str; 22] = [
    "0",
    "-1",
    "1",
    "9223372036854775807",
    "-9223372036854775808",
    "9223372036854775808",
    "18446744073709551615",
    "1.5",
    "1e18",
    "1e300",
    "-1e300",
    "0.0000001",
    "\"9223372036854775807\"",
    "\"-1\"",
    "\"1e400\"",
    "\"NaN\"",
    "\"soon\"",
    "\"9999-12-31T23:59:59Z\"",
    "\"0000-01-01T00:00:00Z\"",
    "true",
    "[3600]",
    "{\"seconds\":3600}",
];

pub(crate) fn rows() -> Vec<Row> {
    let mut rows = Vec::new();
    for number in NUMBERS {
        let token = format!(
            r#"{{"access_token":"{}","expires_in":{number}}}"#,
            good::OPAQUE_TOKEN
        );
        rows.push(Row::new(
            "T13",
            Place::Token,
            format!("expires_in: {number}"),
            Reply::json(&token),
            &[Class::Taken],
        ));
        let times = good::body(Place::Registration).replacen(
            '{',
            &format!("{{\"client_secret_expires_at\":{number},\"client_id_issued_at\":{number},"),
            1,
        );
        rows.push(Row::new(
            "T13",
            Place::Registration,
            format!("times: {number}"),
            Reply::json(&times),
            &[Class::Taken],
        ));
        let read = good::body(Place::Management).replacen(
            '{',
            &format!("{{\"client_secret_expires_at\":{number},"),
            1,
        );
        rows.push(Row::new(
            "T13",
            Place::Management,
            format!("expiry: {number}"),
            Reply::json(&read),
            &[Class::Taken],
        ));
        let said = format!(r#"{{"active":true,"exp":{number},"iat":{number},"nbf":{number}}}"#);
        rows.push(Row::new(
            "T13",
            Place::Introspection,
            format!("times: {number}"),
            Reply::json(&said),
            &[Class::Taken],
        ));
    }
    rows
}
