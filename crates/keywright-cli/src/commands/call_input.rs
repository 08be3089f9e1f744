//! What `call` sends: headers and a body, typed or from a file, the environment or standard input.

use keywright_core::{
    is_secret_header,
    view::{CallBody, HeaderView},
};

use crate::{
    args::CallArgs,
    failure::Failure,
    secret_problem::SecretProblem,
    source::{self, bytes_of},
    text::Key,
};

/// Headers of a kind of credential (`--auth`), which the core refuses with that reason.
const OWNED: [&str; 2] = ["authorization", "cookie"];

/// Where a part of the request is read from.
#[derive(Debug, PartialEq, Eq)]
enum Part<'a> {
    /// Standard input (`-`) or a file.
    File(&'a str),
    Env(&'a str),
    Typed(&'a str),
}

impl<'a> Part<'a> {
    /// As an option takes it: also `@FILE`.
    fn of(text: &'a str) -> Self {
        match after(text, "@") {
            Some(path) => Self::File(path),
            None => Self::of_value(text),
        }
    }

    /// As the value of a header is written.
    fn of_value(text: &'a str) -> Self {
        if let Some(path) = after(text, "file:") {
            Self::File(path)
        } else if let Some(name) = after(text, "env:") {
            Self::Env(name)
        } else {
            Self::Typed(text)
        }
    }

    fn is_stdin(&self) -> bool {
        *self == Self::File("-")
    }

    fn read(&self) -> Result<Vec<u8>, Failure> {
        match *self {
            Self::File(path) => bytes_of(path),
            Self::Env(name) => source::variable(name).map(String::into_bytes),
            Self::Typed(text) => Ok(text.as_bytes().to_owned()),
        }
    }
}

/// What follows a prefix. A blank after it means that it is none: `env: x` is a header.
fn after<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    let rest = text.strip_prefix(prefix)?;
    (!rest.is_empty() && !rest.starts_with(' ')).then_some(rest)
}

/// Refuses standard input that is wanted twice.
pub(crate) fn check_sources(args: &CallArgs) -> Result<(), Failure> {
    let mut stdin = 0;
    for text in &args.headers {
        let whole = Part::of(text);
        stdin += u32::from(whole.is_stdin());
        if whole == Part::Typed(text) {
            let (_, value) = split(text)?;
            stdin += u32::from(Part::of_value(value).is_stdin());
        }
    }
    stdin += u32::from(
        args.data
            .as_deref()
            .is_some_and(|text| Part::of(text).is_stdin()),
    );
    if stdin > 1 {
        return Err(Failure::Usage {
            key: Key::UsageStdin,
            detail: String::new(),
        });
    }
    Ok(())
}

/// Names of the headers whose typed value is a secret, which other users of the machine can read as an argument.
pub(crate) fn typed_secrets(args: &CallArgs) -> Vec<&str> {
    let typed = args
        .headers
        .iter()
        .filter(|text| Part::of(text) == Part::Typed(text));
    typed
        .filter_map(|text| split(text).ok())
        .filter(|(name, value)| is_typed_secret(name, value))
        .map(|(name, _)| name)
        .collect()
}

fn is_typed_secret(name: &str, value: &str) -> bool {
    let is_owned = OWNED.contains(&name.to_ascii_lowercase().as_str());
    Part::of_value(value) == Part::Typed(value) && is_secret_header(name) && !is_owned
}

/// The headers.
pub(crate) fn headers(args: &CallArgs) -> Result<Vec<HeaderView>, Failure> {
    let mut all = Vec::new();
    for text in &args.headers {
        let whole = Part::of(text);
        if whole != Part::Typed(text) {
            let lines = text_of(whole.read()?)?;
            for line in lines.lines().filter(|line| !line.trim().is_empty()) {
                let (name, value) = split(line)?;
                all.push(header(name, value.to_owned(), true));
            }
            continue;
        }
        let (name, value) = split(text)?;
        let from = Part::of_value(value);
        let is_secret = from != Part::Typed(value) || is_typed_secret(name, value);
        let value = text_of(from.read()?)?;
        all.push(header(name, value.trim().to_owned(), is_secret));
    }
    Ok(all)
}

/// The body. A file is sent as it is.
pub(crate) fn body(args: &CallArgs) -> Result<Option<CallBody>, Failure> {
    let data = args.data.as_deref().map(|text| Part::of(text).read());
    Ok(data.transpose()?.map(CallBody::from))
}

fn header(name: &str, value: String, secret: bool) -> HeaderView {
    HeaderView {
        name: name.to_owned(),
        value,
        secret,
    }
}

fn split(text: &str) -> Result<(&str, &str), Failure> {
    let (name, value) = text.split_once(':').ok_or_else(|| Failure::Usage {
        key: Key::UsageHeader,
        detail: String::new(),
    })?;
    Ok((name.trim(), value.trim()))
}

fn text_of(bytes: Vec<u8>) -> Result<String, Failure> {
    String::from_utf8(bytes).map_err(|_not_text| SecretProblem::HeaderNotText.into())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]
    use clap::Parser as _;

    use super::*;
    use crate::args::{Cli, Command};

    fn args(given: &[&str]) -> CallArgs {
        let start = [
            "keywright",
            "call",
            "https://api.example",
            "--app",
            "orders",
        ];
        let all = start.iter().chain(given);
        match Cli::try_parse_from(all).unwrap().command {
            Command::Call(args) => args,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn t37_a_secret_header_typed_as_an_argument_is_named_without_its_value() {
        for (header, name) in [
            ("X-Api-Key: s3cret", "X-Api-Key"),
            ("x-functions-key:s3cret", "x-functions-key"),
            ("X-Auth-Token: s3cret", "X-Auth-Token"),
        ] {
            assert_eq!(typed_secrets(&args(&["-H", header])), [name]);
            assert!(headers(&args(&["-H", header])).unwrap()[0].secret);
        }
        for header in [
            "Accept: text/plain",
            "X-Handle: @alice",
            "X-Api-Key: env:KEY",
            "X-Api-Key: file:/run/key",
            "@headers",
            "env:HEADER",
            "file:/run/header",
        ] {
            assert!(typed_secrets(&args(&["-H", header])).is_empty(), "{header}");
        }
    }

    #[test]
    fn standard_input_is_read_once() {
        check_sources(&args(&["-H", "@-", "-d", "x"])).unwrap();
        check_sources(&args(&["-H", "@-", "-d", "@-"])).unwrap_err();
    }

    #[test]
    fn headers_are_read_from_their_sources() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("headers");
        std::fs::write(&file, "X-One: 1\r\n\nX-Two: a: b\n").unwrap();
        let file = file.display();
        let (lines, value) = (format!("@{file}"), format!("X-Three: file:{file}"));
        let read = headers(&args(&["-H", &lines, "-H", "env: typed", "-H", "X: y"])).unwrap();
        let read: Vec<_> = read
            .iter()
            .map(|header| (header.name.as_str(), header.value.as_str(), header.secret))
            .collect();
        assert_eq!(
            read,
            [
                ("X-One", "1", true),
                ("X-Two", "a: b", true),
                ("env", "typed", false),
                ("X", "y", false)
            ]
        );
        assert!(headers(&args(&["-H", &value])).unwrap()[0].secret);
        let home = std::env::var("PATH").unwrap();
        let read = headers(&args(&["-H", "X-Path: env:PATH"])).unwrap();
        assert_eq!(
            (read[0].value.as_str(), read[0].secret),
            (home.trim(), true)
        );
        headers(&args(&["-H", "env:KEYWRIGHT_TEST_NO_SUCH_VARIABLE"])).unwrap_err();
    }

    #[test]
    fn a_file_is_sent_byte_by_byte() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("body");
        std::fs::write(&file, b"\xff\x00\n").unwrap();
        let read = body(&args(&["-d", &format!("@{}", file.display())])).unwrap();
        assert_eq!(read.unwrap().bytes().as_ref(), b"\xff\x00\n");
        assert_eq!(
            body(&args(&["-d", "plain"]))
                .unwrap()
                .unwrap()
                .bytes()
                .as_ref(),
            b"plain"
        );
        assert!(body(&args(&[])).unwrap().is_none());
    }
}
