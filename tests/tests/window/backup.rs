//! Backup, restore, health and the check of the audit log in the real window.

use keywright_tests::{Cli, SandboxProcess, Window};

const PASSPHRASE: &str = "correct horse battery";
/// No text of the pages, which are searched for it.
const OWN: &str = "own-0f-the-backup-4b1f";

#[tokio::test(flavor = "multi_thread")]
async fn window_backs_up_restores_and_says_what_is_well() {
    let sandbox = SandboxProcess::start(&[]);
    let cli = Cli::with_vault();
    cli.config("Sandbox", &sandbox.issuer(), &[]);
    cli.register("orders", "Sandbox", &[]).json();
    let file = cli.folder().join("one.backup").display().to_string();

    let w = Window::open(&cli.home()).await;
    w.fill("unlock-passphrase", PASSPHRASE).await;
    w.click("unlock-submit").await;
    w.click("nav-settings").await;
    w.fill("backup-file", &file).await;
    w.fill("backup-passphrase", OWN).await;
    w.fill("backup-passphrase-again", OWN).await;
    w.click("backup-make").await;
    w.says("toast", "verified").await;

    // Another program changes the vault; the window shows what a restore would undo.
    cli.run(&["app", "forget", "orders", "--yes"]).json();
    cli.register("later", "Sandbox", &[]).json();
    w.fill("restore-file", &file).await;
    w.fill("restore-passphrase", "wrong").await;
    w.click("restore-look").await;
    w.says("backup-error", "does not open").await;
    w.fill("restore-passphrase", OWN).await;
    w.click("restore-look").await;
    w.says("restore-removed", "later").await;
    w.says("restore-added", "orders").await;
    assert!(w.axe().await.is_empty(), "the dialog is for everyone");
    w.click("restore-confirm").await;
    w.says("toast", "Restored").await;
    w.click("nav-applications").await;
    w.says("app-row", "orders").await;

    w.click("nav-settings").await;
    w.click("doctor-run").await;
    w.says("doctor-last_backup", "less than a day").await;
    w.says("doctor-audit_log", "intact").await;
    assert!(w.axe().await.is_empty(), "so is what the doctor says");
    assert!(!w.page_source().await.contains(OWN));

    w.click("nav-activity").await;
    w.click("activity-tab-audit").await;
    w.says("audit-whole", "intact").await;
    w.close().await;
    assert_eq!(cli.run(&["audit", "verify"]).json()["ok"], true);
}
