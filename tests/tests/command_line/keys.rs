//! What opens the vault, under attack and under faults: through the command line, as a script meets it.

use std::{fs, path::Path, process::Command, thread::sleep, time::Duration};

use keywright_tests::{Cli, Output, program};
use serde_json::{Value, json};

fn code(output: &Output) -> (i32, String) {
    let error = output.error();
    (output.code, error["code"].as_str().unwrap().to_owned())
}

/// A passphrase in a file, as a source.
fn source(cli: &Cli, passphrase: &str) -> String {
    let path = cli.folder().join(passphrase.replace(' ', "-"));
    fs::write(&path, passphrase).unwrap();
    format!("file:{}", path.display())
}

/// Whether the vault opens with this passphrase.
fn opens(cli: &Cli, passphrase: &str) -> Output {
    let path = source(cli, passphrase).replace("file:", "");
    cli.run_env(&["app", "list"], "KEYWRIGHT_PASSPHRASE_FILE", &path)
}

fn header(cli: &Cli) -> Value {
    serde_json::from_slice(&fs::read(cli.home().join("vault.json")).unwrap()).unwrap()
}

fn put_header(cli: &Cli, header: &Value) {
    fs::write(cli.home().join("vault.json"), header.to_string()).unwrap();
}

#[test]
fn slots_are_listed_added_changed_and_removed_and_the_last_stays() {
    let cli = Cli::with_vault();
    let second = source(&cli, "second one");
    let slots = cli
        .run(&["vault", "add-passphrase", "--new", &second])
        .json();
    assert_eq!(slots["total"], 2);
    assert_eq!(opens(&cli, "second one").code, 0);
    let third = source(&cli, "third one");
    let changed = [
        "vault",
        "change-passphrase",
        "--old",
        &second,
        "--new",
        &third,
    ];
    cli.run(&changed).json();
    assert_eq!(opens(&cli, "third one").code, 0);
    assert_eq!(
        code(&opens(&cli, "second one")),
        (4, "wrong_passphrase".into())
    );
    let first = slots["items"][0]["id"].as_str().unwrap().to_owned();
    assert_eq!(
        code(&cli.run(&["vault", "remove-slot", &first])),
        (2, "no_input".into())
    );
    cli.run(&["vault", "remove-slot", &first, "--yes"]).json();
    let path = third.replace("file:", "");
    let only = cli.run_env(&["vault", "slots"], "KEYWRIGHT_PASSPHRASE_FILE", &path);
    let last = only.json()["items"][0]["id"].as_str().unwrap().to_owned();
    let refused = cli.run_env(
        &["vault", "remove-slot", &last, "--yes"],
        "KEYWRIGHT_PASSPHRASE_FILE",
        &path,
    );
    assert_eq!(code(&refused), (2, "last_slot".into()));
}

#[test]
fn a_new_key_keeps_everything_and_needs_the_passphrase_of_every_slot() {
    let cli = Cli::with_vault();
    cli.config("Kept", "https://id.example", &[]);
    let second = source(&cli, "second one");
    cli.run(&["vault", "add-passphrase", "--new", &second])
        .json();
    assert_eq!(
        code(&cli.run(&["vault", "rotate-key"])),
        (4, "slot_not_opened".into())
    );
    let first = format!("file:{}", cli.folder().join("passphrase").display());
    let both = [
        "vault",
        "rotate-key",
        "--passphrase",
        &first,
        "--passphrase",
        &second,
    ];
    assert_eq!(cli.run(&both).json()["total"], 2);
    assert!(!cli.home().join("vault.db").exists());
    for passphrase in ["correct horse battery", "second one"] {
        assert_eq!(opens(&cli, passphrase).code, 0);
    }
    assert_eq!(
        cli.run(&["config", "list"]).json()["items"][0]["name"],
        "Kept"
    );
}

