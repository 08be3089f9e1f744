//! Users enter the code of a device at the vendors of the Sandbox, in the words of each.

use std::time::Duration;

use keywright_tests::{Browser, Cli, Page, SandboxProcess, SignIn};
use serde_json::{Value, json};

use super::free_port;

const DEVICE: &str = "urn:ietf:params:oauth:grant-type:device_code";
const FOR_DEVICES: [&str; 2] = ["--grant", "device_code"];

struct Vendor {
    name: &'static str,
    scopes: &'static [&'static str],
    /// Okta has codes for devices for native applications alone, and those have a redirect.
    redirects: bool,
    /// Last segment of the address at which the code is entered.
    page: &'static str,
    seconds: i64,
    /// What a denial and a missing answer are called: `error`, and a part of the words.
    denied: (&'static str, &'static str),
    pending: (u16, &'static str),
}

const VENDORS: [Vendor; 3] = [
    Vendor {
        name: "auth0",
        scopes: &["openid", "orders:read", "offline_access"],
        redirects: false,
        page: "activate",
        seconds: 900,
        denied: ("access_denied", "User cancelled"),
        pending: (403, "User has yet to authorize device code."),
    },
    Vendor {
        name: "okta",
        scopes: &["openid", "orders:read", "offline_access"],
        redirects: true,
        page: "activate",
        seconds: 600,
        denied: (
            "access_denied",
            "The resource owner or authorization server denied the request.",
        ),
        pending: (
            400,
            "The device authorization is pending. Please try again later.",
        ),
    },
    Vendor {
        name: "entra",
        scopes: &["api://c0ffee5e-7a31-4d8c-8b0f-2f6d3f5b9e10/.default"],
        redirects: false,
        page: "devicelogin",
        seconds: 900,
        denied: ("authorization_declined", "AADSTS65004"),
        pending: (400, "AADSTS70016"),
    },
];

impl Vendor {
    /// Registers a public client for codes of devices.
    fn register<'a>(&self, sandbox: &'a SandboxProcess, cli: &Cli) -> &'a Value {
        let there = sandbox.named(self.name);
        cli.config_of(there, self.name);
        cli.run(&["config", "verify", self.name]).json();
        let mut asked = vec!["app", "register", self.name, "--config", self.name];
        asked.extend(["--auth-method", "none", "--grant", "refresh_token"]);
        asked.extend(FOR_DEVICES);
        let redirect = format!("http://127.0.0.1:{}/callback", free_port());
        if self.redirects {
            asked.extend(["--grant", "authorization_code", "--redirect-uri", &redirect]);
        }
        if let Some(audience) = there["audience"].as_str() {
            asked.extend(["--audience", audience]);
        }
        for scope in self.scopes {
            asked.extend(["--scope", scope]);
        }
        let made = cli.run(&asked);
        assert_eq!(made.code, 0, "{made:?}");
        let granted = made.json()["granted"]["grant_types"].clone();
        let granted = granted.as_array().unwrap();
        assert!(granted.contains(&json!(DEVICE)), "{made:?}");
        there
    }

    /// Starts a sign-in, with the code that is to be entered.
    fn starts(&self, cli: &Cli) -> (SignIn, String) {
        let (waiting, code) = SignIn::start_code(cli, self.name, &FOR_DEVICES);
        assert!(
            waiting.address.path().ends_with(self.page),
            "{}",
            waiting.address
        );
        (waiting, code)
    }
}

/// A user enters a code and decides.
fn enters(waiting: &SignIn, code: &str, decision: &str) -> Page {
    let fill = [("user_code", code), ("user", "bob"), ("decision", decision)];
    Browser::new().sign_in(&waiting.address, &fill)
}

