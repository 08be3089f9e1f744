//! Proxies: which requests go through one, and that its password is shown and kept nowhere.

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{TcpListener, TcpStream},
    sync::mpsc,
    time::Duration,
};

use keywright_tests::{Cli, Output, SandboxProcess, files_with, plain_forms};
use serde_json::Value;

/// With letters that a form or an address encodes.
const PASSWORD: &str = "pr0xy/p@ss+w0rd~%";
/// As it is in an address.
const ENCODED: &str = "pr0xy%2Fp%40ss%2Bw0rd~%25";
const HOST: &str = "id.example.test";

/// A proxy that takes connections, each answered by `answer`, which says what it was asked.
fn proxy(answer: fn(TcpStream) -> String) -> (u16, mpsc::Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let (sender, received) = mpsc::channel();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            if sender.send(answer(stream.unwrap())).is_err() {
                return;
            }
        }
    });
    (port, received)
}

/// Reads the head of a request, and answers with this line.
fn http(mut stream: TcpStream, line: &str) -> String {
    let mut head = String::new();
    let mut reader = BufReader::new(stream.try_clone().unwrap().take(16 * 1024));
    while !head.ends_with("\r\n\r\n") && reader.read_line(&mut head).unwrap_or(0) > 0 {}
    let _ = write!(stream, "HTTP/1.1 {line}\r\ncontent-length: 0\r\n\r\n");
    head
}

/// A vault whose only configuration is far away; `variables` name the proxy.
fn vault(variables: &[(&str, &str)]) -> Cli {
    let mut cli = Cli::with_vault().env("KEYWRIGHT_LOG", "trace");
    for name in ["HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY"] {
        let value = variables.iter().find(|(known, _)| *known == name);
        cli = cli.env(name, value.map_or("", |(_, value)| value));
    }
    let registration = format!("registration_endpoint=https://{HOST}/register");
    let token = format!("token_endpoint=https://{HOST}/token");
    cli.config(
        "Far",
        &format!("https://{HOST}"),
        &["--set", &registration, "--set", &token],
    );
    cli
}

/// Neither what was said nor a file has the password, in any form.
fn nowhere(cli: &Cli, said: &[&Output]) {
    for secret in [PASSWORD, ENCODED] {
        for output in said {
            for form in plain_forms(secret) {
                for text in [&output.out, &output.err] {
                    let there = text.as_bytes().windows(form.len()).any(|part| part == form);
                    assert!(!there, "{output:?}");
                }
            }
        }
        assert!(files_with(cli.folder(), &[secret.to_owned()]).is_empty());
    }
}

/// The exchanges that Activity kept of the host that is far away.
fn kept(cli: &Cli) -> Vec<Output> {
    let list = cli.run(&["activity", "list"]);
    let all = list.json();
    let mut outputs: Vec<Output> = all["items"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|one| one.to_string().contains(HOST))
        .map(|one| cli.run(&["activity", "show", one["id"].as_str().unwrap()]))
        .collect();
    assert!(!outputs.is_empty(), "no exchange was kept: {all}");
    outputs.push(list);
    outputs
}

fn doctor(cli: &Cli) -> (Output, String) {
    let output = cli.run(&["doctor"]);
    let report: Value = serde_json::from_str(&output.out).unwrap();
    let checks = report["checks"].as_array().unwrap();
    let proxy = checks.iter().find(|one| one["name"] == "proxy").unwrap();
    let detail = proxy["detail"].as_str().unwrap().to_owned();
    (output, detail)
}

#[test]
fn t53_a_proxy_of_the_environment_is_used_for_others_and_never_for_loopback_and_its_password_is_not_shown()
 {
    let (port, asked) = proxy(|stream| http(stream, "502 Bad Gateway"));
    let address = format!("http://me:{ENCODED}@127.0.0.1:{port}");
    let sandbox = SandboxProcess::start(&[]);
    let cli = vault(&[
        ("HTTPS_PROXY", &address),
        ("HTTP_PROXY", &address),
        ("ALL_PROXY", &address),
    ]);

    // This computer itself: the Sandbox answers, and the proxy receives nothing.
    cli.config("Sandbox", &sandbox.issuer(), &[]);
    cli.register("orders", "Sandbox", &[]).json();
    let api = sandbox.api();
    let call = ["call", &api, "--app", "orders", "--auth", "bearer"];
    cli.run(&call).json();
    assert!(asked.try_recv().is_err(), "loopback went to the proxy");

    // Another host: the proxy is asked for a tunnel, with its credentials.
    let far = cli.register("far", "Far", &[]);
    assert_eq!(far.code, 6, "{far:?}");
    let head = asked.recv_timeout(Duration::from_secs(10)).unwrap();
    assert!(head.starts_with(&format!("CONNECT {HOST}:443")), "{head}");
    let encoded = plain_forms(&format!("me:{PASSWORD}"));
    assert!(
        encoded
            .iter()
            .any(|form| head.as_bytes().windows(form.len()).any(|part| part == form)),
        "{head}"
    );

    let (doctor, shown) = doctor(&cli);
    assert!(
        shown.contains(&format!("HTTPS_PROXY=http://••••@127.0.0.1:{port}")),
        "{shown}"
    );
    let mut said = kept(&cli);
    said.extend([far, doctor]);
    nowhere(&cli, &said.iter().collect::<Vec<_>>());
}

