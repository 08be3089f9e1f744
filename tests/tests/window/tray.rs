//! The icon in the tray, and notices of the desktop.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use keywright_core::{
    Clock,
    view::{ConfigurationInput, Draft, SecretRef, TokenWish},
};
use keywright_sandbox::Personality;
use keywright_tests::{Clipboard, CoreFixture, Desktop, Hands, PickyServer, Window};
use serde_json::json;

const SOON: Duration = Duration::from_secs(20);

/// A vault with the pinned application `orders`.
async fn with_orders() -> (CoreFixture, String) {
    let fixture = CoreFixture::new().await;
    let configuration = fixture.configure(Personality::Rfc7591);
    let draft = fixture.draft(Personality::Rfc7591, &configuration.id, "orders");
    let made = fixture
        .keywright
        .registration()
        .register(draft)
        .await
        .unwrap();
    let id = made.application.id;
    fixture
        .keywright
        .applications()
        .set_pinned(&id, true)
        .unwrap();
    (fixture, id)
}

async fn opened(fixture: &CoreFixture, desktop: &Desktop) -> Window {
    let bus = [("DBUS_SESSION_BUS_ADDRESS", desktop.address())];
    Window::open_with(&fixture.home(), &bus, &[]).await
}

fn keep_in_tray(fixture: &CoreFixture) {
    let before = fixture.keywright.preferences().unwrap();
    let mut preferences = before.clone();
    preferences.keep_in_tray = true;
    fixture
        .keywright
        .change_preferences(&before, &preferences)
        .unwrap();
}

async fn until(holds: impl Fn() -> bool, what: &str) {
    let begun = Instant::now();
    while !holds() {
        assert!(begun.elapsed() < SOON, "timed out waiting for {what}");
        tokio::time::sleep(Duration::from_millis(150)).await;
    }
}

/// The token that is in the vault now.
async fn token_of(fixture: &CoreFixture, id: &str) -> String {
    let wish = TokenWish {
        application_id: id.to_owned(),
        ..TokenWish::default()
    };
    let token = fixture.keywright.tokens().get(&wish).await.unwrap();
    let secret = SecretRef::AccessToken { token_id: token.id };
    let value = fixture.keywright.disclosure().reveal(&secret).unwrap();
    value.expose().to_owned()
}

