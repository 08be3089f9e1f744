//! A vault with an application of the provider, and commands under way.

use std::{
    io::Read as _,
    process::{Child, Stdio},
    sync::Arc,
    time::Duration,
};

use keywright_tests::{Cli, Output, ScriptedServer};
use serde_json::json;

use crate::shared::provider::Provider;

/// A vault with one application of the provider.
pub(crate) struct Bench {
    pub(crate) provider: Arc<Provider>,
    pub(crate) server: ScriptedServer,
    pub(crate) cli: Cli,
}

impl Bench {
    pub(crate) fn new() -> Self {
        let provider = Arc::new(Provider::default());
        let own = Arc::clone(&provider);
        let server = ScriptedServer::start(move |issuer, request| own.answer(issuer, request));
        let cli = Cli::with_vault().env("IAT", "an-initial-access-token");
        cli.config("Work", &server.issuer, &[]);
        cli.register("orders", "Work", &["--grant", "refresh_token"])
            .json();
        Self {
            provider,
            server,
            cli,
        }
    }

    pub(crate) fn start(&self, arguments: &[&str]) -> Running {
        let mut command = self.cli.command(arguments);
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        Running(command.spawn().unwrap())
    }

    /// Starts a command, and waits until the provider has done what it asks for and keeps the answer back.
    pub(crate) fn start_kept(&self, arguments: &[&str], what: &'static str) -> Running {
        self.provider.keep(what);
        let mut running = self.start(arguments);
        loop {
            let holds = self.provider.holds();
            let (holds, _) = self
                .provider
                .changed
                .wait_timeout_while(holds, Duration::from_millis(100), |holds| !holds.kept)
                .unwrap();
            if holds.kept {
                return running;
            }
            drop(holds);
            assert!(
                running.0.try_wait().unwrap().is_none(),
                "{arguments:?} ended without {what}: {:?}",
                running.end()
            );
        }
    }

    pub(crate) fn refused_as_busy(&self, arguments: &[&str]) {
        let output = self.cli.run(arguments);
        assert_eq!(output.error()["code"], "busy", "{arguments:?}: {output:?}");
    }

    pub(crate) fn update(&self, name: &str, more: &[&str]) -> Output {
        let arguments = [&["app", "update", "orders", "--metadata", "-"][..], more].concat();
        let changes = json!({ "client_name": name }).to_string();
        self.cli.run_stdin(&arguments, &changes)
    }

    /// The vault holds what the provider holds, and can go on with it.
    pub(crate) fn agrees(&self) {
        let shown = self.cli.run(&["app", "show", "orders", "--reveal"]).json();
        {
            let holds = self.provider.holds();
            assert_eq!(shown["client_secret"], holds.secret);
            assert_eq!(
                shown["registration"]["access_token"],
                holds.registration_token
            );
        }
        assert_eq!(self.cli.run(&["app", "pending"]).json()["total"], 0);
        self.cli
            .run(&["token", "get", "orders", "--refresh"])
            .json();
        self.cli.run(&["app", "refresh", "orders"]).json();
        assert_eq!(
            self.cli.run(&["app", "show", "orders"]).json()["health"],
            "live"
        );
    }

    /// The cookie that the next call sends.
    pub(crate) fn session(&self) -> String {
        let called = self.call("/api?plain", "session").json();
        called["body"]["sent"].as_str().unwrap().to_owned()
    }

    pub(crate) fn call(&self, at: &str, way: &str) -> Output {
        let url = format!("{}{at}", self.server.issuer);
        self.cli
            .run(&["call", "GET", &url, "--app", "orders", "--auth", way])
    }
}

/// A command under way.
pub(crate) struct Running(Child);

impl Running {
    pub(crate) fn end(&mut self) -> Output {
        let code = self.0.wait().unwrap().code().unwrap_or(-1);
        let (mut out, mut err) = (String::new(), String::new());
        self.0
            .stdout
            .as_mut()
            .unwrap()
            .read_to_string(&mut out)
            .unwrap();
        self.0
            .stderr
            .as_mut()
            .unwrap()
            .read_to_string(&mut err)
            .unwrap();
        Output { code, out, err }
    }
}