#[test]
fn t43_a_header_that_was_changed_or_asks_for_too_much_is_refused() {
    let cli = Cli::with_vault();
    let whole = header(&cli);
    let bent = |bend: &dyn Fn(&mut Value)| {
        let mut changed = whole.clone();
        bend(&mut changed);
        put_header(&cli, &changed);
        let refused = cli.run(&["app", "list"]);
        assert_eq!(header(&cli), changed, "nothing was changed");
        code(&refused)
    };
    let created = bent(&|h| h["slots"][0]["created_at"] = json!(1));
    assert_eq!(created, (8, "header_changed".into()));
    for (member, value) in [
        ("memory_kib", 1024 * 1024),
        ("memory_kib", 8),
        ("iterations", 4_000_000),
    ] {
        let greedy = bent(&|h| h["slots"][0]["kdf"][member] = json!(value));
        assert_eq!(greedy, (1, "vault_damaged".into()), "{member}");
    }
    put_header(&cli, &whole);
    let second = source(&cli, "second one");
    cli.run(&["vault", "add-passphrase", "--new", &second])
        .json();
    put_header(&cli, &whole);
    assert_eq!(
        code(&cli.run(&["app", "list"])),
        (8, "header_outdated".into())
    );
}

#[test]
fn t44_an_old_database_is_said_until_it_is_accepted() {
    let cli = Cli::with_vault();
    let old = fs::read(cli.home().join("vault.db")).unwrap();
    for name in ["second one", "third one"] {
        let new = source(&cli, name);
        cli.run(&["vault", "add-passphrase", "--new", &new]).json();
    }
    fs::write(cli.home().join("vault.db"), old).unwrap();
    let notices = || cli.run(&["status"]).json()["notices"].clone();
    assert_eq!(notices()[0]["code"], "rolled_back");
    assert_eq!(code(&cli.run(&["vault", "accept"])), (2, "no_input".into()));
    assert_eq!(notices()[0]["code"], "rolled_back");
    cli.run(&["vault", "accept", "--yes"]).json();
    assert_eq!(notices(), json!([]));
}

#[test]
fn t45_guessing_is_slowed_down_over_restarts_and_the_wait_is_said() {
    let cli = Cli::with_vault();
    for _ in 0..3 {
        assert_eq!(
            code(&opens(&cli, "a guess")),
            (4, "wrong_passphrase".into())
        );
    }
    let early = opens(&cli, "correct horse battery");
    assert_eq!(code(&early), (4, "too_many_attempts".into()));
    let message = early.error()["message"].as_str().unwrap().to_owned();
    let seconds = ["1 s.", "2 s."];
    assert!(
        seconds.iter().any(|text| message.contains(text)),
        "{message}"
    );
    sleep(Duration::from_secs(3));
    assert_eq!(opens(&cli, "correct horse battery").code, 0);
    assert_eq!(
        code(&opens(&cli, "a guess")),
        (4, "wrong_passphrase".into())
    );
}

#[test]
fn t46_the_answer_to_a_wrong_passphrase_does_not_tell_how_many_slots_there_are() {
    let cli = Cli::with_vault();
    let one = opens(&cli, "a guess").error();
    let second = source(&cli, "second one");
    cli.run(&["vault", "add-passphrase", "--new", &second])
        .json();
    assert_eq!(opens(&cli, "a guess").error(), one);
}

#[cfg(unix)]
#[test]
fn f08_a_vault_that_others_can_read_is_said_and_mended_on_demand() {
    use std::os::unix::fs::PermissionsExt as _;
    let cli = Cli::with_vault();
    let set = |path: &Path, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode));
    set(&cli.home(), 0o755).unwrap();
    set(&cli.home().join("vault.json"), 0o644).unwrap();
    let status = cli.run(&["status"]).json();
    assert_eq!(status["notices"][0]["code"], "permissions");
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&cli.home()), 0o755, "nothing is mended unasked");
    cli.run(&["vault", "mend"]).json();
    assert_eq!(cli.run(&["status"]).json()["notices"], json!([]));
    assert_eq!(
        (mode(&cli.home()), mode(&cli.home().join("vault.json"))),
        (0o700, 0o600)
    );
}

