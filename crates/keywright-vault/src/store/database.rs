//! Opening the encrypted database: the key, the settings of a connection, migrations with a backup before them.

use std::path::Path;
use std::time::Duration;

use rusqlite::backup::Backup;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags, TransactionBehavior};
use rusqlite_migration::{M, Migrations};
use zeroize::Zeroizing;

use crate::VaultError;
use crate::backup::automatic::{self, Before};
use crate::error::Damage;
use crate::files::home::VaultPaths;
use crate::keys::kdf::Key;
use crate::keys::stack::wiped;

/// How long a writer waits for another process.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// SQLCipher's page.
const PAGE_BYTES: u64 = 4096;

/// The number of steps in [`migrations`].
const NEWEST_SCHEMA: u32 = 5;

/// The schema, one step per format of the database; steps only go forward.
pub(crate) fn migrations() -> Migrations<'static> {
    Migrations::new(vec![
        M::up(include_str!("../../migrations/0001.sql")),
        M::up(include_str!("../../migrations/0002.sql")),
        M::up(include_str!("../../migrations/0003.sql")),
        M::up(include_str!("../../migrations/0004.sql")),
        M::up(include_str!("../../migrations/0005.sql")),
    ])
}

/// The schema that this build writes.
pub(crate) fn newest_schema() -> u32 {
    NEWEST_SCHEMA
}

/// Opens the writer's connection. The file must exist (an empty one becomes a new database). Its log is not
/// folded into it before [`trust`].
pub(crate) fn open_writer(database: &Path, key: &Key) -> Result<Connection, VaultError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut connection = open(database, key, flags)?;
    connection.set_transaction_behavior(TransactionBehavior::Immediate);
    connection.pragma_update(None, "journal_mode", "WAL")?;
    sync_commits(&connection, true)?;
    connection.pragma_update(None, "foreign_keys", true)?;
    // What is deleted is overwritten with zeros in the pages: a secret that is gone is in no page any more.
    connection.pragma_update(None, "secure_delete", true)?;
    Ok(connection)
}

/// Whether a commit waits until the disk has it. The log is whole either way, and synced before it is folded in.
pub(crate) fn sync_commits(connection: &Connection, wait: bool) -> Result<(), VaultError> {
    let level = if wait { "FULL" } else { "NORMAL" };
    Ok(connection.pragma_update(None, "synchronous", level)?)
}

/// Opens a connection that can only read.
pub(crate) fn open_reader(database: &Path, key: &Key) -> Result<Connection, VaultError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = open(database, key, flags)?;
    connection.pragma_update(None, "query_only", true)?;
    Ok(connection)
}

/// Opens a connection to a database that nobody can write now and whose log is empty: a folder that can only be
/// read has no place for the log that other connections need.
pub(crate) fn open_at_rest(paths: &VaultPaths, key: &Key) -> Result<Connection, VaultError> {
    let Some(path) = paths
        .database
        .to_str()
        .filter(|_| has_no_page(&paths.log()))
    else {
        return open_reader(&paths.database, key);
    };
    let path = path
        .replace('%', "%25")
        .replace('?', "%3f")
        .replace('#', "%23");
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY
        | OpenFlags::SQLITE_OPEN_NO_MUTEX
        | OpenFlags::SQLITE_OPEN_URI;
    let address = format!("file:{path}?immutable=1");
    let connection = open(Path::new(&address), key, flags)?;
    connection.pragma_update(None, "query_only", true)?;
    Ok(connection)
}

/// What a process left that ended without closing the vault is looked through before it is used: a log of another
/// vault would be folded into this one's database, and a log that is gone took the newest changes with it.
pub(crate) fn check_left(connection: &Connection, paths: &VaultPaths) -> Result<(), VaultError> {
    if has_no_page(&paths.log()) {
        return Ok(());
    }
    let first: String = connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    if first == "ok" {
        Ok(())
    } else {
        Err(Damage::Structure { first }.into())
    }
}

/// The file is not there, or is shorter than a page.
pub(crate) fn has_no_page(path: &Path) -> bool {
    std::fs::metadata(path).map_or(0, |data| data.len()) < PAGE_BYTES
}

/// From now on the log may be folded into the database.
pub(crate) fn trust(connection: &Connection) -> Result<(), VaultError> {
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, false)?;
    Ok(())
}

/// Opens a database that nobody else has open, to read and write; it keeps no log next to it.
pub(crate) fn open_file(database: &Path, key: &Key) -> Result<Connection, VaultError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    open(database, key, flags)
}

