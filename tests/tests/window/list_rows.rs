//! The rows of the list of applications.

use std::time::{Duration, Instant};

use keywright_tests::Window;
use serde_json::Value;

/// Waits until the rows have these names, in this order.
pub(crate) async fn names_are(w: &Window, wanted: &[&str]) {
    let script = "return [...document.querySelectorAll('[data-testid=app-row] .ttl')]\
        .sort((a, b) => a.getBoundingClientRect().top - b.getBoundingClientRect().top).map((e) => e.innerText)";
    let begun = Instant::now();
    loop {
        let found = w.client.execute(script, Vec::new()).await.unwrap();
        let all = found.as_array().unwrap().iter();
        let names: Vec<&str> = all.filter_map(Value::as_str).collect();
        if names == wanted {
            return;
        }
        assert!(begun.elapsed().as_secs() < 60, "{names:?}, not {wanted:?}");
        tokio::time::sleep(Duration::from_millis(60)).await;
    }
}

pub(crate) async fn sort_by_name(w: &Window) {
    let order = w.find("app-sort").await;
    order.select_by_value("name").await.unwrap();
}

/// Clicks the row at this place, counted from 1.
pub(crate) async fn choose(w: &Window, place: u32) {
    let row = format!("[data-testid=app-list-row][aria-posinset=\"{place}\"]");
    w.css(&row).await.click().await.unwrap();
}