#[cfg(target_os = "linux")]
#[test]
fn f25_too_little_memory_for_the_passphrase_is_said() {
    let cli = Cli::with_vault();
    let mut limited = Command::new("prlimit");
    let command = cli.command(&["app", "list"]);
    limited
        .arg("--data=62914560")
        .arg(command.get_program())
        .args(command.get_args())
        .envs(
            command
                .get_envs()
                .filter_map(|(name, value)| Some((name, value?))),
        );
    let output = limited.output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains(r#""code":"not_enough_memory""#), "{said}");
    assert_eq!(cli.run(&["app", "list"]).code, 0);
}

/// A copy of a vault, to be broken.
#[cfg(target_os = "linux")]
fn copy(from: &Path, to: &Path) {
    use std::os::unix::fs::DirBuilderExt as _;
    fs::DirBuilder::new().mode(0o700).create(to).unwrap();
    for item in fs::read_dir(from).unwrap() {
        let path = item.unwrap().path();
        fs::copy(&path, to.join(path.file_name().unwrap())).unwrap();
    }
}

/// Runs a command on a copy of the vault and ends it with SIGKILL at its `nth` call of `call`, before the call is
/// carried out. Says whether it came that far.
#[cfg(target_os = "linux")]
fn killed_at(cli: &Cli, home: &Path, arguments: &[&str], call: &str, nth: usize) -> bool {
    let command = cli.command(arguments);
    let status = Command::new("strace")
        .args(["-f", "-qq", "-o", "/dev/null"])
        .args(["-e", &format!("trace={call}")])
        .args(["-e", &format!("inject={call}:signal=SIGKILL:when={nth}")])
        .arg(program("keywright"))
        .args(command.get_args())
        .envs(
            command
                .get_envs()
                .filter_map(|(name, value)| Some((name, value?))),
        )
        .env("KEYWRIGHT_HOME", home)
        .output()
        .expect("strace is installed by `cargo xtask test`")
        .status;
    !status.success()
}

/// Ends the command at calls that write, one after the other, and lets `check` look at the vault each time.
#[cfg(target_os = "linux")]
fn end_at_every_write(cli: &Cli, arguments: &[&str], check: impl Fn(&Path, &str)) -> usize {
    // Of the many writes of pages every few are enough; each sync, rename and deletion is met.
    let calls = [
        ("/^rename", 1),
        ("fsync", 1),
        ("fdatasync", 1),
        ("/^unlink", 1),
        ("write", 2),
        ("pwrite64", 13),
    ];
    let mut cases = 0;
    for (call, step) in calls {
        for nth in (1..).step_by(step) {
            let home = cli.folder().join(format!("cut-{cases}"));
            copy(&cli.home(), &home);
            let cut = killed_at(cli, &home, arguments, call, nth);
            check(&home, &format!("{call} {nth}"));
            fs::remove_dir_all(&home).unwrap();
            cases += 1;
            if !cut {
                break;
            }
        }
    }
    cases
}

#[cfg(target_os = "linux")]
#[test]
fn f02_killed_at_any_write_of_a_new_key_the_old_or_the_new_state_is_whole() {
    let cli = Cli::with_vault();
    cli.config("Kept", "https://id.example", &[]);
    let cases = end_at_every_write(&cli, &["vault", "rotate-key"], |home, at| {
        let home = home.to_str().unwrap();
        let list = cli.run_env(&["config", "list"], "KEYWRIGHT_HOME", home);
        assert_eq!(list.json()["items"][0]["name"], "Kept", "{at}");
        // What was cut off is cleared away, and the header names the one database that is left.
        let databases: Vec<_> = fs::read_dir(home)
            .unwrap()
            .map(|item| item.unwrap().file_name().into_string().unwrap())
            .filter(|name| {
                Path::new(name)
                    .extension()
                    .is_some_and(|extension| extension == "db")
            })
            .collect();
        let header: Value =
            serde_json::from_slice(&fs::read(Path::new(home).join("vault.json")).unwrap()).unwrap();
        assert_eq!(json!(databases), json!([header["database"]]), "{at}");
    });
    assert!(cases >= 30, "only {cases} cases");
}

#[cfg(target_os = "linux")]
#[test]
fn f02_killed_at_any_write_of_a_changed_passphrase_the_old_or_the_new_one_opens() {
    let cli = Cli::with_vault();
    let old = format!("file:{}", cli.folder().join("passphrase").display());
    let new = source(&cli, "new one");
    let arguments = ["vault", "change-passphrase", "--old", &old, "--new", &new];
    let opens = |home: &Path, passphrase: &str| {
        let mut command = cli.command(&["vault", "slots"]);
        command.env("KEYWRIGHT_HOME", home);
        command.env("KEYWRIGHT_PASSPHRASE_FILE", cli.folder().join(passphrase));
        command.output().unwrap().status.success()
    };
    let cases = end_at_every_write(&cli, &arguments, |home, at| {
        let (old, new) = (opens(home, "passphrase"), opens(home, "new-one"));
        assert!(old != new, "{at}: old {old}, new {new}");
    });
    assert!(cases >= 10, "only {cases} cases");
}