#[test]
fn a_code_of_a_device_gets_a_token_at_each_vendor() {
    let sandbox = SandboxProcess::start(&[]);
    let mut table = Vec::new();
    for vendor in &VENDORS {
        let cli = Cli::with_vault();
        let there = vendor.register(&sandbox, &cli);
        let name = vendor.name;
        let (waiting, code) = vendor.starts(&cli);
        // The first question comes before the answer.
        std::thread::sleep(Duration::from_secs(6));
        let page = enters(&waiting, &code, "allow");
        assert_eq!(page.status, 200, "{name}: {page:?}");
        let done = waiting.finish();
        assert_eq!(done.code, 0, "{name}: {done:?}");
        let valid = format!("valid for {} s", vendor.seconds);
        assert!(done.err.contains(&valid), "{name}: {done:?}");
        let id = done.json()["id"].clone();
        let shown = cli.run(&["token", "show", name]).json();
        assert_eq!(shown["grant"], DEVICE, "{name}: {shown}");
        assert_eq!(shown["signature"], "verified", "{name}: {shown}");

        // The vendor said that the user had not answered, in its own words.
        let all = cli.run(&["activity", "list", "--limit", "50"]).json();
        let (status, words) = vendor.pending;
        let refused = all["items"].as_array().unwrap().iter().any(|one| {
            let whole = cli
                .run(&["activity", "show", one["id"].as_str().unwrap()])
                .out;
            one["status"] == status && whole.contains(words)
        });
        assert!(refused, "{name}: {all}");

        // Where the client may sign users in with a browser as well, that is what a call does.
        if vendor.redirects {
            let scopes = &shown["claims_json"]["scp"];
            assert!(scopes.as_array().unwrap().contains(&json!("orders:read")));
        } else {
            let api = there["api_url"].as_str().unwrap();
            let called = cli.run(&["call", "GET", api, "--app", name, "--auth", "bearer"]);
            assert_eq!(called.json()["status"], 200, "{name}: {called:?}");
        }
        let fresh = cli.run(&["token", "get", name, "--refresh", "--grant", "device_code"]);
        assert_ne!(fresh.json()["id"], id, "{name}: {fresh:?}");
        cli.run(&["app", "delete", name, "--yes"]).json();
        table.push(format!("{name:<6} code entered, called, refreshed"));
    }
    eprintln!("{}", table.join("\n"));
    assert_eq!(table.len(), VENDORS.len());
}

#[test]
fn a_denied_code_of_a_device_is_refused_in_the_words_of_the_vendor() {
    let sandbox = SandboxProcess::start(&[]);
    for vendor in &VENDORS {
        let cli = Cli::with_vault();
        vendor.register(&sandbox, &cli);
        let (waiting, code) = vendor.starts(&cli);
        enters(&waiting, &code, "deny");
        let denied = waiting.finish();
        assert_eq!(denied.code, 5, "{}: {denied:?}", vendor.name);
        let error = denied.error();
        let (code, words) = vendor.denied;
        assert_eq!(error["provider"]["error"], code, "{error}");
        let said = error["provider"]["description"].to_string();
        assert!(said.contains(words), "{error}");
        // The hint names the user before an administrator.
        let hint = error["hint"].as_str().unwrap_or_default();
        assert!(hint.contains("user"), "{error}");
    }
}

#[test]
fn a_client_without_the_grant_gets_no_code_of_a_device() {
    let sandbox = SandboxProcess::start(&[]);
    for vendor in &VENDORS {
        let cli = Cli::with_vault();
        let there = sandbox.named(vendor.name);
        cli.config_of(there, vendor.name);
        cli.run(&["config", "verify", vendor.name]).json();
        assert_eq!(cli.register_at(there, vendor.name, vendor.name).code, 0);
        let refused = cli.run(&[
            "token",
            "get",
            vendor.name,
            "--grant",
            "device_code",
            "--no-input",
        ]);
        assert_eq!(refused.code, 5, "{}: {refused:?}", vendor.name);
        let code = &refused.error()["provider"]["error"];
        assert!(
            [
                "unauthorized_client",
                "unsupported_grant_type",
                "invalid_client"
            ]
            .iter()
            .any(|known| code == known),
            "{}: {refused:?}",
            vendor.name
        );
    }
}
