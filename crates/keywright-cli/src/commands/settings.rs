//! settings.

use keywright_core::{Keywright, view::Preferences};

use crate::{
    args::{Cli, SettingsCommand},
    failure::Failure,
    output,
};

/// The settings are in a file next to the vault: they are read and written without opening it. Smaller limits of
/// history take effect when the vault is open, or opened next.
pub(crate) fn run(
    cli: &Cli,
    keywright: &Keywright,
    command: &SettingsCommand,
) -> Result<u8, Failure> {
    if let Some(problem) = keywright.settings_problem() {
        output::status(false, &problem);
    }
    let before = keywright.preferences()?;
    let mut settings = before.clone();
    if let SettingsCommand::Set {
        activity_entries,
        activity_days,
        sessions,
        auto_lock_minutes,
        proxy,
    } = command
    {
        let replace = |setting: &mut u32, given: &Option<u32>| *setting = given.unwrap_or(*setting);
        replace(&mut settings.activity_entries, activity_entries);
        replace(&mut settings.activity_days, activity_days);
        replace(&mut settings.sessions, sessions);
        replace(&mut settings.auto_lock_minutes, auto_lock_minutes);
        if let Some(proxy) = proxy {
            settings.proxy = Some(proxy.clone()).filter(|proxy| proxy != "system");
        }
        settings = keywright.change_preferences(&before, &settings)?;
    }
    output::data(cli.json, &settings, || lines(&settings))?;
    Ok(0)
}

fn lines(settings: &Preferences) -> Vec<String> {
    let auto_lock = match settings.auto_lock_minutes {
        0 => "never".to_owned(),
        minutes => format!("{minutes} min"),
    };
    vec![
        format!("activity-entries   {}", settings.activity_entries),
        format!("activity-days      {}", settings.activity_days),
        format!("sessions           {}", settings.sessions),
        format!("auto-lock-minutes  {auto_lock}"),
        output::escape_control_chars(&format!(
            "proxy              {}",
            settings.proxy.as_deref().unwrap_or("system")
        )),
    ]
}