fn open(database: &Path, key: &Key, flags: OpenFlags) -> Result<Connection, VaultError> {
    let connection = Connection::open_with_flags(database, flags)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    set_key(&connection, key)?;
    wiped(|| check_key(&connection))?;
    // macOS leaves what fsync(2) wrote in the cache of the disk; other systems ignore the two.
    connection.pragma_update(None, "fullfsync", true)?;
    connection.pragma_update(None, "checkpoint_fullfsync", true)?;
    // A sort that spills must not write a page outside of the encrypted file.
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    // 64 MiB: decrypted pages of a vault with 100,000 applications stay at hand.
    connection.pragma_update(None, "cache_size", -65_536)?;
    connection.set_prepared_statement_cache_capacity(64);
    Ok(connection)
}

/// Asks the first question, whose answer needs the right key.
fn check_key(connection: &Connection) -> Result<(), VaultError> {
    match connection.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(())) {
        Err(error) if error.sqlite_error_code() == Some(rusqlite::ErrorCode::NotADatabase) => {
            Err(VaultError::DatabaseKeyRejected)
        }
        Err(error) => Err(error.into()),
        Ok(()) => Ok(()),
    }
}

/// Gives SQLCipher the raw key. A failure's text would quote the statement, and with it the key, so it is dropped.
fn set_key(connection: &Connection, key: &Key) -> Result<(), VaultError> {
    // SQLCipher would write its own remarks to standard error; what matters comes back as an error.
    connection.pragma_update(None, "cipher_log_level", "NONE")?;
    // Pages, rows and statements are wiped when they are freed, and locked in memory as far as the limit goes.
    connection.pragma_update(None, "cipher_memory_security", true)?;
    let digits = Zeroizing::new(hex::encode(key.as_slice()));
    let statement = Zeroizing::new(format!("PRAGMA key = \"x'{}'\"", digits.as_str()));
    wiped(|| connection.execute_batch(&statement))
        .map_err(|_quoted| VaultError::DatabaseKeyRejected)
}

/// Brings the schema up to date; a database that had content is copied first.
pub(crate) fn migrate(
    connection: &mut Connection,
    key: &Key,
    paths: &VaultPaths,
    migrations: &Migrations<'_>,
) -> Result<(), VaultError> {
    let found = schema_version(connection)?;
    let pending = migrations.pending_migrations(connection)?;
    if pending < 0 {
        let supported = i64::from(found) + i64::from(pending);
        return Err(VaultError::NewerVersion {
            found,
            supported: u32::try_from(supported).unwrap_or(0),
        });
    }
    if pending == 0 {
        return Ok(());
    }
    if found > 0 {
        automatic::copy(connection, key, paths, Before::Migration(found))?;
    }
    match bring_up_to_date(connection, migrations) {
        Ok(()) => Ok(()),
        // Another process may have been first while this one waited for the lock.
        Err(_) if migrations.pending_migrations(connection)? == 0 => Ok(()),
        Err(error) => Err(error),
    }
}

/// Runs the migrations that are missing.
pub(crate) fn bring_up_to_date(
    connection: &mut Connection,
    migrations: &Migrations<'_>,
) -> Result<(), VaultError> {
    Ok(migrations.to_latest(connection)?)
}

/// The number of migrations a database has seen.
pub(crate) fn schema_version(connection: &Connection) -> Result<u32, VaultError> {
    Ok(connection.query_row("PRAGMA user_version", [], |row| row.get(0))?)
}

/// Copies a database, as one state of it, into an empty file, encrypted with a key that may be another. Within a
/// transaction it is the state that the rest of the transaction sees.
pub(crate) fn copy(connection: &Connection, target: &Path, key: &Key) -> Result<(), VaultError> {
    // A transaction that has read nothing has no state yet: the copy would take one of its own and end it.
    connection.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))?;
    let mut copy = Connection::open(target)?;
    set_key(&copy, key)?;
    // In one step: between two, another process could write, and the copy would begin again.
    let every_page = std::ffi::c_int::MAX;
    Backup::new(connection, &mut copy)?.run_to_completion(every_page, Duration::ZERO, None)?;
    // A copy is one file: no log next to it.
    copy.pragma_update(None, "journal_mode", "DELETE")?;
    copy.close().map_err(|(_, error)| error.into())
}

