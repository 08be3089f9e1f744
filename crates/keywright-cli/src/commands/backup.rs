//! backup and restore.

use std::path::Path;

use keywright_core::{
    CoreError, ErrorCode, FailureCode, Keywright, Lang, SecretText,
    file_kind::{self, FileKind, WantedFile},
    translate,
    view::{BackupInput, ContentsView, RestoreInput, RestoreView, RowsView, VaultState},
};

use crate::{
    args::{Cli, SourceArg},
    failure::Failure,
    output,
    secret_problem::SecretProblem,
    source::{self, Source},
    text::Key,
    unlock,
};

pub(crate) async fn back_up(
    cli: &Cli,
    keywright: &Keywright,
    file: &Path,
    passphrase: &SourceArg,
) -> Result<u8, Failure> {
    let source = Source::parse(passphrase, "--passphrase")?;
    let passphrase = source.read(
        cli,
        &translate(keywright.lang(), Key::PromptNewBackupPassphrase, &[]),
    )?;
    if source == Source::Prompt {
        // A slip of the finger would make a backup that nobody opens.
        again(cli, keywright.lang(), &passphrase)?;
    }
    let made = keywright
        .backups()
        .create(BackupInput {
            path: absolute(file)?,
            passphrase: passphrase.expose().to_owned(),
        })
        .await?;
    output::data(cli.json, &made, || {
        let mut lines = vec![
            output::escape_control_chars(&format!("file            {}", made.path)),
            format!("bytes           {}", made.bytes),
        ];
        lines.extend(counts(&made.contents));
        lines
    })?;
    output::status(
        cli.quiet || cli.json,
        &translate(keywright.lang(), Key::BackupVerified, &[]),
    );
    Ok(0)
}

pub(crate) async fn restore(
    cli: &Cli,
    keywright: &Keywright,
    file: &Path,
    passphrase: Option<&SourceArg>,
    yes: bool,
) -> Result<u8, Failure> {
    let source = passphrase
        .map(|source| Source::parse(source, "--passphrase"))
        .transpose()?;
    let lang = keywright.lang();
    let damaged = damaged(cli, keywright).await?;
    let passphrase = source
        .map(|source| source.read(cli, &translate(lang, Key::PromptBackupPassphrase, &[])))
        .transpose()?;
    let input = || -> Result<RestoreInput, Failure> {
        Ok(RestoreInput {
            path: absolute(file)?,
            passphrase: passphrase.as_ref().map(|text| text.expose().to_owned()),
        })
    };
    let restored = if yes && damaged {
        keywright
            .backups()
            .restore_in_place_of_damaged(input()?)
            .await
    } else if yes {
        keywright.backups().restore(input()?).await
    } else {
        keywright.backups().preview_restore(input()?).await
    };
    let view = restored.inspect_err(|error| name_foreign(cli, keywright, file, error))?;
    output::data(cli.json, &view, || lines(&view))?;
    if !cli.json {
        let said = match (view.restored, &view.before) {
            (true, Some(before)) => translate(lang, Key::Restored, &[("path", before)]),
            (true, None) => translate(lang, Key::RestoredNew, &[]),
            (false, _) if damaged => translate(lang, Key::RestorePreviewDamaged, &[]),
            (false, _) => translate(lang, Key::RestorePreview, &[]),
        };
        output::status(cli.quiet, &output::escape_control_chars(&said));
    }
    keywright.lock();
    Ok(0)
}

/// Opens the vault that is here. Whether there is one that is too damaged to be opened; a wrong passphrase is no damage.
async fn damaged(cli: &Cli, keywright: &Keywright) -> Result<bool, Failure> {
    let opened = match keywright.status() {
        Ok(status) if status.state == VaultState::Missing => return Ok(false),
        Ok(_) => unlock::open(cli, keywright).await,
        Err(error) => Err(error.into()),
    };
    match opened {
        Ok(()) => Ok(false),
        Err(Failure::Core(error))
            if matches!(
                error.code(),
                ErrorCode::Failure(FailureCode::VaultDamaged | FailureCode::DatabaseForeign)
            ) =>
        {
            Ok(true)
        }
        Err(failure) => Err(failure),
    }
}

fn again(cli: &Cli, lang: Lang, passphrase: &SecretText) -> Result<(), Failure> {
    let second = Source::Prompt.read(cli, &translate(lang, Key::PromptConfirmPassphrase, &[]))?;
    if second.is_same(passphrase) {
        Ok(())
    } else {
        Err(SecretProblem::Differs.into())
    }
}

/// The file as others can find it, too.
fn absolute(file: &Path) -> Result<String, Failure> {
    let path = std::path::absolute(file).map_err(|source| Failure::File {
        path: file.display().to_string(),
        source,
    })?;
    Ok(path.display().to_string())
}

fn lines(view: &RestoreView) -> Vec<String> {
    let mut lines = vec![output::escape_control_chars(&format!(
        "file            {}",
        view.path
    ))];
    if let (Some(at), Some(program)) = (view.created_at, &view.program) {
        lines.push(format!("created at      {}", keywright_core::rfc3339(at)));
        lines.push(output::escape_control_chars(&format!(
            "created by      {program}"
        )));
    }
    lines.push(format!(
        "of this vault   {}",
        if view.same_vault { "yes" } else { "no" }
    ));
    lines.extend(counts(&view.contents));
    lines.extend(changes("applications", &view.applications));
    lines.extend(changes("configurations", &view.configurations));
    lines
}

fn counts(contents: &ContentsView) -> Vec<String> {
    [
        ("configurations", contents.configurations),
        ("applications", contents.applications),
        ("secrets", contents.secrets),
        ("tokens", contents.tokens),
        ("sessions", contents.sessions),
        ("unfinished", contents.unfinished),
        ("exchanges", contents.exchanges),
        ("audit lines", contents.audit_lines),
    ]
    .into_iter()
    .map(|(name, count)| format!("{name:<15} {count}"))
    .collect()
}

fn changes(what: &str, rows: &RowsView) -> Vec<String> {
    let listed = |sign: char, count: u32, names: &[String]| {
        let more = usize::try_from(count).unwrap_or(usize::MAX) - names.len();
        let mut text = names.join(", ");
        if more > 0 {
            text.push_str(", …");
        }
        (count > 0).then(|| output::escape_control_chars(&format!("{sign} {count} {what}: {text}")))
    };
    let changed = (rows.changed > 0).then(|| format!("~ {} {what}", rows.changed));
    [
        listed('-', rows.removed, &rows.removed_names),
        listed('+', rows.added, &rows.added_names),
        changed,
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Says what a file is that is not a backup, where it is known.
fn name_foreign(cli: &Cli, keywright: &Keywright, file: &Path, error: &CoreError) {
    if error.code() != FailureCode::BackupForeign.into() {
        return;
    }
    let path = file.display().to_string();
    let kind = source::beginning_of(file)
        .ok()
        .and_then(|bytes| file_kind::recognise(&bytes))
        .filter(|kind| *kind != FileKind::Binary);
    if let Some(kind) = kind {
        let wanted = WantedFile::Backup;
        let named = Failure::ForeignFile { path, kind, wanted };
        output::status(cli.quiet || cli.json, &named.view(keywright.lang()).message);
    }
}