#[test]
fn t53_a_proxy_that_refuses_the_password_does_not_have_it_shown() {
    let (port, asked) = proxy(|stream| {
        http(
            stream,
            "407 Proxy Authentication Required\r\nproxy-authenticate: Basic realm=\"x\"",
        )
    });
    let address = format!("http://me:{ENCODED}@127.0.0.1:{port}");
    let cli = vault(&[("HTTPS_PROXY", &address)]);
    let refused = cli.register("far", "Far", &[]);
    assert_eq!(refused.code, 6, "{refused:?}");
    assert_eq!(refused.error()["code"], "proxy_authentication");
    let head = asked.recv_timeout(Duration::from_secs(10)).unwrap();
    assert!(head.starts_with("CONNECT"), "{head}");
    // Nothing was sent to the server, so nothing can be left there.
    assert_eq!(cli.run(&["app", "pending"]).json()["total"], 0);
    let mut said = kept(&cli);
    said.push(refused);
    nowhere(&cli, &said.iter().collect::<Vec<_>>());
}

#[test]
fn t53_a_host_of_no_proxy_is_asked_directly() {
    for (scheme, excluded) in [
        ("http", HOST),
        ("http", "example.test"),
        ("http", "*"),
        ("socks5h", ".example.test"),
        // The one that the client reads another way than its library.
        ("socks", HOST),
    ] {
        let (port, asked) = proxy(|stream| http(stream, "502 Bad Gateway"));
        let address = format!("{scheme}://me:{ENCODED}@127.0.0.1:{port}");
        let cli = vault(&[("ALL_PROXY", &address), ("NO_PROXY", excluded)]);
        let far = cli.register("far", "Far", &[]);
        assert_eq!(far.code, 6, "{far:?}");
        assert!(
            asked.try_recv().is_err(),
            "{scheme} {excluded} went to the proxy"
        );
        nowhere(&cli, &[&far, &doctor(&cli).0]);
    }
    // Another name than the one that is excluded.
    let (port, asked) = proxy(|stream| http(stream, "502 Bad Gateway"));
    let address = format!("http://127.0.0.1:{port}");
    let cli = vault(&[("ALL_PROXY", &address), ("NO_PROXY", "other.test")]);
    assert_eq!(cli.register("far", "Far", &[]).code, 6);
    asked.recv_timeout(Duration::from_secs(10)).unwrap();
}

/// One connection of SOCKS 5 with a user and a password (RFC 1928, RFC 1929), refused in the end.
fn socks(mut stream: TcpStream) -> String {
    let mut input = stream.try_clone().unwrap();
    let offered = read(&mut input, 2);
    let methods = read(&mut input, offered[1]);
    assert!(offered[0] == 5 && methods.contains(&2), "{methods:?}");
    stream.write_all(&[5, 2]).unwrap();
    read(&mut input, 1);
    let (user, password) = (text(&mut input), text(&mut input));
    stream.write_all(&[1, 0]).unwrap();
    let request = read(&mut input, 4);
    let host = text(&mut input);
    let port = read(&mut input, 2);
    // Refused by the rules of the server.
    let _ = stream.write_all(&[5, 2, 0, 1, 0, 0, 0, 0, 0, 0]);
    format!("{user} {password} {} {host} {port:?}", request[3])
}

fn read(input: &mut TcpStream, count: u8) -> Vec<u8> {
    let mut bytes = vec![0; count.into()];
    input.read_exact(&mut bytes).unwrap();
    bytes
}

/// A text behind its length.
fn text(input: &mut TcpStream) -> String {
    let length = read(input, 1)[0];
    String::from_utf8(read(input, length)).unwrap()
}

#[test]
fn t53_socks_gets_name_and_password_and_neither_is_shown() {
    for scheme in ["socks5h", "socks"] {
        let (port, asked) = proxy(socks);
        let address = format!("{scheme}://me:{ENCODED}@127.0.0.1:{port}");
        let cli = vault(&[("ALL_PROXY", &address)]);
        let far = cli.register("far", "Far", &[]);
        assert_eq!(far.code, 6, "{scheme}: {far:?}");
        let heard = asked.recv_timeout(Duration::from_secs(10)).unwrap();
        // The name goes to the proxy, which resolves it (address type 3).
        assert_eq!(
            heard,
            format!("me {PASSWORD} 3 {HOST} [1, 187]"),
            "{scheme}"
        );
        let (doctor, shown) = doctor(&cli);
        assert!(
            shown.contains(&format!("://••••@127.0.0.1:{port}")),
            "{shown}"
        );
        let mut said = kept(&cli);
        said.extend([far, doctor]);
        nowhere(&cli, &said.iter().collect::<Vec<_>>());
    }
}
