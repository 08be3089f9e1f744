//! Bad answers of the browser, and a user who does something else.

use std::{
    net::TcpListener,
    os::unix::fs::PermissionsExt as _,
    time::{Duration, Instant},
};

use keywright_tests::{Cli, SignIn};
use serde_json::json;

use super::{
    free_port,
    provider::{CODE, FREE, Provider, request, visit},
    register,
};

const PUBLIC: [&str; 2] = ["--auth-method", "none"];

#[test]
fn t24_an_answer_with_another_state_is_refused() {
    let provider = Provider::start();
    let cli = provider.client(FREE, &PUBLIC);
    let waiting = SignIn::start(&cli, "login", &[]);
    let issuer = provider.issuer();
    for wrong in [
        &[("code", "x"), ("state", "another")][..],
        &[("code", "x"), ("state", "")],
        &[("error", "access_denied"), ("state", "another")],
    ] {
        let (status, page) = visit(&waiting.answer(wrong));
        assert_eq!(status, 400, "{page}");
        assert!(page.contains("another sign-in"), "{page}");
    }
    assert_eq!(provider.token_requests().len(), 0);
    // The sign-in goes on: whoever sent that cannot end it.
    let right = waiting.answer(&[("code", CODE), ("iss", &issuer)]);
    let (status, page) = visit(&right);
    assert_eq!(status, 200, "{page}");
    assert!(page.contains("no-store") && page.contains("no-referrer"));
    let output = waiting.finish();
    output.json();
    assert!(output.err.contains("belongs to another sign-in"));
}

#[test]
fn t24_an_answer_of_another_issuer_is_refused() {
    for named in [Some("https://evil.example"), None] {
        let provider = Provider::start();
        let cli = provider.client(FREE, &PUBLIC);
        let waiting = SignIn::start(&cli, "login", &[]);
        let mut answer = vec![("code", CODE)];
        answer.extend(named.map(|named| ("iss", named)));
        let (status, page) = visit(&waiting.answer(&answer));
        assert_eq!(status, 200, "{page}");
        assert!(page.contains("Not signed in"), "{page}");
        let output = waiting.finish();
        assert_eq!(output.code, 8, "{output:?}");
        let code = output.error()["code"].take();
        let wanted = named.map_or("sign_in_issuer_missing", |_| "sign_in_issuer");
        assert_eq!(code, wanted);
        assert_eq!(provider.token_requests().len(), 0, "the code was not used");
    }
}

#[test]
fn t24_a_code_that_is_sent_twice_is_used_once() {
    let provider = Provider::start();
    let cli = provider.client(FREE, &PUBLIC);
    let waiting = SignIn::start(&cli, "login", &[]);
    let right = waiting.answer(&[("code", CODE), ("iss", &provider.issuer())]);
    let visits: Vec<_> = std::thread::scope(|scope| {
        let all: Vec<_> = (0..6)
            .map(|_| scope.spawn(|| std::panic::catch_unwind(|| visit(&right).0)))
            .collect();
        all.into_iter().map(|one| one.join().unwrap()).collect()
    });
    waiting.finish().json();
    let taken = visits.iter().filter(|one| matches!(one, Ok(200))).count();
    assert_eq!(taken, 1, "one answer is taken");
    assert_eq!(provider.token_requests().len(), 1);
}

#[test]
fn t24_a_refused_sign_in_keeps_the_words_of_the_server() {
    let provider = Provider::start();
    let cli = provider.client(FREE, &PUBLIC);
    let waiting = SignIn::start(&cli, "login", &[]);
    let issuer = provider.issuer();
    visit(&waiting.answer(&[
        ("error", "access_denied"),
        ("error_description", "You said no"),
        ("iss", &issuer),
    ]));
    let output = waiting.finish();
    assert_eq!(output.code, 5, "{output:?}");
    let error = output.error();
    assert_eq!(error["code"], "sign_in_refused");
    assert_eq!(error["status"], json!(null));
    assert_eq!(error["provider"]["error"], "access_denied");
    assert_eq!(error["provider"]["description"], "You said no");
}

