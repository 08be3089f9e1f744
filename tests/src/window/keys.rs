//! The keyboard of the window, and where its focus is.

use fantoccini::{
    actions::{InputSource as _, KeyAction, KeyActions},
    key::Key,
};
use serde_json::Value;

use super::Window;

impl Window {
    /// Presses keys together: `["Control", "k"]`.
    pub async fn press(&self, keys: &[&str]) {
        let keys: Vec<char> = keys.iter().map(|key| named(key)).collect();
        let mut actions = KeyActions::new("keyboard".into());
        for key in &keys {
            actions = actions.then(KeyAction::Down { value: *key });
        }
        for key in keys.iter().rev() {
            actions = actions.then(KeyAction::Up { value: *key });
        }
        self.client
            .perform_actions(actions)
            .await
            .expect("keys are pressed");
    }

    /// Types text by keys alone, into what has the focus.
    pub async fn type_keys(&self, text: &str) {
        let mut actions = KeyActions::new("keyboard".into());
        for key in text.chars() {
            actions = actions
                .then(KeyAction::Down { value: key })
                .then(KeyAction::Up { value: key });
        }
        self.client
            .perform_actions(actions)
            .await
            .expect("keys are pressed");
    }

    /// `data-testid` of what has the focus.
    pub async fn focused(&self) -> Option<String> {
        let script = "const e = document.activeElement; return e ? (e.closest('[data-testid]')?.dataset.testid ?? null) : null";
        let found: Value = self
            .client
            .execute(script, Vec::new())
            .await
            .expect("a script runs");
        found.as_str().map(str::to_owned)
    }

    /// Walks to a control with Tab alone.
    pub async fn tab_to(&self, id: &str) {
        self.find(id).await;
        for _ in 0..160 {
            if self.focused().await.as_deref() == Some(id) {
                return;
            }
            self.press(&["Tab"]).await;
        }
        panic!(
            "Tab never reached {id}; the focus is at {:?}",
            self.focused().await
        );
    }

    /// Walks to a check box or an option, which its label draws so that the driver does not see it, and presses Space.
    pub async fn space_on(&self, id: &str) {
        self.exists(&format!("[data-testid=\"{id}\"]")).await;
        for _ in 0..160 {
            if self.focused().await.as_deref() == Some(id) {
                self.press(&["Space"]).await;
                return;
            }
            self.press(&["Tab"]).await;
        }
        panic!("Tab never reached {id}");
    }

    /// Walks to a field and replaces its text.
    pub async fn retype(&self, id: &str, text: &str) {
        self.tab_to(id).await;
        self.press(&["Control", "a"]).await;
        self.type_keys(text).await;
    }

    /// Walks to a control and presses Enter.
    pub async fn enter_on(&self, id: &str) {
        self.tab_to(id).await;
        self.press(&["Enter"]).await;
    }
}

fn named(key: &str) -> char {
    match key {
        "Control" => Key::Control.into(),
        "Shift" => Key::Shift.into(),
        "Alt" => Key::Alt.into(),
        "Tab" => Key::Tab.into(),
        "Enter" => Key::Enter.into(),
        "Escape" => Key::Escape.into(),
        "Space" => ' ',
        "Down" => Key::Down.into(),
        "Up" => Key::Up.into(),
        "Right" => Key::Right.into(),
        "Left" => Key::Left.into(),
        "Delete" => Key::Delete.into(),
        "End" => Key::End.into(),
        "Home" => Key::Home.into(),
        "Backspace" => Key::Backspace.into(),
        "F2" => Key::F2.into(),
        "F5" => Key::F5.into(),
        "F10" => Key::F10.into(),
        other => {
            assert_eq!(other.chars().count(), 1, "{other} is not a key");
            other.chars().next().expect("a key")
        }
    }
}