fn labels(menu: &[keywright_tests::MenuEntry]) -> Vec<&str> {
    menu.iter().map(|entry| entry.label.as_str()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn window_tray_shows_the_state_and_copies_a_token() {
    let desktop = Desktop::start().await;
    let (fixture, id) = with_orders().await;
    let w = opened(&fixture, &desktop).await;
    let menu = desktop.menu_with("Locked").await;
    assert_eq!(
        labels(&menu),
        ["Locked", "Open Keywright", "Unlock…", "Quit"]
    );

    w.unlock().await;
    let menu = desktop.menu_with("orders").await;
    assert_eq!(
        labels(&menu),
        [
            "Unlocked",
            "Quick access…",
            "Copy token",
            "orders",
            "Presenter mode",
            "Open Keywright",
            "Lock now",
            "Quit"
        ]
    );
    assert_eq!(desktop.icons(), 1);
    desktop.choose("orders").await;
    let clipboard = Clipboard::of(&w.display.name);
    until(|| !desktop.notices().is_empty(), "a notice").await;
    let copied = clipboard.get("UTF8_STRING").unwrap_or_default();
    let token = token_of(&fixture, &id).await;
    assert!(!token.is_empty());
    assert_eq!(copied, token);
    assert!(
        desktop
            .notices()
            .iter()
            .any(|(title, text)| title == "Access token copied: orders" && !text.contains(&token)),
        "{:?}",
        desktop.notices()
    );

    desktop.choose("Lock now").await;
    w.find("unlock").await;
    desktop.menu_with("Locked").await;
    w.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn window_tray_has_no_real_name_in_presenter_mode() {
    let desktop = Desktop::start().await;
    let (fixture, _) = with_orders().await;
    let w = opened(&fixture, &desktop).await;
    w.unlock().await;
    desktop.choose("Presenter mode").await;
    w.find("presenter").await;
    let begun = Instant::now();
    let menu = loop {
        let menu = desktop.menu_with("Unlocked").await;
        if menu
            .iter()
            .any(|entry| entry.label == "Presenter mode" && entry.ticked)
        {
            break menu;
        }
        assert!(begun.elapsed() < SOON, "{menu:?}");
        tokio::time::sleep(Duration::from_millis(200)).await;
    };
    let names = labels(&menu);
    assert!(!names.contains(&"orders"), "{names:?}");
    let pseudonym = names.iter().find(|name| name.starts_with("demo-app-"));
    let pseudonym = (*pseudonym.unwrap()).to_owned();
    // The window shows the same one, once its pages are loaded again.
    let begun = Instant::now();
    while !w.page_source().await.contains(&pseudonym) {
        assert!(begun.elapsed() < SOON, "the window shows another one");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    desktop.choose(&pseudonym).await;
    until(|| !desktop.notices().is_empty(), "a notice").await;
    let shown = format!("{:?}", desktop.notices());
    assert!(
        shown.contains(&pseudonym) && !shown.contains("orders"),
        "{shown}"
    );
    w.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn window_without_a_tray_starts_and_ends_as_before() {
    let desktop = Desktop::without_tray().await;
    let (fixture, _) = with_orders().await;
    keep_in_tray(&fixture);
    let w = opened(&fixture, &desktop).await;
    w.unlock().await;
    assert_eq!(desktop.icons(), 0);
    // There would be no way back to a hidden window: its end is that of the program.
    w.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn window_closed_stays_in_the_tray_where_that_was_chosen() {
    let desktop = Desktop::start().await;
    let (fixture, _) = with_orders().await;
    keep_in_tray(&fixture);
    let bus = [("DBUS_SESSION_BUS_ADDRESS", desktop.address())];
    let mut hands = Hands::open(&fixture.home(), &bus);
    desktop.menu_with("Locked").await;
    hands.ask_to_close();
    hands.hidden();
    assert!(hands.runs(), "the program has ended");
    desktop.choose("Open Keywright").await;
    hands.focus();
    desktop.choose("Quit").await;
    until_ended(&mut hands).await;
}

/// `orders`, whose client secret ends in five days.
async fn with_short_lived() -> CoreFixture {
    let server = PickyServer::start(json!({}), |asked| {
        let mut answer = asked.clone();
        answer["client_id"] = json!("short-lived");
        answer["client_secret"] = json!("a-secret-of-this-test");
        let now = Clock::system().now();
        answer["client_secret_expires_at"] = json!(now + 5 * 86_400);
        Some((201, answer))
    });
    let fixture = CoreFixture::new().await;
    let configuration = fixture
        .keywright
        .configurations()
        .save(ConfigurationInput {
            id: None,
            name: "Short".to_owned(),
            provider: "rfc7591".to_owned(),
            issuer: server.issuer.clone(),
            settings: BTreeMap::new(),
            secrets: BTreeMap::new(),
        })
        .unwrap();
    let draft = Draft {
        configuration_id: configuration.id,
        name: "orders".to_owned(),
        grant_types: vec!["client_credentials".to_owned()],
        ..Draft::default()
    };
    fixture
        .keywright
        .registration()
        .register(draft)
        .await
        .unwrap();
    fixture
}

async fn until_ended(hands: &mut Hands) {
    let begun = Instant::now();
    while hands.runs() {
        assert!(
            begun.elapsed() < SOON,
            "timed out waiting for the program to end"
        );
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn window_notices_report_an_expiry_once() {
    let desktop = Desktop::start().await;
    let fixture = with_short_lived().await;
    let w = opened(&fixture, &desktop).await;
    w.unlock().await;
    until(|| !desktop.notices().is_empty(), "a notice").await;
    let [(title, text)] = &desktop.notices()[..] else {
        panic!("{:?}", desktop.notices());
    };
    assert_eq!(title, "Client secret expires soon");
    assert_eq!(text, "The client secret of “orders” expires within 7 days.");
    w.close().await;

    // The vault remembers: another start reports nothing.
    let w = opened(&fixture, &desktop).await;
    w.unlock().await;
    tokio::time::sleep(Duration::from_secs(8)).await;
    assert_eq!(desktop.notices().len(), 1);
    w.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn window_started_in_the_tray_is_hidden() {
    let (fixture, _) = with_orders().await;
    let desktop = Desktop::start().await;
    let bus = [("DBUS_SESSION_BUS_ADDRESS", desktop.address())];
    let hands = Hands::in_tray(&fixture.home(), &bus);
    desktop.menu_with("Locked").await;
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert!(!hands.sees(900..=u16::MAX), "the window is seen");
    desktop.choose("Open Keywright").await;
    hands.focus();
    hands.close();

    // Without a tray there would be no way to it.
    let bare = Desktop::without_tray().await;
    let bus = [("DBUS_SESSION_BUS_ADDRESS", bare.address())];
    let hands = Hands::in_tray(&fixture.home(), &bus);
    hands.focus();
    hands.close();
}
