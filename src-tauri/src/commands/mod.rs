//! Every command of the window: parse, call the core, tell the error. One file a screen.

pub(crate) mod activity;
pub(crate) mod applications;
pub(crate) mod backup;
pub(crate) mod client_keys;
pub(crate) mod client_secrets;
pub(crate) mod configurations;
pub(crate) mod connect;
pub(crate) mod console;
#[cfg(test)]
mod names;
pub(crate) mod quick_access;
pub(crate) mod register;
pub(crate) mod sandbox;
pub(crate) mod secrets;
pub(crate) mod sessions;
pub(crate) mod settings;
pub(crate) mod sign_in;
pub(crate) mod tokens;
pub(crate) mod vault;

use tauri_specta::{Builder, collect_commands, collect_events};

use crate::events;

/// All commands and events, typed for the pages.
#[expect(clippy::too_many_lines, reason = "one line a command")]
pub(crate) fn builder() -> Builder<tauri::Wry> {
    Builder::<tauri::Wry>::new()
        .dangerously_cast_bigints_to_number()
        .disable_serde_phases()
        .commands(collect_commands![
            vault::vault_status,
            vault::vault_create,
            vault::passphrase_strength,
            vault::passphrase_generate,
            vault::vault_unlock,
            vault::vault_lock,
            vault::protection_set,
            vault::activity_ping,
            applications::applications_page,
            applications::applications_find,
            applications::labels_list,
            applications::labels_change,
            applications::application_pin,
            applications::application_set_note,
            applications::applications_ends,
            applications::calendar_save,
            applications::application_get,
            applications::application_rename,
            applications::application_read,
            applications::application_update,
            applications::application_rotate,
            applications::application_set_secret,
            applications::application_delete,
            applications::application_forget,
            applications::application_restore,
            applications::application_adopt,
            applications::application_set_auto_refresh,
            register::register_options,
            register::register_preview,
            register::register_question,
            register::register_submit,
            register::pending_list,
            register::pending_resume,
            register::pending_discard,
            configurations::configurations_list,
            configurations::provider_kinds,
            configurations::configuration_form,
            configurations::configuration_save,
            configurations::configuration_forget_adapted,
            configurations::configuration_remove,
            configurations::configuration_verify,
            configurations::capability_export,
            configurations::configuration_connect,
            configurations::configuration_prefill,
            configurations::configuration_presets,
            configurations::configuration_preset_filled,
            configurations::configuration_orphans,
            tokens::token_current,
            tokens::token_get,
            tokens::token_introspect,
            tokens::token_revoke,
            tokens::token_verify,
            console::call_send,
            console::call_compare,
            console::call_save_body,
            sessions::sessions_page,
            sessions::session_get,
            sessions::session_replay,
            sessions::session_forget,
            sessions::session_import_preview,
            sessions::session_import,
            activity::activity_page,
            activity::stories_page,
            activity::story_get,
            activity::story_export,
            activity::story_save,
            activity::audit_page,
            activity::audit_check,
            activity::audit_save,
            secrets::secret_reveal,
            secrets::secret_copy,
            secrets::clipboard_clear,
            secrets::copy_text,
            sandbox::sandbox_status,
            sandbox::sandbox_start,
            sandbox::sandbox_stop,
            sandbox::sandbox_reset,
            sandbox::sandbox_set_faults,
            sandbox::sandbox_set_options,
            sandbox::sandbox_connect,
            backup::backup_make,
            backup::backup_choose,
            tokens::token_list,
            sign_in::token_grants,
            sign_in::sign_in,
            sign_in::sign_in_cancel,
            sign_in::sign_in_paste,
            sign_in::sign_in_open,
            sign_in::sign_out,
            tokens::token_userinfo,
            backup::restore_preview,
            backup::restore_apply,
            backup::doctor_report,
            connect::connect_look,
            connect::connect_prepare,
            connect::connect_call,
            client_keys::client_keys,
            client_keys::client_key_make,
            client_keys::client_key_import,
            client_keys::client_key_rotate,
            client_keys::client_key_remove,
            client_secrets::client_secrets,
            client_secrets::client_secret_remove,
            settings::preferences_get,
            settings::preferences_set,
            settings::place_get,
            settings::place_set,
            settings::window_info,
            settings::autostart_get,
            settings::autostart_set,
            quick_access::quick_access_open,
            quick_access::quick_access_find,
            quick_access::quick_access_copy,
            quick_access::quick_access_fit,
            quick_access::quick_access_hide,
            quick_access::quick_access_explain,
        ])
        .events(collect_events![
            events::VaultLocked,
            events::VaultChanged,
            events::SandboxChanged,
            events::ClipboardCleared,
            events::VerifyStepEvent,
            events::SignInStepEvent,
            events::QuickAccessShown,
            events::ShowPlace,
        ])
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use std::{fs, path::Path};

    use super::*;

    const BINDINGS: &str = "../ui/src/lib/ipc/bindings.ts";

    /// `KEYWRIGHT_WRITE_BINDINGS=1 cargo test -p keywright-app bindings` writes the file.
    #[test]
    fn the_bindings_of_the_pages_are_up_to_date() {
        let made = tempfile::NamedTempFile::with_suffix(".ts").unwrap();
        builder()
            .export(specta_typescript::Typescript::default(), made.path())
            .unwrap();
        let made = fs::read_to_string(made.path()).unwrap();
        if std::env::var_os("KEYWRIGHT_WRITE_BINDINGS").is_some() {
            fs::write(BINDINGS, &made).unwrap();
        }
        assert_eq!(
            fs::read_to_string(BINDINGS).unwrap(),
            made,
            "write the bindings anew"
        );
    }

    #[test]
    fn t34_what_is_allowed_is_what_the_pages_call() {
        let allowed = allowed_in("main");
        let bindings = fs::read_to_string(BINDINGS).unwrap();
        let of_main = |name: &&&str| !names::OF_QUICK_ACCESS_ALONE.contains(name);
        for name in names::COMMANDS {
            assert!(
                bindings.contains(&format!("__TAURI_INVOKE(\"{name}\"")),
                "{name} is not registered"
            );
        }
        for name in names::COMMANDS.iter().filter(of_main) {
            let permission = format!("allow-{}", name.replace('_', "-"));
            assert!(allowed.contains(&permission), "{permission} is missing");
        }
        let core: Vec<_> = allowed
            .iter()
            .filter(|name| name.starts_with("core:"))
            .collect();
        assert_eq!(
            core,
            [
                "core:event:allow-listen",
                "core:event:allow-unlisten",
                // `zoomHotkeysEnabled` of the window asks for it.
                "core:webview:allow-set-webview-zoom"
            ]
        );
        let ours = allowed
            .iter()
            .filter(|name| !name.starts_with("core:"))
            .count();
        assert_eq!(
            ours,
            names::COMMANDS.iter().filter(of_main).count(),
            "something is allowed that is no command"
        );
        let mut used = String::new();
        read_all(Path::new("../ui/src"), &mut used);
        for line in bindings
            .lines()
            .filter(|line| line.contains("__TAURI_INVOKE(\""))
        {
            let function = line.trim().split(':').next().unwrap();
            assert!(
                used.contains(&format!("commands.{function}(")),
                "no page calls {function}"
            );
        }
    }

    fn allowed_in(capability: &str) -> Vec<String> {
        let file = format!("capabilities/{capability}.json");
        let capability: serde_json::Value =
            serde_json::from_str(&fs::read_to_string(file).unwrap()).unwrap();
        let permissions = capability["permissions"].as_array().unwrap();
        let names = permissions.iter().map(|name| name.as_str().unwrap());
        names.map(str::to_owned).collect()
    }

    #[test]
    fn t34_quick_access_may_find_and_copy_alone() {
        let own = names::OF_QUICK_ACCESS_ALONE.iter().copied();
        let shared = [
            "vault_status",
            "vault_unlock",
            "preferences_get",
            "window_info",
        ];
        let mut wanted: Vec<String> = ["core:event:allow-listen", "core:event:allow-unlisten"]
            .map(str::to_owned)
            .into();
        let commands = shared.into_iter().chain(own);
        wanted.extend(commands.map(|name| format!("allow-{}", name.replace('_', "-"))));
        assert_eq!(allowed_in("quick"), wanted);
    }

    fn read_all(folder: &Path, into: &mut String) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                read_all(&path, into);
            } else if !path.ends_with("bindings.ts") {
                into.push_str(&fs::read_to_string(&path).unwrap_or_default());
            }
        }
    }
}