#[cfg(all(test, target_os = "linux"))]
#[path = "migration_tests.rs"]
mod killed;

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]
    use super::*;
    use crate::VaultHome;
    use crate::files::home::open_private;
    use crate::keys::slots::random_key;

    fn prepared() -> (tempfile::TempDir, VaultPaths, Key) {
        let folder = tempfile::tempdir().unwrap();
        let paths = VaultHome::new(folder.path()).paths();
        open_private(&paths.database, false).unwrap();
        (folder, paths, random_key().unwrap())
    }

    #[test]
    fn the_schema_is_valid() {
        migrations().validate().unwrap();
        let mut db = Connection::open_in_memory().unwrap();
        migrations().to_latest(&mut db).unwrap();
        assert_eq!(schema_version(&db).unwrap(), newest_schema());
    }

    #[test]
    fn f09_a_copy_is_the_state_that_the_rest_of_its_transaction_sees() {
        let (folder, paths, key) = prepared();
        let writer = open_writer(&paths.database, &key).unwrap();
        writer
            .execute_batch("CREATE TABLE a (x); INSERT INTO a VALUES (1);")
            .unwrap();
        let mut reader = open_reader(&paths.database, &key).unwrap();
        let state = reader.transaction().unwrap();
        let target = folder.path().join("copy.db");
        open_private(&target, false).unwrap();
        copy(&state, &target, &key).unwrap();
        writer.execute_batch("INSERT INTO a VALUES (2);").unwrap();
        let count = |connection: &Connection| -> u32 {
            connection
                .query_row("SELECT count(*) FROM a", [], |row| row.get(0))
                .unwrap()
        };
        assert_eq!(count(&open_reader(&target, &key).unwrap()), 1);
        assert_eq!(count(&state), 1);
    }

    #[test]
    fn a_migration_of_an_existing_vault_leaves_a_backup_that_opens_with_the_same_key() {
        let (_folder, paths, key) = prepared();
        let first = || M::up("CREATE TABLE a (x); INSERT INTO a VALUES ('kept');");
        let mut db = open_writer(&paths.database, &key).unwrap();
        migrate(&mut db, &key, &paths, &Migrations::new(vec![first()])).unwrap();
        assert!(!paths.backups.exists());

        let two = Migrations::new(vec![first(), M::up("ALTER TABLE a RENAME TO b;")]);
        migrate(&mut db, &key, &paths, &two).unwrap();
        let kept: String = db.query_row("SELECT x FROM b", [], |r| r.get(0)).unwrap();
        assert_eq!(kept, "kept");

        let backup = paths.backups.join("vault-schema-1.db");
        let copy = open_reader(&backup, &key).unwrap();
        let kept: String = copy.query_row("SELECT x FROM a", [], |r| r.get(0)).unwrap();
        assert_eq!(kept, "kept");
        assert!(matches!(
            open_reader(&backup, &random_key().unwrap()),
            Err(VaultError::DatabaseKeyRejected)
        ));
    }

    #[test]
    fn a_writer_is_durable_and_checks_references() {
        let (_folder, paths, key) = prepared();
        let db = open_writer(&paths.database, &key).unwrap();
        let number = |name| db.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
        assert_eq!(number("synchronous").unwrap(), 2);
        assert_eq!(number("foreign_keys").unwrap(), 1);
        assert_eq!(number("busy_timeout").unwrap(), 5000);
        assert_eq!(number("temp_store").unwrap(), 2);
        assert_eq!(number("secure_delete").unwrap(), 1);
        assert_eq!(number("fullfsync").unwrap(), 1);
        assert_eq!(number("checkpoint_fullfsync").unwrap(), 1);
        let mode: String = db
            .pragma_query_value(None, "journal_mode", |row| row.get(0))
            .unwrap();
        assert_eq!(mode, "wal");
    }

    #[test]
    fn f22_a_database_from_a_newer_version_is_not_touched() {
        let (_folder, paths, key) = prepared();
        let mut db = open_writer(&paths.database, &key).unwrap();
        db.pragma_update(None, "user_version", 9).unwrap();
        match migrate(&mut db, &key, &paths, &migrations()) {
            Err(VaultError::NewerVersion { found, supported }) => {
                assert_eq!((found, supported), (9, newest_schema()));
            }
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn no_error_about_a_key_shows_the_key() {
        let (_folder, paths, key) = prepared();
        let mut db = open_writer(&paths.database, &key).unwrap();
        migrate(&mut db, &key, &paths, &migrations()).unwrap();
        let other = Key::from(&[0xab; 32]);
        let error = open_writer(&paths.database, &other).unwrap_err();
        assert!(
            matches!(error, VaultError::DatabaseKeyRejected),
            "{error:?}"
        );
        assert!(!format!("{error:?} {error}").contains("abab"));
    }
}