#[test]
fn a_refused_sign_in_says_what_to_do_about_its_reason() {
    let provider = Provider::start();
    let cli = provider.client(FREE, &PUBLIC);
    let hint_with = |error: &str, more: &[&str]| {
        let waiting = SignIn::start(&cli, "login", more);
        let issuer = provider.issuer();
        visit(&waiting.answer(&[("error", error), ("iss", &issuer)]));
        waiting.finish().error()["hint"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    let hint = |error: &str| hint_with(error, &[]);
    assert!(hint("invalid_target").contains("does not issue tokens for this resource"));
    assert!(hint_with("invalid_scope", &["--scope", "a"]).contains("other scopes"));
    // Fewer than none cannot be requested.
    assert!(hint("invalid_scope").contains("token get login --scope SCOPE"));
    assert!(hint("server_error").contains("Try again later"));
    assert!(hint("access_denied").contains("agree"));
}

#[test]
fn t25_a_public_client_needs_a_server_that_lists_s256() {
    for listed in [json!(null), json!([]), json!(["plain"])] {
        let provider = Provider::with(|metadata| {
            metadata["code_challenge_methods_supported"] = listed.clone();
        });
        let cli = provider.client(FREE, &PUBLIC);
        let refused = cli.run(&["token", "get", "login"]);
        assert_eq!(refused.code, 8, "{refused:?}");
        assert_eq!(refused.error()["code"], "sign_in_pkce_unlisted");
        // Confirmed by the user, S256 is sent anyway. A client with a secret does not rest on it alone.
        let with_secret = register(&cli, "secret", FREE, &[]);
        with_secret.json();
        for (name, more) in [("login", &["--yes"][..]), ("secret", &[])] {
            let waiting = SignIn::start(&cli, name, more);
            assert_eq!(waiting.parameter("code_challenge_method"), "S256");
            visit(&waiting.answer(&[("code", CODE), ("iss", &provider.issuer())]));
            waiting.finish().json();
        }
        for form in provider.token_requests() {
            let verifier = form.iter().find(|(name, _)| name == "code_verifier");
            assert_eq!(verifier.map(|(_, value)| value.len()), Some(43));
        }
    }
}

#[test]
fn t26_only_the_redirect_itself_reaches_the_sign_in() {
    let provider = Provider::start();
    let cli = provider.client(FREE, &PUBLIC);
    let waiting = SignIn::start(&cli, "login", &[]);
    let right = waiting.answer(&[("code", CODE), ("iss", &provider.issuer())]);
    let port = right.port().unwrap();
    let here = format!("127.0.0.1:{port}");
    for host in [
        "evil.example",
        &format!("evil.example:{port}"),
        &format!("localhost:{port}"),
        "127.0.0.1",
        &format!("127.0.0.1:{}", port.wrapping_add(1)),
        &format!("{here}\r\nHost: evil.example"),
        "",
    ] {
        let (status, text) = request("GET", &right, host);
        assert!(matches!(status, 400 | 421), "{host}: {text}");
    }
    for path in ["/", "/callback/", "/callback2", "/CALLBACK", "/favicon.ico"] {
        let mut other = right.clone();
        other.set_path(path);
        assert_eq!(request("GET", &other, &here).0, 404, "{path}");
    }
    for kind in ["POST", "HEAD", "OPTIONS", "PUT"] {
        assert_eq!(request(kind, &right, &here).0, 405, "{kind}");
    }
    // Another address of this computer is not listened on.
    assert!(std::net::TcpStream::connect(("127.0.0.2", port)).is_err());
    assert_eq!(provider.token_requests().len(), 0);
    assert_eq!(visit(&right).0, 200);
    waiting.finish().json();
    assert!(std::net::TcpStream::connect(("127.0.0.1", port)).is_err());
}

#[test]
fn t26_a_registered_port_that_is_taken_is_named() {
    let provider = Provider::start();
    let port = free_port();
    let redirect = format!("http://127.0.0.1:{port}/callback");
    let cli = provider.client(&redirect, &PUBLIC);
    let other = TcpListener::bind(("127.0.0.1", port)).unwrap();
    let refused = cli.run(&["token", "get", "login"]);
    assert_eq!(refused.code, 1, "{refused:?}");
    let error = refused.error();
    assert_eq!(error["code"], "sign_in_port_taken");
    let message = error["message"].as_str().unwrap();
    assert!(message.contains(&port.to_string()), "{message}");
    drop(other);
    // Two sign-ins at once want the same port.
    let first = SignIn::start(&cli, "login", &[]);
    assert_eq!(first.parameter("redirect_uri"), redirect);
    let second = cli.run(&["token", "get", "login"]);
    assert_eq!(second.error()["code"], "sign_in_port_taken");
    visit(&first.answer(&[("code", CODE), ("iss", &provider.issuer())]));
    first.finish().json();
}

#[test]
fn t18_only_a_web_address_is_opened_in_the_browser() {
    for address in [
        "javascript:alert(1)",
        "file:///etc/passwd",
        "data:text/html,x",
        "smb://evil.example/share",
        "\\\\evil.example\\share",
        "http://evil.example/authorize",
        "https://user:pass@evil.example/authorize",
    ] {
        let provider = Provider::with(|metadata| {
            metadata["authorization_endpoint"] = address.into();
        });
        let cli = provider.client(FREE, &PUBLIC);
        let opener = Opener::new(&cli);
        let refused = opener.run(&cli, &["token", "get", "login", "--timeout", "2s"]);
        assert!(matches!(refused.code, 5 | 8), "{address}: {refused:?}");
        assert_eq!(opener.opened(), None, "{address}");
    }
}

#[test]
fn t18_the_browser_gets_one_argument() {
    let odd = "/authorize?a=$(touch%20/tmp/x);`id`&b='c'|d&e=\"f\" g";
    let provider = Provider::with(|metadata| {
        let issuer = metadata["issuer"].as_str().unwrap().to_owned();
        metadata["authorization_endpoint"] = format!("{issuer}{odd}").into();
    });
    let cli = provider.client(FREE, &PUBLIC);
    let opener = Opener::new(&cli);
    let waiting = SignIn::of(&mut opener.command(&cli, &["token", "get", "login"]));
    let begun = Instant::now();
    let seen = loop {
        if let Some(opened) = opener.opened() {
            break opened;
        }
        assert!(
            begun.elapsed() < Duration::from_secs(20),
            "nothing was opened"
        );
        std::thread::sleep(Duration::from_millis(50));
    };
    assert_eq!(seen, format!("1 {}", waiting.address));
    visit(&waiting.answer(&[("code", CODE), ("iss", &provider.issuer())]));
    waiting.finish().json();
}

#[test]
fn a_user_who_never_answers_is_not_waited_for() {
    let provider = Provider::start();
    let cli = provider.client(FREE, &PUBLIC);
    let late = cli.run(&["token", "get", "login", "--timeout", "1s"]);
    assert_eq!(late.code, 1, "{late:?}");
    assert_eq!(late.error()["code"], "sign_in_timed_out");
    // Not even where it is longer than any clock goes.
    let waiting = SignIn::start(&cli, "login", &["--timeout", "99999999999999d"]);
    visit(&waiting.answer(&[("code", CODE), ("iss", &provider.issuer())]));
    waiting.finish().json();
    let waiting = SignIn::start(&cli, "login", &["--refresh", "--timeout", "2s"]);
    visit(&waiting.answer(&[("code", CODE), ("state", "x")]));
    let error = waiting.finish().error();
    assert_eq!(error["code"], "sign_in_timed_out_ignored");
}

#[test]
fn an_answer_is_pasted_where_nothing_listens() {
    let provider = Provider::start();
    let cli = provider.client("https://app.example/callback", &PUBLIC);
    let refused = cli.run(&["token", "get", "login"]);
    assert_eq!(refused.error()["code"], "sign_in_not_loopback");
    let issuer = provider.issuer();
    let mut waiting = SignIn::start(&cli, "login", &["--paste"]);
    waiting.paste("what should I paste?");
    let page = waiting.address.clone();
    waiting.paste(page.as_str());
    waiting.paste(&format!("https://app.example/callback?code={CODE}"));
    waiting.paste("https://app.example/callback?code=x&state=another");
    let right = waiting.answer(&[("code", CODE), ("iss", &issuer)]);
    waiting.paste(right.as_str());
    let output = waiting.finish();
    output.json();
    // Each line that is not the answer is refused for its own reason, and another one is asked for.
    for said in [
        "it has neither a code nor an error",
        "That is the address of the sign-in page",
        "it has a code, but no state",
        "belongs to another sign-in",
    ] {
        assert!(output.err.contains(said), "{said}: {}", output.err);
    }
    assert_eq!(output.err.matches("Paste the whole address").count(), 4);
    let form = provider.token_requests().remove(0);
    let sent = |wanted: &str| form.iter().find(|(name, _)| name == wanted).unwrap();
    assert_eq!(sent("redirect_uri").1, "https://app.example/callback");
    assert_eq!(sent("code").1, CODE);
    // The input ends without an answer.
    let waiting = SignIn::start(&cli, "login", &["--paste", "--refresh"]);
    let error = waiting.finish().error();
    assert_eq!(error["code"], "sign_in_no_answer");
}

#[test]
fn a_client_without_a_redirect_cannot_sign_in() {
    let provider = Provider::start();
    let cli = Cli::with_vault();
    cli.config("Work", &provider.issuer(), &[]);
    let grant = ["--grant", "client_credentials", "--yes"];
    let words = ["app", "register", "batch", "--config", "Work"];
    cli.run(&[&words[..], &grant].concat()).json();
    let get = ["token", "get", "batch", "--grant", "authorization_code"];
    let refused = cli.run(&get);
    assert_eq!(refused.code, 2, "{refused:?}");
    assert_eq!(refused.error()["code"], "sign_in_no_redirect");
}

/// The opener of the system, played by a script that writes down what it gets.
struct Opener {
    folder: tempfile::TempDir,
}

impl Opener {
    fn new(cli: &Cli) -> Self {
        let folder = tempfile::tempdir_in(cli.folder()).unwrap();
        let script = folder.path().join("xdg-open");
        let text = "#!/bin/sh\nprintf '%s %s' \"$#\" \"$1\" > \"${0%/*}/part\" && mv \"${0%/*}/part\" \"${0%/*}/opened\"\n";
        std::fs::write(&script, text).unwrap();
        let executable = std::fs::Permissions::from_mode(0o755);
        std::fs::set_permissions(&script, executable).unwrap();
        Self { folder }
    }

    fn command(&self, cli: &Cli, arguments: &[&str]) -> std::process::Command {
        let given = cli.command(arguments);
        let mut command = std::process::Command::new(given.get_program());
        command.args(given.get_args().filter(|one| *one != "--no-input"));
        for (name, value) in given.get_envs() {
            if let Some(value) = value {
                command.env(name, value);
            }
        }
        let path = std::env::var("PATH").unwrap();
        command
            .env("PATH", format!("{}:{path}", self.folder.path().display()))
            .env("DISPLAY", ":99");
        command
    }

    fn run(&self, cli: &Cli, arguments: &[&str]) -> keywright_tests::Output {
        let mut command = self.command(cli, arguments);
        let output = command.stdin(std::process::Stdio::null()).output().unwrap();
        keywright_tests::Output {
            code: output.status.code().unwrap_or(-1),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// Number of arguments and the first of them.
    fn opened(&self) -> Option<String> {
        std::fs::read_to_string(self.folder.path().join("opened")).ok()
    }
}
