//! The date of a cookie, in every form that browsers read (RFC 6265 §5.1.1): RFC 1123, RFC 850, asctime, dashes, and
//! years of two digits.

use time::{Date, Month, PrimitiveDateTime, Time};

/// The date in Unix seconds; none where it cannot be read.
pub(super) fn parse(text: &[u8]) -> Option<i64> {
    let (mut time, mut day, mut month, mut year) = (None, None, None, None);
    for token in text
        .split(|byte| is_delimiter(*byte))
        .filter(|t| !t.is_empty())
    {
        if time.is_none()
            && let Some(found) = time_of(token)
        {
            time = Some(found);
        } else if day.is_none()
            && let Some(found) = number(token, 1, 2)
        {
            day = Some(found);
        } else if month.is_none()
            && let Some(found) = month_of(token)
        {
            month = Some(found);
        } else if year.is_none()
            && let Some(found) = number(token, 2, 4)
        {
            year = Some(found);
        }
    }
    let year = match year? {
        short @ 70..=99 => short + 1900,
        short @ 0..=69 => short + 2000,
        whole => whole,
    };
    if year < 1601 {
        return None;
    }
    let day = u8::try_from(day?).ok()?;
    let date = Date::from_calendar_date(i32::try_from(year).ok()?, month?, day).ok()?;
    let moment = PrimitiveDateTime::new(date, time?);
    Some(moment.assume_utc().unix_timestamp())
}

fn is_delimiter(byte: u8) -> bool {
    matches!(byte, 0x09 | 0x20..=0x2f | 0x3b..=0x40 | 0x5b..=0x60 | 0x7b..=0x7e)
}

/// A number of so many digits; what follows it may be anything but a digit.
fn number(token: &[u8], least: usize, most: usize) -> Option<u32> {
    let digits = token
        .iter()
        .take_while(|byte| byte.is_ascii_digit())
        .count();
    if !(least..=most).contains(&digits) {
        return None;
    }
    std::str::from_utf8(&token[..digits]).ok()?.parse().ok()
}

fn time_of(token: &[u8]) -> Option<Time> {
    let mut fields = token.splitn(3, |byte| *byte == b':');
    let hour = whole(fields.next()?)?;
    let minute = whole(fields.next()?)?;
    let second = number(fields.next()?, 1, 2)?;
    let small = |number: u32| u8::try_from(number).ok();
    Time::from_hms(small(hour)?, small(minute)?, small(second)?).ok()
}

fn whole(field: &[u8]) -> Option<u32> {
    number(field, 1, 2).filter(|_| field.iter().all(u8::is_ascii_digit))
}

fn month_of(token: &[u8]) -> Option<Month> {
    let name = token.get(..3)?.to_ascii_lowercase();
    let names: [&[u8]; 12] = [
        b"jan", b"feb", b"mar", b"apr", b"may", b"jun", b"jul", b"aug", b"sep", b"oct", b"nov",
        b"dec",
    ];
    let index = names.iter().position(|known| *known == name)?;
    Month::try_from(u8::try_from(index + 1).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_is_read_in_every_form_of_the_browsers() {
        for (text, wanted) in [
            ("Sun, 06 Nov 1994 08:49:37 GMT", Some(784_111_777)),
            ("Sunday, 06-Nov-94 08:49:37 GMT", Some(784_111_777)),
            ("Sun Nov  6 08:49:37 1994", Some(784_111_777)),
            ("Sun, 06-Nov-1994 08:49:37 GMT", Some(784_111_777)),
            ("06 nov 94 8:49:37", Some(784_111_777)),
            ("Nov 6, 1994; 08:49:37", Some(784_111_777)),
            ("Fri, 31-Dec-32 23:59:59 GMT", Some(1_988_150_399)),
            ("Thu, 01-Jan-70 00:00:01 GMT", Some(1)),
            ("Thu, 01-Jan-69 00:00:01 GMT", Some(3_124_224_001)),
            ("Fri, 31 Dec 9999 23:59:59 GMT", Some(253_402_300_799)),
            ("Mon, 01-Jan-0001 00:00:00 GMT", Some(978_307_200)),
            ("01 Jan 1600 00:00:00", None),
            ("30 Feb 2030 00:00:00", None),
            ("01 Jan 2030 24:00:00", None),
            ("01 Jan 2030 00:60:00", None),
            ("01 Jan 2030", None),
            ("Jan 2030 00:00:00", None),
            ("0", None),
            ("-1", None),
            ("soon", None),
            ("", None),
        ] {
            assert_eq!(parse(text.as_bytes()), wanted, "{text}");
        }
    }
}
